/** MySQL and MariaDB through mysql2: strict mode, UTC, utf8mb4, no JS numbers for 64 bits and no JS dates. */
import mysql, { type ConnectionOptions, type FieldPacket } from 'mysql2/promise'
import { ConfigError } from '#errors'
import {
  type Engine,
  parseVersion,
  type ServerVersion,
  type SqlClient,
  type SqlResult,
  type SqlValue,
  type TableDefinition,
  type TableName,
  type Login,
} from './client.ts'
import type { JdbcAddress, JdbcUrl } from './jdbc-url.ts'
import { mysqlLiteral } from './mysql-literal.ts'
import { mysqlTable } from './mysql-metadata.ts'
import { booleanParameter, durationParameter } from './parameters.ts'
import { mysqlError } from './server-errors.ts'
import { mysqlTls, type TlsSettings } from './tls.ts'

const integerTypes: ReadonlySet<number> = new Set([1, 2, 3, 8, 9, 13])

interface Session {
  readonly version: ServerVersion
  readonly isMariaDb: boolean
  readonly backslashes: boolean
  readonly packetBytes: number
  /** How long an answer may take; undefined: any time. */
  readonly timeoutMs: number | undefined
}

export async function openMysql(url: JdbcUrl, login: Login): Promise<SqlClient> {
  let failure: Error | null = null
  for (const address of url.addresses) {
    const place = `${url.engine === 'mysql' ? 'MySQL' : 'MariaDB'} at ${address.host}:${address.port}`
    for (const tls of mysqlTls(url)) {
      try {
        const connection = await mysql.createConnection(options(url, login, address, tls))
        connection.on('error', () => {})
        try {
          return new MysqlClient(connection, await begin(connection, url), place)
        } catch (error) {
          connection.destroy()
          throw error
        }
      } catch (error) {
        const noTls = error instanceof Error && 'code' in error && error.code === 'HANDSHAKE_NO_SSL_SUPPORT'
        const known = mysqlError(error, url.engine, place)
        if (known.facts.kind === 'login') throw known
        failure = noTls
          ? new ConfigError(`${place} does not offer TLS.`, {
              remedy: 'Set sslMode=DISABLED in the connection URL.',
            })
          : known
        if (!noTls && tls !== null && known.facts.kind === 'connection') break
      }
    }
  }
  throw failure ?? new ConfigError('The connection URL names no host.')
}

function options(
  url: JdbcUrl,
  login: Login,
  address: JdbcAddress,
  tls: TlsSettings | null,
): ConnectionOptions {
  // As Connector/J: a login in the authority beats the properties, which beat the URL's parameters.
  const user = url.user ?? login.user ?? url.parameters.get('user')
  const password = url.password ?? login.password ?? url.parameters.get('password')
  return {
    host: address.host,
    port: address.port,
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password }),
    ...(url.database === null ? {} : { database: url.database }),
    ...(tls === null
      ? {}
      : { ssl: { ...tls, verifyIdentity: tls.rejectUnauthorized && tls.checkServerIdentity === undefined } }),
    connectTimeout: durationParameter(url, 'connectTimeout', 1) ?? 10_000,
    charset: 'utf8mb4_general_ci',
    timezone: 'Z',
    dateStrings: true,
    jsonStrings: true,
    supportBigNumbers: true,
    bigNumberStrings: true,
    rowsAsArray: true,
    compress: booleanParameter(url, 'useCompression') ?? false,
  }
}

/** Settles the session, and reads of the server what statements depend on. */
async function begin(connection: mysql.Connection, url: JdbcUrl): Promise<Session> {
  const extra = url.parameters.get('sessionVariables')
  const variables = (extra === undefined ? [] : extra.split(/[,;](?![^(]*\))/)).map((each) => each.trim())
  for (const variable of variables)
    if (!/^(@@)?(session[. ])?[a-z_]+\s*=/i.test(variable))
      throw new ConfigError(
        `The parameter 'sessionVariables' of the connection URL must be name=value,name=value.`,
      )
  await connection.query(
    [
      `SET time_zone = '+00:00'`,
      // Without strict mode a value that does not fit is cut; and 0 in an AUTO_INCREMENT column would become another number.
      `sql_mode = CONCAT(@@sql_mode, ',STRICT_TRANS_TABLES,STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO')`,
      ...variables.map((each) => each.replace(/^@@(session\.)?|^session /i, '')),
    ].join(', '),
  )
  const [rows] = await connection.query('SELECT VERSION(), @@sql_mode, @@max_allowed_packet')
  const [version, mode, packet] = (rows as unknown[][])[0] ?? []
  return {
    version: parseVersion(String(version)),
    isMariaDb: /mariadb/i.test(String(version)),
    backslashes: !String(mode).includes('NO_BACKSLASH_ESCAPES'),
    packetBytes: Number(packet),
    timeoutMs: durationParameter(url, 'socketTimeout', 1),
  }
}

class MysqlClient implements SqlClient {
  /** What the server is: one URL form may lead to the other's server. */
  readonly engine: Engine
  readonly version: ServerVersion
  readonly statementBytes: number
  broken = false
  readonly #connection: mysql.Connection
  readonly #backslashes: boolean
  readonly #place: string
  readonly #timeout: { timeout: number } | Record<string, never>

  constructor(connection: mysql.Connection, session: Session, place: string) {
    this.#connection = connection
    this.#place = place
    this.#backslashes = session.backslashes
    this.#timeout = session.timeoutMs === undefined ? {} : { timeout: session.timeoutMs }
    this.engine = session.isMariaDb ? 'mariadb' : 'mysql'
    this.version = session.version
    this.statementBytes = Math.min(session.packetBytes - 1024, 16 * 1024 * 1024)
    connection.on('error', () => (this.broken = true))
    connection.on('end', () => (this.broken = true))
  }

  async query(sql: string, parameters?: readonly SqlValue[]): Promise<SqlResult> {
    try {
      const [answer, fields] =
        parameters === undefined
          ? await this.#connection.query({ sql, rowsAsArray: true, ...this.#timeout })
          : await this.#connection.execute(
              { sql, rowsAsArray: true, ...this.#timeout },
              parameters.map(bound),
            )
      if (!Array.isArray(answer)) return { columns: [], rows: [], affected: answer.affectedRows }
      const types = fields as FieldPacket[]
      return {
        columns: types.map((field) => field.name),
        rows: (answer as unknown[][]).map((row) => row.map((cell, i) => cellValue(cell, types[i]))),
        affected: 0,
      }
    } catch (error) {
      const known = mysqlError(error, this.engine, this.#place)
      if (known.facts.kind === 'connection') this.broken = true
      throw known
    }
  }

  async queryMany(sql: string, rows: readonly (readonly SqlValue[])[]): Promise<readonly number[]> {
    const affected: number[] = []
    for (const row of rows) affected.push((await this.query(sql, row)).affected)
    return affected
  }

  async transaction<T>(work: () => Promise<T>): Promise<T> {
    await this.query('START TRANSACTION')
    let result: T
    try {
      result = await work()
    } catch (error) {
      if (!this.broken) await this.query('ROLLBACK').catch(() => {})
      throw error
    }
    await this.query('COMMIT')
    return result
  }

  table(name: TableName): Promise<TableDefinition | null> {
    return mysqlTable(this, name)
  }

  async currentSchema(): Promise<string | null> {
    const { rows } = await this.query('SELECT DATABASE()')
    return (rows[0]?.[0] ?? null) as string | null
  }

  quote(identifier: string): string {
    return `\`${identifier.replaceAll('`', '``')}\``
  }

  literal(value: SqlValue): string {
    return mysqlLiteral(value, this.#backslashes)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const lost = this.broken
    this.broken = true
    if (lost) this.#connection.destroy()
    else await this.#connection.end().catch(() => this.#connection.destroy())
  }
}

function bound(value: SqlValue): string | number | boolean | Buffer | null {
  if (typeof value === 'bigint') return value.toString()
  return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.length) : value
}

function cellValue(cell: unknown, field: FieldPacket | undefined): SqlValue {
  if (cell === null || cell === undefined) return null
  const type = field?.columnType ?? field?.type
  if (type !== undefined && integerTypes.has(type) && (typeof cell === 'number' || typeof cell === 'string'))
    return BigInt(cell)
  return cell as SqlValue
}
