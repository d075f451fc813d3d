/**
 * mysql2's connection: its sockets, its login (caching_sha2_password with and without TLS, and the older ways), its
 * queue of commands. The only file that reaches into that package (test/contract/connectors/mysql-cdc holds it to what
 * is used here):
 *   - `startTLS` is ours: mysql2's knows no PKCS12, and takes any certificate for localhost for an address in digits;
 *   - `stream` is the socket, its `data` listeners are all that reads from it;
 *   - a command is what has `execute(packet?)`: called without a packet it may begin, `true` says that it is over; and
 *     `onResult`, which hears of a lost connection;
 *   - without CLIENT_QUERY_ATTRIBUTES the command QUERY is 0x03 and the statement.
 */
import { isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import mysql from 'mysql2'
import type { ConnectError } from '#errors'
import { ConnectionFailure } from './failures.ts'
import type { Login } from './login.ts'
import type { TlsSettings } from './tls.ts'

export interface Command {
  execute(packet: unknown, connection: Connection): boolean
  onResult(error: unknown): void
}

export interface QueryOptions {
  readonly sql: string
  readonly typeCast?: false
  readonly timeout?: number
}

export interface Connection {
  readonly stream: Socket
  /** `stream`, or what it encrypts for. */
  readonly tcp: Socket
  readonly threadId: number
  addCommand(command: Command): unknown
  /** Without a packet: lets the command go on, or the next one begin. */
  handlePacket(packet?: undefined): void
  query(
    options: QueryOptions,
    result: (error: Error | null, rows: readonly Readonly<Record<string, Buffer | null>>[]) => void,
  ): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
  once(event: 'error' | 'connect', listener: (value: Error) => void): unknown
  off(event: 'error' | 'connect', listener: (value: Error) => void): unknown
  end(ended: () => void): unknown
}

interface Starting {
  stream: Socket
  readonly packetParser: { execute(read: Buffer): void }
  startTLS(secured: (error?: Error) => void): void
  _handleNetworkError(error: Error): void
}

/** Logs in by the first way of the plan that the server offers. */
export async function openConnection(login: Login): Promise<Connection> {
  for (const [i, tls] of login.tls.entries()) {
    try {
      return await attempt(login, tls)
    } catch (error) {
      const unavailable = (error as { code?: unknown }).code === 'HANDSHAKE_NO_SSL_SUPPORT'
      if (unavailable && i + 1 < login.tls.length) continue
      throw connectionError(error, login)
    }
  }
  throw new ConnectionFailure(new Error('No way to connect is left.'), login)
}

function connectionError(error: unknown, login: Login): ConnectError {
  if ((error as { code?: unknown }).code === 'HANDSHAKE_NO_SSL_SUPPORT')
    return new ConnectionFailure(new Error('The server does not offer TLS'), login, 'database.ssl.mode')
  return new ConnectionFailure(error, login)
}

function attempt(login: Login, tls: TlsSettings | null): Promise<Connection> {
  const connection = mysql.createConnection({
    host: login.host,
    port: login.port,
    ...(login.user === null ? {} : { user: login.user }),
    ...(login.password === null ? {} : { password: login.password }),
    ...(tls === null ? {} : { ssl: {} }),
    connectTimeout: login.connectTimeoutMs,
    enableKeepAlive: login.keepAlive,
    keepAliveInitialDelay: login.keepAliveMs,
    charset: 'utf8mb4_general_ci',
    flags: ['-CLIENT_QUERY_ATTRIBUTES', '-LOCAL_FILES', '-ODBC', '-IGNORE_SPACE'],
  }) as unknown as Connection & Starting
  if (tls !== null) connection.startTLS = (secured) => startTls(connection, login.host, tls, secured)
  Object.assign(connection, { tcp: connection.stream })
  // A connection that dies between two statements is noticed by the next one.
  connection.on('error', () => {})
  return new Promise((resolve, reject) => {
    const failed = (error: Error) => {
      connection.stream.destroy()
      reject(error)
    }
    connection.once('error', failed)
    connection.once('connect', () => {
      connection.off('error', failed)
      resolve(connection)
    })
  })
}

function startTls(
  connection: Starting,
  host: string,
  tls: TlsSettings,
  secured: (error?: Error) => void,
): void {
  const plain = connection.stream
  plain.removeAllListeners('data')
  const secure = connectTls({
    ...tls.context,
    socket: plain,
    host,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    rejectUnauthorized: tls.verifies,
    ...(tls.namesHost ? {} : { checkServerIdentity: () => undefined }),
  })
  let open = false
  secure.once('secureConnect', () => {
    open = true
    secured()
  })
  secure.on('error', (error) => {
    if (open) connection._handleNetworkError(error)
    else secured(error)
  })
  secure.on('data', (read) => connection.packetParser.execute(read))
  connection.stream = secure
}
