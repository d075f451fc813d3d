/** TinyIntOneToBooleanConverter: TINYINT(1), which servers show for BOOLEAN, is a boolean: whether it is above 0. */
import { patterns } from '#cdc'
import { boolean, parseConfig } from '#plugin'
import { canonicalType } from '../column-types/declared-column.ts'
import type { MysqlConverterClass } from './index.ts'
import { retyped, schemaLike, selector } from './retyped.ts'

const fields = {
  selector: patterns('The columns; unset: all.'),
  'length.checker': boolean({ default: true, doc: 'Only TINYINT(1); otherwise TINYINT of every width.' }),
}

const isAboveZero = (value: unknown) => Number(value) > 0

export const tinyIntOneToBoolean: MysqlConverterClass = {
  classes: [
    'io.debezium.connector.binlog.converters.TinyIntOneToBooleanConverter',
    'io.debezium.connector.mysql.converters.TinyIntOneToBooleanConverter',
  ],
  fields,
  freeOptions: null,
  create(options, name) {
    const selected = selector(options, name, 'selector', true)
    const onlyOne = parseConfig(fields, options)['length.checker']
    return (path, column, make) => {
      const isTiny = canonicalType(column.declaredType).type === 'TINYINT'
      if (!isTiny || (onlyOne && column.length !== 1) || !selected(path)) return null
      const base = make(column)
      return retyped(base, schemaLike(base.text.schema, 'boolean', isAboveZero), isAboveZero)
    }
  },
}
