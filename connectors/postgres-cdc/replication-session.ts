/**
 * One replication session: pg-logical-replication connects, starts and ends it, everything between is ours. The only
 * file that reaches into that package (test/contract/connectors/postgres-cdc holds it to what is used here):
 *   - `_connection` is pg's connection: its `stream` is the socket, `sendCopyFromChunk` writes;
 *   - what it does with the server's messages it does in the socket's `data` listeners; from the START_REPLICATION on
 *     they get the protocol's own messages only, one by one, and the log's go to the inbox without them;
 *   - with `acknowledge: { auto: false, timeoutSeconds: 0 }` it confirms nothing by itself.
 * The server sends every row by itself, so small reads are gathered for a millisecond once they come fast.
 * A server that shuts down asks again and again until all that it sent is confirmed. It would wait for a paused task
 * for ever, so it is told that all is received and nothing flushed: it goes down, and its slot stays where it is.
 */
import type { Socket } from 'node:net'
import { LogicalReplicationService, PgoutputPlugin } from 'pg-logical-replication'
import type pg from 'pg'
import { ConnectError, DecodeError, RetriableError } from '#errors'
import type { Inbox, InboxEvents } from './inbox.ts'

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

type Listener = (read: Buffer) => void

/** Starts the session; nothing of the log comes to it. */
class StartingPlugin extends PgoutputPlugin {
  readonly #session: SessionOptions
  readonly #starting: (connection: PgConnection) => void

  constructor(session: SessionOptions, starting: (connection: PgConnection) => void) {
    super({ protoVersion: 1, publicationNames: [] })
    this.#session = session
    this.#starting = starting
  }

  override get name(): string {
    return 'pgoutput'
  }

  override parse(): never {
    throw new DecodeError('A message of the log went past the inbox.')
  }

  override async start(client: pg.Client, slot: string, lsn: string): Promise<unknown> {
    this.#starting((client as unknown as { connection: PgConnection }).connection)
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
    const { slot, start } = this.#options
    const plugin = new StartingPlugin(this.#options, (connection) => this.#tap(connection, replies))
    service.on('error', (error) => this.#fail(error))
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
  }

  /** Between two commands no message is half read: from here on the socket's bytes are the inbox's. */
  #tap(connection: PgConnection, replies: () => number): void {
    this.#connection = connection
    const { inbox } = this.#options
    const { stream } = connection
    const listeners = stream.listeners('data') as Listener[]
    const events: InboxEvents = {
      keepalive: (lsn, mustReply) => {
        if (mustReply) this.#answer(BigInt(lsn), replies())
      },
      other: (message) => {
        for (const listener of listeners) listener.call(stream, message)
      },
    }
    // A socket of the file system gains nothing from being read less often.
    const gathers = stream.remoteAddress !== undefined
    for (const listener of listeners) stream.off('data', listener)
    stream.on('data', (read: Buffer) => {
      const waiting = inbox.messages
      inbox.receive(read, events)
      if (inbox.messages > waiting) this.#taken()
      if (gathers) this.#gather(stream, read.length)
    })
  }

  #taken(): void {
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
