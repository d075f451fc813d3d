/**
 * Connections to the server: SQL sessions whose values have one form (ISO dates, hexadecimal bytea, all digits of
 * floats, UTC), and the address for replication sessions. What goes wrong is told by the property that mends it.
 */
import { readFileSync } from 'node:fs'
import pg from 'pg'
import { ConfigError, ConnectError, messageOf, RetriableError } from '#errors'
import type { PostgresConfig } from './config.ts'

export type Client = pg.Client

/** Every value as the column types expect it, in the snapshot as in the stream. */
export const sessionSettings: Readonly<Record<string, string>> = {
  DateStyle: 'ISO, YMD',
  IntervalStyle: 'postgres',
  bytea_output: 'hex',
  extra_float_digits: '1',
  TimeZone: 'UTC',
  lc_monetary: 'C',
  statement_timeout: '0',
  idle_in_transaction_session_timeout: '0',
  client_encoding: 'UTF8',
}

/** No single try takes longer: a task that is to stop waits for it. */
const CONNECT_MS = 10_000

/** Shown in pg_stat_activity; tells our own sessions from those of others. */
export function applicationName(config: PostgresConfig): string {
  return `rowtap ${config['topic.prefix']}`.slice(0, 63)
}

/** How to reach the server. `ssl` is found out by the first connection, where sslmode leaves a choice. */
export function clientConfig(config: PostgresConfig, ssl: pg.ClientConfig['ssl']): pg.ClientConfig {
  return {
    host: config['database.hostname'],
    port: config['database.port'],
    database: config['database.dbname'],
    user: config['database.user'],
    ...(config['database.password'] === null ? {} : { password: config['database.password'] }),
    ssl: ssl ?? false,
    application_name: applicationName(config),
    keepAlive: config['database.tcpKeepAlive'],
    connectionTimeoutMillis: Math.min(config['connection.validation.timeout.ms'], CONNECT_MS),
  }
}

type Ssl = Exclude<pg.ClientConfig['ssl'], undefined>

/** What to try, in this order. */
function tlsPlan(config: PostgresConfig): readonly Ssl[] {
  const trusting = { rejectUnauthorized: false, ...tlsFiles(config) }
  switch (config['database.sslmode']) {
    case 'disable':
      return [false]
    case 'allow':
      return [false, trusting]
    case 'prefer':
      return [trusting, false]
    case 'require':
      return [trusting]
    case 'verify-ca':
      return [{ ...trusting, rejectUnauthorized: true, checkServerIdentity: () => undefined }]
    case 'verify-full':
      return [{ ...trusting, rejectUnauthorized: true }]
  }
}

function tlsFiles(config: PostgresConfig): object {
  const passphrase = config['database.sslpassword']
  const file = (name: 'database.sslrootcert' | 'database.sslcert' | 'database.sslkey') => {
    const path = config[name]
    if (path === null) return undefined
    try {
      return readFileSync(path, 'utf8')
    } catch (error) {
      throw new ConfigError(`The file of ${name} cannot be read: ${messageOf(error)}`)
    }
  }
  const entries = {
    ca: file('database.sslrootcert'),
    cert: file('database.sslcert'),
    key: file('database.sslkey'),
    passphrase: passphrase ?? undefined,
  }
  return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined))
}

/** A way to the server that worked. */
export interface Route {
  readonly config: PostgresConfig
  readonly ssl: Ssl
}

/** Connects, and says how: later connections of the task take the same way. */
export async function findRoute(config: PostgresConfig): Promise<{ route: Route; client: Client }> {
  let failure: unknown
  for (const ssl of tlsPlan(config)) {
    try {
      const route = { config, ssl }
      return { route, client: await connect(route) }
    } catch (error) {
      failure = error
      if (!mayTryOtherTls(error)) break
    }
  }
  throw failure
}

/** A server without TLS, or one that takes nothing else (28000): the other way may do. */
function mayTryOtherTls(error: unknown): boolean {
  const cause = error instanceof Error ? (error.cause ?? error) : error
  return sqlStateOf(cause) === '28000' || /does not support SSL|SSL connection/.test(messageOf(cause))
}

/** An SQL session. `unlimited`: its statements read whole tables. */
export async function connect(route: Route, unlimited = false): Promise<Client> {
  const { config, ssl } = route
  const timeout = unlimited ? 0 : config['database.query.timeout.ms']
  const client = new pg.Client({
    ...clientConfig(config, ssl),
    ...(timeout > 0 ? { query_timeout: timeout } : {}),
  })
  // A connection that dies between two statements is noticed by the next one.
  client.on('error', () => {})
  try {
    await client.connect()
    const settings = Object.entries(sessionSettings).map(([name, value]) => `SET ${name} TO '${value}'`)
    await client.query(settings.join('; '))
    for (const statement of initialStatements(config)) await client.query(statement)
    return client
  } catch (error) {
    await client.end().catch(() => {})
    throw connectError(error, config)
  }
}

/** `;` separates, `;;` is a semicolon. */
export function initialStatements(config: PostgresConfig): readonly string[] {
  return (config['database.initial.statements'] ?? '')
    .split(/(?<!;);(?!;)/)
    .map((statement) => statement.replaceAll(';;', ';').trim())
    .filter((statement) => statement !== '')
}

export function sqlStateOf(error: unknown): string | null {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : null
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && !/^E[A-Z]{4}$/.test(code) ? code : null
}

/** Lost and refused connections, and servers that are starting or stopping: worth another try. */
export function isConnectionLoss(error: unknown): boolean {
  if (error instanceof ConnectError) return error.retriable
  const state = sqlStateOf(error)
  if (state !== null) return /^(08|57P0[123]|53300|55006)/.test(state)
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''
  return (
    /^(ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|EAI_AGAIN)/.test(code) ||
    /connection terminated|connection.*(closed|ended|timeout)|timeout expired|not queryable|socket|read ECONN/i.test(
      messageOf(error),
    )
  )
}

/** The property to look at, by what the server or the socket said. */
function culprit(error: unknown): string {
  switch (sqlStateOf(error)) {
    case '28P01':
      return 'database.password'
    case '28000':
      return 'database.user'
    case '3D000':
      return 'database.dbname'
    default:
      return /SSL|certificate|TLS/i.test(messageOf(error)) ? 'database.sslmode' : 'database.hostname'
  }
}

const remedies: Readonly<Record<string, string>> = {
  'database.password': 'Set the right password of the user (ALTER ROLE … PASSWORD … gives a new one).',
  'database.user': 'The role must exist, be allowed to log in, and pg_hba.conf must let it in from here.',
  'database.dbname': 'Name a database that exists (SELECT datname FROM pg_database).',
  'database.sslmode':
    'Choose an sslmode that the server offers, and name the authority in database.sslrootcert.',
  'database.hostname':
    'Check database.hostname and database.port, and that listen_addresses and firewalls allow it.',
}

const retriableClass = new RetriableError('').javaClass
const connectClass = new ConnectError('').javaClass

/** A connection that could not be made. */
export class ConnectionFailure extends ConnectError {
  override readonly name = 'ConnectionFailure'
  override readonly retriable: boolean
  override readonly javaClass: string
  /** The property to look at. */
  readonly property: string

  constructor(error: unknown, config: PostgresConfig) {
    const property = culprit(error)
    const place = `${config['database.hostname']}:${config['database.port']}`
    super(
      `${property}: cannot connect to PostgreSQL at ${place}: ${messageOf(error) || 'the connection was refused'}.`,
      {
        remedy: remedies[property] ?? '',
        cause: error,
      },
    )
    this.property = property
    this.retriable = sqlStateOf(error) === null ? property === 'database.hostname' : isConnectionLoss(error)
    this.javaClass = this.retriable ? retriableClass : connectClass
  }
}

function connectError(error: unknown, config: PostgresConfig): ConnectError {
  return error instanceof ConnectError ? error : new ConnectionFailure(error, config)
}

export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

export function quoteTable(table: { readonly schema: string; readonly name: string }): string {
  return `${quoteIdentifier(table.schema)}.${quoteIdentifier(table.name)}`
}

export function quoteLiteral(text: string): string {
  const quoted = `'${text.replaceAll("'", "''")}'`
  return text.includes('\\') ? ` E${quoted.replaceAll('\\', '\\\\')}` : quoted
}
