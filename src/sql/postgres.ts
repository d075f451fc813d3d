/** PostgreSQL through `pg`: text protocol, so that every value arrives as the server wrote it. */
import pg from 'pg'
import { ConfigError } from '#errors'
import {
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
import { booleanParameter, durationParameter } from './parameters.ts'
import { postgresTable } from './postgres-metadata.ts'
import { postgresError } from './server-errors.ts'
import { facts, SqlError } from './sql-error.ts'
import { postgresTls, type TlsSettings } from './tls.ts'

/** Statements kept prepared on a connection; more are sent unprepared. */
const preparedLimit = 256

const integerTypes: ReadonlySet<number> = new Set([20, 21, 23, 26])
const floatTypes: ReadonlySet<number> = new Set([700, 701])

/** A parser by type OID, for texts: `SqlValue`s and nothing else. */
function parserOf(oid: number): (text: string) => SqlValue {
  if (integerTypes.has(oid)) return BigInt
  if (floatTypes.has(oid)) return Number
  if (oid === 16) return (text) => text === 't'
  if (oid === 17) return (text) => Buffer.from(text.slice(2), 'hex')
  return (text) => text
}

export async function openPostgres(url: JdbcUrl, login: Login): Promise<SqlClient> {
  const wanted = url.parameters.get('targetServerType') ?? 'any'
  if (!/^(any|primary|master|secondary|slave|prefer(Secondary|Slave|Primary))$/.test(wanted))
    throw new ConfigError(
      `The parameter 'targetServerType' of the connection URL must be one of any, primary, secondary, preferSecondary, preferPrimary.`,
    )
  let failure: SqlError | null = null
  for (const address of url.addresses) {
    for (const tls of postgresTls(url)) {
      try {
        const client = await PostgresClient.open(url, login, address, tls)
        if (await client.serves(wanted)) return client
        await client[Symbol.asyncDispose]()
        failure = new SqlError(`${placeOf(address)} is no ${wanted} server.`, facts('postgres', 'connection'))
      } catch (error) {
        const known = postgresError(error, placeOf(address))
        // A server without TLS, or one that only takes TLS (28000): the next setting may do. Wrong passwords stay so.
        if (known.facts.kind === 'login' && known.facts.sqlState !== '28000') throw known
        failure = known
      }
    }
  }
  throw failure ?? new ConfigError('The connection URL names no host.')
}

function placeOf(address: JdbcAddress): string {
  return `PostgreSQL at ${address.host}:${address.port}`
}

class PostgresClient implements SqlClient {
  readonly engine = 'postgres'
  readonly version: ServerVersion
  readonly statementBytes = 256 * 1024 * 1024
  broken = false
  readonly #client: pg.Client
  readonly #place: string
  readonly #prepared = new Map<string, string>()

  static async open(
    url: JdbcUrl,
    login: Login,
    address: JdbcAddress,
    tls: TlsSettings | null,
  ): Promise<PostgresClient> {
    const connect =
      durationParameter(url, 'loginTimeout', 1000) ?? durationParameter(url, 'connectTimeout', 1000)
    const socket = durationParameter(url, 'socketTimeout', 1000)
    const options = url.parameters.get('options')
    const user = url.parameters.get('user') ?? login.user
    const password = url.parameters.get('password') ?? login.password
    const client = new pg.Client({
      host: address.host,
      port: address.port,
      ...(user === null ? {} : { user }),
      ...(password === null ? {} : { password }),
      database: url.database ?? user ?? undefined,
      ssl: tls === null ? false : { ...tls },
      application_name: url.parameters.get('ApplicationName') ?? 'rowtap',
      keepAlive: booleanParameter(url, 'tcpKeepAlive') ?? true,
      connectionTimeoutMillis: connect ?? 10_000,
      ...(socket === undefined ? {} : { query_timeout: socket }),
      ...(options === undefined ? {} : { options }),
      types: { getTypeParser: parserOf as never },
    })
    client.on('error', () => {})
    await client.connect()
    const path = url.parameters.get('currentSchema')
    const statements = [
      `SET TIME ZONE 'UTC'`,
      `SET DateStyle TO 'ISO, YMD'`,
      `SET IntervalStyle TO 'postgres'`,
      `SET bytea_output TO 'hex'`,
      `SET standard_conforming_strings TO on`,
      ...(path === undefined ? [] : [`SET search_path TO ${path.split(',').map(quotedSchema).join(', ')}`]),
    ]
    await client.query(statements.join('; '))
    const shown = await client.query<{ server_version: string }>('SHOW server_version')
    return new PostgresClient(client, parseVersion(shown.rows[0]?.server_version ?? ''), placeOf(address))
  }

  constructor(client: pg.Client, version: ServerVersion, place: string) {
    this.#client = client
    this.#place = place
    this.version = version
    client.on('error', () => (this.broken = true))
    client.on('end', () => (this.broken = true))
  }

  /** Whether the server is of the wanted kind; a preference takes what comes. */
  async serves(wanted: string): Promise<boolean> {
    if (!/^(primary|master|secondary|slave)$/.test(wanted)) return true
    const { rows } = await this.query('SELECT pg_is_in_recovery()')
    return (rows[0]?.[0] === true) === /^(secondary|slave)$/.test(wanted)
  }

  async query(sql: string, parameters?: readonly SqlValue[]): Promise<SqlResult> {
    try {
      const answer = await this.#client.query({
        text: sql,
        rowMode: 'array',
        ...(parameters === undefined ? {} : { values: [...parameters], ...this.#named(sql) }),
      })
      // Several statements in one text have several answers: the last one counts.
      const result = Array.isArray(answer) ? answer.at(-1) : answer
      return {
        columns: result.fields.map((field: pg.FieldDef) => field.name),
        rows: result.rows as SqlValue[][],
        affected: /^(INSERT|UPDATE|DELETE|MERGE|COPY)$/.test(result.command) ? (result.rowCount ?? 0) : 0,
      }
    } catch (error) {
      throw this.#failed(error)
    }
  }

  async queryMany(sql: string, rows: readonly (readonly SqlValue[])[]): Promise<readonly number[]> {
    const affected: number[] = []
    for (const row of rows) affected.push((await this.query(sql, row)).affected)
    return affected
  }

  async transaction<T>(work: () => Promise<T>): Promise<T> {
    await this.query('BEGIN')
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
    return postgresTable(this, name)
  }

  async currentSchema(): Promise<string | null> {
    const { rows } = await this.query('SELECT current_schema()')
    return (rows[0]?.[0] ?? null) as string | null
  }

  quote(identifier: string): string {
    return `"${identifier.replaceAll('"', '""')}"`
  }

  literal(value: SqlValue): string {
    if (value === null) return 'NULL'
    if (typeof value === 'boolean') return value ? 'TRUE' : 'FALSE'
    if (value instanceof Uint8Array) return `'\\x${Buffer.from(value).toString('hex')}'`
    if (typeof value === 'string') return `'${value.replaceAll("'", "''")}'`
    return typeof value === 'number' && !Number.isFinite(value) ? `'${value}'` : String(value)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.broken = true
    await this.#client.end().catch(() => {})
  }

  #named(sql: string): { name: string } | Record<string, never> {
    const known = this.#prepared.get(sql)
    if (known !== undefined) return { name: known }
    if (this.#prepared.size >= preparedLimit) return {}
    const name = `rowtap_${this.#prepared.size}`
    this.#prepared.set(sql, name)
    return { name }
  }

  #failed(error: unknown): SqlError {
    const known = postgresError(error, this.#place)
    if (known.facts.kind === 'connection') this.broken = true
    return known
  }
}

function quotedSchema(name: string): string {
  const bare = name.trim().replace(/^"(.*)"$/s, '$1')
  return `"${bare.replaceAll('"', '""')}"`
}
