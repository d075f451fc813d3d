/** Opens a connection by JDBC URL. */
import type { Login, SqlClient } from './client.ts'
import { type JdbcUrl, parseJdbcUrl } from './jdbc-url.ts'
import { openMysql } from './mysql.ts'
import { checkParameters } from './parameters.ts'
import { openPostgres } from './postgres.ts'
import { openSqlite } from './sqlite.ts'

/** Further properties of the driver, as `connection.*` gives them: they stand behind the URL's own parameters. */
export interface OpenOptions extends Login {
  readonly properties?: Readonly<Record<string, string>>
  /** Hears of parameters that mean nothing here, by name. */
  readonly warn?: (message: string) => void
}

export async function openSql(url: string | JdbcUrl, options: OpenOptions): Promise<SqlClient> {
  const given = typeof url === 'string' ? parseJdbcUrl(url) : url
  const parameters = new Map([...Object.entries(options.properties ?? {}), ...given.parameters])
  const full: JdbcUrl = { ...given, parameters }
  for (const name of checkParameters(full))
    options.warn?.(`The parameter '${name}' of the connection URL is not known and has no effect.`)
  const { user, password } = options
  if (full.engine === 'sqlite') return openSqlite(full)
  return full.engine === 'postgres'
    ? openPostgres(full, { user, password })
    : openMysql(full, { user, password })
}
