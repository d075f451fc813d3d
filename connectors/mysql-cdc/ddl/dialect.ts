/** What decides how a DDL text is read, beside the text itself. */
import { sqlModes } from '../decode/query.ts'

export interface Dialect {
  readonly server: 'mysql' | 'mariadb'
  /** sql_mode has ANSI_QUOTES: `"` encloses names. */
  readonly ansiQuotes: boolean
  /** sql_mode has NO_BACKSLASH_ESCAPES. */
  readonly noBackslashEscapes: boolean
}

export const mysqlDialect: Dialect = { server: 'mysql', ansiQuotes: false, noBackslashEscapes: false }
export const mariadbDialect: Dialect = { ...mysqlDialect, server: 'mariadb' }

/** The server's dialect under a session's sql_mode, as the log gives its bits. */
export function dialectOf(server: Dialect['server'], sqlMode: bigint): Dialect {
  return {
    server,
    ansiQuotes: (sqlMode & sqlModes.ANSI_QUOTES) !== 0n,
    noBackslashEscapes: (sqlMode & sqlModes.NO_BACKSLASH_ESCAPES) !== 0n,
  }
}
