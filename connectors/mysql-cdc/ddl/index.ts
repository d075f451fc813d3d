/** What the rest of the connector uses of DDL: texts in, tables and changes out. */
export { applyStatements, type Change, type SessionContext } from './apply.ts'
export { Catalog } from './catalog.ts'
export { declaredColumn } from './declared.ts'
export { type Dialect, dialectOf, mariadbDialect, mysqlDialect } from './dialect.ts'
export { parseDdl } from './parser.ts'
export type { Statement } from './statement.ts'
export type { Column, Table, TableId } from './table.ts'
