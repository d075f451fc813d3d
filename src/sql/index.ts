export {
  quoteTable,
  type ColumnDefinition,
  type Engine,
  type ServerVersion,
  type SqlClient,
  type SqlResult,
  type SqlValue,
  type TableDefinition,
  type TableKind,
  type TableName,
  type Login,
} from './client.ts'
export { parseJdbcUrl, type JdbcAddress, type JdbcUrl } from './jdbc-url.ts'
export { mysqlLiteral } from './mysql-literal.ts'
export { openSql, type OpenOptions } from './open.ts'
export { checkParameters } from './parameters.ts'
export { SqlError, type SqlErrorFacts, type SqlErrorKind } from './sql-error.ts'
