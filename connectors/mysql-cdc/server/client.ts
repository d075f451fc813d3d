/**
 * An SQL session: few rows as texts by their columns' names, and many rows as raw cells. Texts are UTF-8 and times in
 * UTC; sql_mode is the server's.
 */
import { ConnectError } from '#errors'
import { type Command, type Connection, openConnection } from './connection.ts'
import { ConnectionFailure, ConnectionLost, statementError } from './failures.ts'
import { type Login, placeOf } from './login.ts'
import { PacketInbox } from './packet-inbox.ts'
import { ResultRows, type TextRows } from './result-rows.ts'
import { Tap } from './tap.ts'

/** Of rows that nobody has taken yet. */
const WAITING_BYTES = 4 * 1024 * 1024
const GOODBYE_MS = 1000
const QUERY = 0x03
const LARGEST_STATEMENT = 0xfffffe

export type SqlLiteral = string | number | bigint | null
export type Row = Readonly<Record<string, string | null>>

export interface Client {
  /** Each `?` in the statement stands for a value. */
  query(sql: string, values?: readonly SqlLiteral[]): Promise<readonly Row[]>
  /** The rows of a SELECT as they come; no other statement may run meanwhile. Leaving early closes the connection. */
  rows(sql: string): AsyncIterableIterator<TextRows>
  /** Says goodbye. */
  end(): Promise<void>
  /** Drops the connection at once: the statement that runs fails. */
  destroy(): void
}

export async function connect(login: Login): Promise<Client> {
  const client = new MysqlClient(await openConnection(login), login)
  try {
    await client.query(`SET NAMES utf8mb4, time_zone = '+00:00'`)
  } catch (error) {
    client.destroy()
    throw error
  }
  for (const statement of login.initialStatements)
    try {
      await client.query(statement)
    } catch (error) {
      client.destroy()
      throw new ConnectionFailure(error, login, 'database.initial.statements')
    }
  return client
}

class MysqlClient implements Client {
  readonly #connection: Connection
  readonly #login: Login

  constructor(connection: Connection, login: Login) {
    this.#connection = connection
    this.#login = login
  }

  query(statement: string, values: readonly SqlLiteral[] = []): Promise<readonly Row[]> {
    let next = 0
    const sql =
      values.length === 0 ? statement : statement.replace(/\?/g, () => literal(values[next++] ?? null))
    const timeout = this.#login.queryTimeoutMs
    return new Promise((resolve, reject) => {
      const options = { sql, typeCast: false, ...(timeout > 0 ? { timeout } : {}) } as const
      this.#connection.query(options, (error, rows) => {
        if (error === null) return resolve(Array.isArray(rows) ? rows.map(asText) : [])
        // The answer may still come: it would be taken for the next statement's.
        if ((error as { code?: unknown }).code === 'PROTOCOL_SEQUENCE_TIMEOUT') {
          this.destroy()
          return reject(this.#late())
        }
        reject(statementError(error, this.#login))
      })
    })
  }

  async *rows(sql: string): AsyncIterableIterator<TextRows> {
    const command = new RowsCommand(sql, this.#login)
    const timeout = this.#login.queryTimeoutMs
    const timer = timeout > 0 ? setTimeout(() => command.late(this.#late()), timeout) : null
    try {
      this.#connection.addCommand(command)
      for (;;) {
        const rows = command.take()
        if (rows !== null) yield rows
        else if (command.ended) return
        else await command.wait()
      }
    } finally {
      if (timer !== null) clearTimeout(timer)
      if (!command.release(this.#connection)) this.destroy()
    }
  }

  #late(): ConnectError {
    return new ConnectError(
      `A statement had no answer of ${placeOf(this.#login)} within ${this.#login.queryTimeoutMs} ms.`,
      { remedy: 'Raise database.query.timeout.ms.' },
    )
  }

  end(): Promise<void> {
    const { stream } = this.#connection
    if (stream.destroyed) return Promise.resolve()
    return new Promise((resolve) => {
      // A statement that still runs is not waited for.
      const impatient = setTimeout(() => this.destroy(), GOODBYE_MS)
      stream.once('close', () => {
        clearTimeout(impatient)
        resolve()
      })
      this.#connection.end(() => this.destroy())
    })
  }

  destroy(): void {
    this.#connection.stream.destroy()
  }
}

/** One SELECT in mysql2's queue of commands; its answer does not pass through mysql2. */
class RowsCommand implements Command {
  readonly #statement: Buffer
  readonly #login: Login
  readonly #inbox = new PacketInbox()
  readonly #result = new ResultRows(this.#inbox)
  #tap: Tap | null = null
  #failure: unknown = null
  #over = false
  #wake: (() => void) | null = null

  constructor(sql: string, login: Login) {
    this.#login = login
    const size = Buffer.byteLength(sql)
    if (size > LARGEST_STATEMENT) throw new ConnectError(`A statement of ${size} bytes is too long.`)
    this.#statement = Buffer.alloc(5 + size)
    this.#statement.writeUIntLE(size + 1, 0, 3)
    this.#statement[4] = QUERY
    this.#statement.write(sql, 5)
  }

  get ended(): boolean {
    return this.#result.ended
  }

  execute(_packet: unknown, { stream }: Connection): boolean {
    if (this.#over) return true
    this.#tap = new Tap(stream, this.#inbox, WAITING_BYTES, () => this.#notify())
    stream.once('close', this.#closed)
    stream.write(this.#statement)
    return false
  }

  onResult(error: unknown): void {
    this.#failure ??= error instanceof ConnectError ? error : new ConnectionLost(this.#login, error)
    this.#notify()
  }

  readonly #closed = (): void => this.onResult(null)

  late(error: ConnectError): void {
    if (!this.#result.begun) this.onResult(error)
  }

  take(): TextRows | null {
    const rows = this.#result.take()
    if (rows === null && !this.ended && this.#failure !== null) throw this.#failure
    this.#tap?.drained()
    return rows
  }

  wait(): Promise<void> {
    if (this.#failure !== null || this.#inbox.ready) return Promise.resolve()
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }

  #notify(): void {
    const wake = this.#wake
    this.#wake = null
    wake?.()
  }

  /** Lets the connection go on with the next command; false: it cannot. */
  release(connection: Connection): boolean {
    this.#over = true
    if (!this.ended || this.#failure !== null || this.#inbox.waiting > 0) return false
    connection.stream.off('close', this.#closed)
    this.#tap?.remove()
    connection.handlePacket()
    return true
  }
}

/** The same under every sql_mode: NO_BACKSLASH_ESCAPES decides what a backslash between quotes is. */
function literal(value: SqlLiteral): string {
  if (value === null) return 'NULL'
  if (typeof value !== 'string') return String(value)
  if (value.includes('\\')) return `_utf8mb4 x'${Buffer.from(value).toString('hex')}'`
  return `'${value.replaceAll("'", "''")}'`
}

function asText(row: Readonly<Record<string, Buffer | null>>): Row {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, value === null ? null : value.toString('utf8')]),
  )
}
