/** The value converters that come with Debezium's connectors for MySQL and MariaDB. */
import type { ColumnConverter, ConverterClass } from '#cdc'
import type { MysqlColumnType } from '../column-types/column-type.ts'
import type { DeclaredColumn } from '../column-types/declared-column.ts'
import { jdbcSinkDataTypes } from './jdbc-sink-data-types.ts'
import { tinyIntOneToBoolean } from './tiny-int-one-to-boolean.ts'
import { zeroDateFallback } from './zero-date-fallback.ts'

export type MysqlConverter = ColumnConverter<DeclaredColumn, MysqlColumnType>
export type MysqlConverterClass = ConverterClass<DeclaredColumn, MysqlColumnType>

export const converterClasses: readonly MysqlConverterClass[] = [
  tinyIntOneToBoolean,
  jdbcSinkDataTypes,
  zeroDateFallback,
]
