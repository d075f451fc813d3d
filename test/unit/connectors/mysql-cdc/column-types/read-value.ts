/** One value through a column's readers. */
import { StructWriter } from '#data'
import { columnType } from '../../../../../connectors/mysql-cdc/column-types/column-type.ts'
import type { DeclaredColumn } from '../../../../../connectors/mysql-cdc/column-types/declared-column.ts'
import { parseDefault } from '../../../../../connectors/mysql-cdc/column-types/default-literal.ts'
import {
  defaultTypeOptions,
  type TypeOptions,
} from '../../../../../connectors/mysql-cdc/column-types/options.ts'
import type { LogColumn } from '../../../../../connectors/mysql-cdc/decode/table-map.ts'

/** `INT UNSIGNED`, `DECIMAL(5,2)`, `VARCHAR(9) NOT NULL`: a column of that definition. */
export function column(definition: string, more: Partial<DeclaredColumn> = {}): DeclaredColumn {
  const match = /^([A-Z0-9 ]+?)(?:\((\d+)(?:,(\d+))?\))?( UNSIGNED)?( NOT NULL)?$/.exec(definition)
  if (match === null) throw new Error(definition)
  const [, type = '', length, scale, unsigned = '', notNull] = match
  return {
    name: 'c',
    declaredType: `${type}${unsigned}`,
    length: length === undefined ? null : Number(length),
    scale: scale === undefined ? null : Number(scale),
    charset: null,
    labels: [],
    optional: notNull === undefined,
    default: null,
    ...more,
  }
}

export function logColumn(type: number, more: Partial<LogColumn> = {}): LogColumn {
  const none = {
    collation: null,
    labels: null,
    geometryType: null,
    visible: null,
    dimensions: null,
    name: null,
  }
  return { ...none, type, size: 0, scale: 0, width: 0, nullable: true, unsigned: null, ...more }
}

type Read = readonly [definition: string, options?: Partial<TypeOptions>]

/** The value of a text that a query gave. */
export function fromText([definition, options = {}]: Read, text: string | Buffer): unknown {
  const { schema, read } = columnType(column(definition), { ...defaultTypeOptions, ...options }).text
  const bytes = Buffer.concat([Buffer.of(0x30), Buffer.from(text as string), Buffer.of(0x30)])
  const writer = new StructWriter(schema)
  read(bytes, 1, bytes.length - 1, writer)
  return writer.result
}

/** The value of a cell of the log, in hexadecimal. */
export function fromLog([definition, options = {}]: Read, logged: LogColumn, hex: string): unknown {
  const { schema, read } = columnType(column(definition), { ...defaultTypeOptions, ...options }).log(logged)
  const bytes = Buffer.from(`ff${hex}ff`, 'hex')
  const writer = new StructWriter(schema)
  read(bytes, 1, bytes.length - 1, writer)
  return writer.result
}

/** What a DEFAULT clause announces; undefined: nothing. */
export function defaultOf(definition: string, sql: string, options: Partial<TypeOptions> = {}): unknown {
  const type = columnType(column(definition, { default: parseDefault(sql) }), {
    ...defaultTypeOptions,
    ...options,
  })
  return type.text.schema.hasDefault ? type.text.schema.default : undefined
}
