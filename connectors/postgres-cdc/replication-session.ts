/**
 * One replication session: pg-logical-replication carries the bytes, everything else is ours. The only file that
 * reaches into that package (test/contract/connectors/postgres-cdc holds it to what is used here):
 *   - a plugin's `parse` gets a view of the payload; the 25 bytes before it are the XLogData header;
 *   - `_connection` is pg's connection: its `stream` is the socket, `sendCopyFromChunk` writes;
 *   - with `acknowledge: { auto: false, timeoutSeconds: 0 }` it confirms nothing by itself.
 * The server sends every row by itself, so small reads are gathered for a millisecond once they come fast.
 * A server that shuts down asks again and again until all that it sent is confirmed. It would wait for a paused task
 * for ever, so it is told that all is received and nothing flushed: it goes down, and its slot stays where it is.
 */
import type { Socket } from 'node:net'
import { LogicalReplicationService, PgoutputPlugin } from 'pg-logical-replication'
import type pg from 'pg'
import { ConnectError, DecodeError, RetriableError } from '#errors'
import { type Inbox, KEEPALIVE, LOG_DATA } from './inbox.ts'

/** type(1) start(8) end(8) time(8) */
const XLOG_HEADER = 25
const SMALL_READ = 32 * 1024
const WORTH_WAITING = 2048
/** Ordinary questions are half of wal_sender_timeout apart. */
const URGENT_MS = 500
const postgresEpochMs = 946_684_800_000

export interface SessionOptions {
  readonly client: pg.ClientConfig
  readonly slot: string
  /** XX/YY */
  readonly start: string
  /** Options of START_REPLICATION, as SQL. */
  readonly options: string
  readonly inbox: Inbox
  readonly maxMessages: number
  readonly maxBytes: number
}

interface PgConnection {
  readonly stream: Socket
  sendCopyFromChunk(chunk: Buffer): void
}

/** What `parse` has to return: nobody listens to the package's own events. */
const nothing = null as never

/** Copies each message into the inbox; never throws, since it runs in the socket's handler. */
class InboxPlugin extends PgoutputPlugin {
  readonly #session: SessionOptions
  readonly #taken: (error: Error | null) => void

  constructor(session: SessionOptions, taken: (error: Error | null) => void) {
    super({ protoVersion: 1, publicationNames: [] })
    this.#session = session
    this.#taken = taken
  }

  override get name(): string {
    return 'pgoutput'
  }

  override parse(payload: Buffer): never {
    const at = payload.byteOffset - XLOG_HEADER
    const message = at < 0 ? null : new Uint8Array(payload.buffer, at, XLOG_HEADER)
    if (message === null || message[0] !== LOG_DATA)
      this.#taken(new DecodeError('A message of the log came without its header.'))
    else {
      this.#session.inbox.append(LOG_DATA, message, 1, payload)
      this.#taken(null)
    }
    return nothing
  }

  override async start(client: pg.Client, slot: string, lsn: string): Promise<unknown> {
    return client.query(`START_REPLICATION SLOT "${slot}" LOGICAL ${lsn} (${this.#session.options})`)
  }
}

export class ReplicationSession {
  /** Why the session ended; null while it runs. */
  failure: unknown = null
  readonly #options: SessionOptions
  readonly #service: LogicalReplicationService
  #connection: PgConnection | null = null
  #wake: (() => void) | null = null
  #full = false
  #gathering: NodeJS.Timeout | null = null
  #streak = 0
  #lastRead = 0
  #closed = false
  #asked = Number.NEGATIVE_INFINITY

  /** Resolves when the server has begun to send. `replies` is asked for what may be confirmed. */
  static async open(options: SessionOptions, replies: () => number): Promise<ReplicationSession> {
    const session = new ReplicationSession(options)
    try {
      await session.#start(replies)
      return session
    } catch (error) {
      await session.close()
      throw error
    }
  }

  private constructor(options: SessionOptions) {
    this.#options = options
    this.#service = new LogicalReplicationService(options.client, {
      acknowledge: { auto: false, timeoutSeconds: 0 },
    })
  }

  async #start(replies: () => number): Promise<void> {
    const service = this.#service
    const { slot, start, inbox } = this.#options
    const plugin = new InboxPlugin(this.#options, (error) => this.#taken(error))
    service.on('error', (error) => this.#fail(error))
    const position = Buffer.alloc(8)
    service.on('heartbeat', (lsn: string, _time: number, mustReply: boolean) => {
      const [high = '0', low = '0'] = lsn.split('/')
      position.writeUInt32BE(Number.parseInt(high, 16), 0)
      position.writeUInt32BE(Number.parseInt(low, 16), 4)
      inbox.append(KEEPALIVE, position, 0, null)
      this.#taken(null)
      if (mustReply) this.#answer(position.readBigUInt64BE(0), replies())
    })
    await new Promise<void>((resolve, reject) => {
      service.once('start', resolve)
      service.subscribe(plugin, slot, start).then(
        () => this.#fail(new RetriableError('The server ended the replication session.')),
        (error: unknown) => {
          reject(error)
          this.#fail(error)
        },
      )
    })
    this.#connection = (service as unknown as { _connection: PgConnection | null })._connection
    const socket = this.#connection?.stream
    if (socket === undefined) throw new ConnectError('The replication session has no socket.')
    if (socket.remoteAddress !== undefined)
      socket.on('data', (read: Buffer) => this.#gather(socket, read.length))
  }

  #taken(error: Error | null): void {
    if (error !== null) this.#fail(error)
    const { inbox, maxMessages, maxBytes } = this.#options
    if (!this.#full && (inbox.messages >= maxMessages || inbox.bytes >= maxBytes)) {
      this.#full = true
      this.#connection?.stream.pause()
    }
    this.#notify()
  }

  #fail(error: unknown): void {
    this.failure ??= error
    this.#notify()
  }

  #notify(): void {
    const wake = this.#wake
    this.#wake = null
    wake?.()
  }

  /** Many small reads in a row: let a millisecond's worth of rows come together. A pause that brought little ends it. */
  #gather(socket: Socket, size: number): void {
    const now = performance.now()
    const fast = now - this.#lastRead < 0.5
    this.#lastRead = now
    if (this.#gathering !== null) return
    if (this.#streak >= 4 && !fast && size < WORTH_WAITING) this.#streak = 0
    else if (this.#streak < 4) this.#streak = fast && size < SMALL_READ ? this.#streak + 1 : 0
    if (this.#streak < 4 || size >= SMALL_READ || this.#full) return
    socket.pause()
    this.#gathering = setTimeout(() => {
      this.#gathering = null
      if (!this.#full) socket.resume()
    }, 1)
  }

  /** To be called after reading from the inbox: lets the socket go on when half of it is free. */
  drained(): void {
    const { inbox, maxMessages, maxBytes } = this.#options
    if (!this.#full || inbox.messages > maxMessages / 2 || inbox.bytes > maxBytes / 2) return
    this.#full = false
    if (this.#gathering === null) this.#connection?.stream.resume()
  }

  /** Resolves when there may be something new, the session failed, the time is over or the signal came. */
  wait(ms: number, signal: AbortSignal): Promise<void> {
    const { inbox } = this.#options
    if (inbox.messages > 0 || this.failure !== null || signal.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', done)
        this.#wake = null
        resolve()
      }
      const timer = setTimeout(done, ms)
      signal.addEventListener('abort', done, { once: true })
      this.#wake = done
    })
  }

  #answer(received: bigint, safe: number): void {
    const now = performance.now()
    const urgent = now - this.#asked < URGENT_MS
    this.#asked = now
    if (urgent) this.#status(received, 0n)
    else this.confirm(safe)
  }

  /** Tells the server what is safe: written, flushed and applied up to `lsn`, exactly. 0 confirms nothing. */
  confirm(lsn: number): void {
    this.#status(BigInt(lsn), BigInt(lsn))
  }

  #status(written: bigint, flushed: bigint): void {
    if (this.#closed || this.failure !== null || this.#connection === null) return
    const status = Buffer.alloc(34)
    status[0] = 0x72
    status.writeBigUInt64BE(written, 1)
    status.writeBigUInt64BE(flushed, 9)
    status.writeBigUInt64BE(flushed, 17)
    status.writeBigInt64BE(BigInt(Date.now() - postgresEpochMs) * 1000n, 25)
    this.#connection.sendCopyFromChunk(status)
  }

  async close(): Promise<void> {
    this.#closed = true
    if (this.#gathering !== null) clearTimeout(this.#gathering)
    this.failure ??= new ConnectError('The replication session was closed.')
    // The destroyed socket reports a lost connection: that is what was asked for.
    await this.#service.destroy().catch(() => {})
    this.#notify()
  }
}
