/**
 * JdbcSinkDataTypesConverter: types by which a JDBC sink can make the column again: booleans as int16, real numbers as
 * float64 or float32, texts with their character set.
 */
import { patterns } from '#cdc'
import { boolean, parseConfig } from '#plugin'
import type { MysqlColumnType } from '../column-types/column-type.ts'
import type { DeclaredColumn } from '../column-types/declared-column.ts'
import type { MysqlConverterClass } from './index.ts'
import { retyped, schemaLike, selector } from './retyped.ts'

const fields = {
  'selector.boolean': patterns('Columns to be int16.'),
  'selector.real': patterns('Columns to be floating point numbers.'),
  'selector.string': patterns('Columns of text whose schemas tell their character set.'),
  'treat.real.as.double': boolean({
    default: true,
    doc: 'Whether real numbers are float64, otherwise float32.',
  }),
}

const numeric = new Set(['int8', 'int16', 'int32', 'int64', 'float32', 'float64', 'boolean'])

function numbered(base: MysqlColumnType, type: 'int16' | 'float32' | 'float64'): MysqlColumnType | null {
  const { schema } = base.text
  if (!numeric.has(schema.type) || schema.name !== null) return null
  const convert = (value: unknown) => (type === 'float32' ? Math.fround(Number(value)) : Number(value))
  return retyped(base, schemaLike(schema, type, convert), convert)
}

function withCharset(base: MysqlColumnType, { charset }: DeclaredColumn): MysqlColumnType | null {
  const { schema } = base.text
  if (schema.type !== 'string' || schema.name !== null || charset === null) return null
  const parameters = { '__debezium.source.column.character_set': charset, ...schema.parameters }
  const same = (value: unknown) => value
  return retyped(base, schemaLike(schema, 'string', same, { parameters }), same)
}

export const jdbcSinkDataTypes: MysqlConverterClass = {
  classes: [
    'io.debezium.connector.binlog.converters.JdbcSinkDataTypesConverter',
    'io.debezium.connector.mysql.converters.JdbcSinkDataTypesConverter',
  ],
  fields,
  freeOptions: null,
  create(options, name) {
    const [isBoolean, isReal, isString] = (['boolean', 'real', 'string'] as const).map((kind) =>
      selector(options, name, `selector.${kind}`, false),
    )
    const real = parseConfig(fields, options)['treat.real.as.double'] ? 'float64' : 'float32'
    return (path, column, make) => {
      if (isBoolean?.(path)) return numbered(make(column), 'int16')
      if (isReal?.(path)) return numbered(make(column), real)
      return isString?.(path) ? withCharset(make(column), column) : null
    }
  },
}
