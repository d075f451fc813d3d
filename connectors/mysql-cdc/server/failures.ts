/**
 * What a server or its connection refuses, in our words: by the server's own number where it has said one, and by the
 * property that mends it where no connection could be made.
 */
import { ConnectError, messageOf, RetriableError } from '#errors'
import { type Login, placeOf } from './login.ts'

const retriableClass = new RetriableError('').javaClass
const connectClass = new ConnectError('').javaClass

/** Numbers that pass: deadlocks and lock waits, too many connections, a server that starts or stops, killed sessions. */
const passing: ReadonlySet<number> = new Set([
  1040, 1053, 1077, 1078, 1129, 1152, 1158, 1159, 1160, 1161, 1184, 1203, 1205, 1213, 1226, 1927, 3058, 3168,
  3169, 4031,
])

/** A statement that the server refused. */
export class ServerError extends ConnectError {
  override readonly name = 'ServerError'
  override readonly retriable: boolean
  override readonly javaClass: string
  /** As in the server's manual: 1146. */
  readonly errno: number
  readonly sqlState: string

  constructor(message: string, errno: number, sqlState: string, cause?: unknown) {
    super(`The server refused a statement: ${message} (${errno}, ${sqlState}).`, { cause })
    this.errno = errno
    this.sqlState = sqlState
    this.retriable = passing.has(errno)
    this.javaClass = this.retriable ? retriableClass : connectClass
  }
}

/** A connection that ended or fell silent. */
export class ConnectionLost extends RetriableError {
  constructor(login: Login, error: unknown) {
    super(`The connection to ${placeOf(login)} was lost: ${messageOf(error) || 'it was closed'}.`, {
      cause: error,
    })
  }
}

/** The server's error in an ERR packet: 0xFF errno:2 '#' state:5 message. */
export function errorOfPacket(bytes: Buffer, from: number, to: number): ServerError {
  const marked = bytes[from + 3] === 0x23
  const state = marked ? bytes.toString('latin1', from + 4, from + 9) : 'HY000'
  return new ServerError(
    bytes.toString('utf8', from + (marked ? 9 : 3), to),
    bytes.readUInt16LE(from + 1),
    state,
  )
}

export function errorNumber(error: unknown): number | null {
  if (error instanceof ConnectionFailure) return errorNumber(error.cause)
  const number = typeof error === 'object' && error !== null && 'errno' in error ? error.errno : null
  return typeof number === 'number' && number > 0 ? number : null
}

/** What mysql2 or zongji reports of a statement. */
export function statementError(error: unknown, login: Login): ConnectError {
  if (error instanceof ConnectError) return error
  const number = errorNumber(error)
  if (number === null)
    return isOfSocket(error)
      ? new ConnectionLost(login, error)
      : new ConnectError(messageOf(error), { cause: error })
  const { sqlState, sqlMessage } = error as { sqlState?: string; sqlMessage?: string }
  return new ServerError(sqlMessage ?? messageOf(error), number, sqlState ?? 'HY000')
}

/** What mysql2 says of a connection has a name or is fatal; what a package says of a value has neither. */
function isOfSocket(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false
  return ('code' in error && typeof error.code === 'string') || ('fatal' in error && error.fatal === true)
}

/** Lost and refused connections, and servers that are starting or stopping: worth another try. */
export function isConnectionLoss(error: unknown): boolean {
  return error instanceof ConnectError && error.retriable
}

type Property =
  | 'database.hostname'
  | 'database.user'
  | 'database.password'
  | 'database.ssl.mode'
  | 'database.initial.statements'

const remedies: Readonly<Record<Property, string>> = {
  'database.password': 'Set the right password of the user (ALTER USER … IDENTIFIED BY … gives a new one).',
  'database.user':
    'The user must exist for the host that we connect from (SELECT user, host FROM mysql.user), unlocked, with a password that has not expired.',
  'database.ssl.mode':
    'Choose a mode that server and user allow, and name the authority in database.ssl.truststore.',
  'database.hostname':
    'Check database.hostname and database.port, and that bind_address and firewalls allow it.',
  'database.initial.statements': 'Each of its statements must run as this user.',
}

const WRONG_PASSWORD = 1045
const MUST_BE_SECURE = 3159
/** An unknown user or host, a way to log in that client or server does not know; expired, locked. */
const badUser: ReadonlySet<number> = new Set([1044, 1130, 1251, 1524, 1698, 1820, 1862, 3118, 3955])

/** Of the socket, not of TLS, though the package calls it so: a server that stops during the handshake. */
const cutWhileSecured = /^(read|write) E[A-Z]+$|disconnected before secure TLS connection/

function culprit(error: unknown): Property {
  const number = errorNumber(error)
  if (number === WRONG_PASSWORD) return 'database.password'
  if (number === MUST_BE_SECURE) return 'database.ssl.mode'
  if (number !== null && badUser.has(number)) return 'database.user'
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''
  if (cutWhileSecured.test(messageOf(error))) return 'database.hostname'
  // A way to log in that is not known here.
  if (code.startsWith('AUTH_')) return 'database.user'
  return /SSL|CERT|TLS/.test(code) || /SSL|TLS|certificate/i.test(messageOf(error))
    ? 'database.ssl.mode'
    : 'database.hostname'
}

function passes(error: unknown, property: Property): boolean {
  if (error instanceof ConnectError) return error.retriable
  const number = errorNumber(error)
  return number === null ? property === 'database.hostname' : passing.has(number)
}

/** A connection that could not be made. */
export class ConnectionFailure extends ConnectError {
  override readonly name = 'ConnectionFailure'
  override readonly retriable: boolean
  override readonly javaClass: string
  /** The property to look at. */
  readonly property: Property

  constructor(error: unknown, login: Login, property: Property = culprit(error)) {
    super(
      `${property}: cannot connect to ${placeOf(login)}: ${messageOf(error) || 'the connection was refused'}.`,
      { remedy: remedies[property], cause: error },
    )
    this.property = property
    this.retriable = passes(error, property)
    this.javaClass = this.retriable ? retriableClass : connectClass
  }
}
