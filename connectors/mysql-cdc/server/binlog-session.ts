/**
 * One session that reads the log: what the server sends goes to an inbox as it is, event by event is taken out of it.
 *
 *   packet := 0x00 event | 0xFE (the log is over) | 0xFF (the server refuses to go on)
 *
 * An idle log shows life by heartbeats: a session that hears nothing for three of them is lost, whatever TCP thinks.
 * What has come before a failure is handed out before it: `next` until it finds nothing, then look at `failure`.
 */
import type { CellSlab } from '#cdc'
import { BinlogFailure, binlogFailure, failureKind } from './binlog-failure.ts'
import { connect } from './client.ts'
import { type Connection, openConnection } from './connection.ts'
import { type DumpOptions, type LogStart, requestDump } from './dump.ts'
import { binaryLogs } from './facts.ts'
import { ConnectionLost, errorOfPacket, statementError } from './failures.ts'
import type { Login } from './login.ts'
import { PacketInbox } from './packet-inbox.ts'
import { Tap } from './tap.ts'

const EVENT = 0x00
const ERR = 0xff
const SIZE_OF_EVENT = 9
const MISSED_HEARTBEATS = 3
const LONGEST_TIMER = 0x7fffffff
/** The dump command has 32 bits for it. */
const LARGEST_POSITION = 0xffffffff

/** One event, header and checksum included: read it before the next call of `next`. */
export interface BinlogFrame {
  slab: CellSlab
  from: number
  to: number
}

export interface BinlogOptions extends DumpOptions {
  /** An idle server shows life so often; 0: never, and its silence means nothing. */
  readonly heartbeatMs: number
  /** So much may wait to be read before the server has to. */
  readonly maxBytes: number
  /** Of the server's side of this connection; 0: as it is. */
  readonly netWriteTimeoutSeconds: number
  readonly netReadTimeoutSeconds: number
  /** Ends the connection by a reset. */
  readonly nongracefulDisconnect: boolean
}

/** Resolves when the server was asked for its log: what it answers comes as events or as the session's failure. */
export async function openBinlog(
  login: Login,
  start: LogStart,
  options: BinlogOptions,
): Promise<BinlogSession> {
  if ('file' in start && start.pos > LARGEST_POSITION) throw tooFar(start)
  const connection = await openConnection(login)
  const late = setTimeout(() => connection.stream.destroy(), login.connectTimeoutMs)
  try {
    for (const statement of settings(options)) await run(connection, statement)
    return await BinlogSession.start(connection, login, start, options)
  } catch (error) {
    connection.stream.destroy()
    throw statementError(error, login)
  } finally {
    clearTimeout(late)
  }
}

function settings(options: BinlogOptions): readonly string[] {
  const { heartbeatMs, netWriteTimeoutSeconds: write, netReadTimeoutSeconds: read } = options
  return [
    `SET @master_heartbeat_period = ${Math.round(heartbeatMs * 1_000_000)}`,
    ...(write > 0 ? [`SET SESSION net_write_timeout = ${write}`] : []),
    ...(read > 0 ? [`SET SESSION net_read_timeout = ${read}`] : []),
  ]
}

function run(connection: Connection, sql: string): Promise<void> {
  return new Promise((resolve, reject) => {
    connection.query({ sql }, (error) => (error === null ? resolve() : reject(error)))
  })
}

function tooFar(start: { readonly file: string; readonly pos: number }): BinlogFailure {
  return new BinlogFailure(
    'other',
    `The log cannot be read from ${start.file}:${start.pos}: the protocol knows no positions beyond 4 GiB.`,
    {
      remedy:
        'Start from a GTID set (gtid_mode=ON), or from position 4 of this file or the next; keep max_binlog_size and transactions smaller.',
    },
  )
}

export class BinlogSession {
  /** Why the session ended; null while it runs. It is known once `next` has found nothing more. */
  failure: BinlogFailure | null = null
  /** Events that have no format description before them have a checksum. */
  checksum = false
  readonly #connection: Connection
  readonly #login: Login
  readonly #start: LogStart
  readonly #options: BinlogOptions
  readonly #inbox = new PacketInbox(sizeOfEvent)
  readonly #frame: BinlogFrame = { slab: this.#inbox.slab, from: 0, to: 0 }
  #tap: Tap | null = null
  #watch: NodeJS.Timeout | null = null
  #lastRead = 0
  #lost: ConnectionLost | null = null
  #ending = false
  #wake: (() => void) | null = null

  private constructor(connection: Connection, login: Login, start: LogStart, options: BinlogOptions) {
    this.#connection = connection
    this.#login = login
    this.#start = start
    this.#options = options
  }

  static async start(
    connection: Connection,
    login: Login,
    start: LogStart,
    options: BinlogOptions,
  ): Promise<BinlogSession> {
    const session = new BinlogSession(connection, login, start, options)
    session.checksum = await requestDump(connection, start, options, () => session.#begin())
    return session
  }

  /** The server owes no answer: the next byte is of its log. */
  #begin(): void {
    const { stream } = this.#connection
    this.#lastRead = performance.now()
    this.#tap = new Tap(stream, this.#inbox, this.#options.maxBytes, () => {
      this.#lastRead = performance.now()
      this.#notify()
    })
    this.#connection.on('error', (error) => this.#lose(error))
    stream.once('close', () => this.#lose('it was closed'))
    const { heartbeatMs } = this.#options
    if (heartbeatMs === 0) return
    this.#watch = setInterval(() => this.#listen(), Math.min(heartbeatMs, LONGEST_TIMER))
    this.#watch.unref()
  }

  #listen(): void {
    const silence = performance.now() - this.#lastRead
    if (this.#tap?.paused === true) this.#lastRead = performance.now()
    else if (silence > MISSED_HEARTBEATS * this.#options.heartbeatMs)
      this.#lose(`nothing came for ${Math.round(silence)} ms`)
  }

  /** Nothing more will come; what has come is read first, and may say why. */
  #lose(cause: unknown): void {
    this.#lost ??= new ConnectionLost(this.#login, cause)
    this.#notify()
  }

  /** Takes the next event; null: none is there. */
  next(): BinlogFrame | null {
    const inbox = this.#inbox
    if (!inbox.next()) {
      if (this.#lost !== null) this.#end(this.#lost)
      return null
    }
    const { slab, from, to } = inbox
    const marker = slab.bytes[from]
    if (marker !== EVENT) {
      this.#end(
        marker === ERR
          ? errorOfPacket(slab.bytes, from, to)
          : new ConnectionLost(this.#login, 'the server ended its log'),
      )
      return null
    }
    const frame = this.#frame
    frame.slab = slab
    frame.from = from + 1
    frame.to = to
    return frame
  }

  /** To be called after reading: the server goes on when half of what may wait is read. */
  drained(): void {
    this.#tap?.drained()
  }

  /** Resolves when `next` may find something, the session ended, the time is over or the signal came. */
  wait(ms: number, signal: AbortSignal): Promise<void> {
    const ended = this.failure !== null || (this.#lost !== null && !this.#ending)
    if (ended || this.#inbox.ready || signal.aborted) return Promise.resolve()
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

  #notify(): void {
    const wake = this.#wake
    this.#wake = null
    wake?.()
  }

  #end(error: unknown): void {
    if (this.#ending) return
    this.#ending = true
    this.#release()
    if (failureKind(error) !== 'purged') return this.#fail(error, null)
    oldestLog(this.#login).then((oldest) => this.#fail(error, oldest))
  }

  #fail(error: unknown, oldest: string | null): void {
    const start = startText(this.#start)
    this.failure ??= binlogFailure(error, {
      ...{ login: this.#login, serverId: this.#options.serverId },
      ...{ start, oldest },
    })
    this.#notify()
  }

  #release(): void {
    if (this.#watch !== null) clearInterval(this.#watch)
    const { stream, tcp } = this.#connection
    if (this.#options.nongracefulDisconnect) tcp.resetAndDestroy()
    stream.destroy()
  }

  /** The server notices by its next write. */
  async close(): Promise<void> {
    this.#ending = true
    this.#release()
    this.failure ??= new BinlogFailure('lost', 'The session was closed.')
    this.#notify()
  }
}

function startText(start: LogStart): string {
  if ('file' in start) return `${start.file}:${start.pos}`
  return start.gtids === '' ? 'its first transaction' : `the transaction after ${start.gtids}`
}

/** Helps to say what is left; the failure is the same without it. */
async function oldestLog(login: Login): Promise<string | null> {
  try {
    const client = await connect(login)
    try {
      return (await binaryLogs(client))[0]?.file ?? null
    } finally {
      client.destroy()
    }
  } catch {
    return null
  }
}

/** Of an event in several packets: the marker, and what the event's header says. */
function sizeOfEvent(bytes: Buffer, from: number, to: number): number {
  return from + 1 + SIZE_OF_EVENT + 4 <= to ? 1 + bytes.readUInt32LE(from + 1 + SIZE_OF_EVENT) : 0
}
