/**
 * The stream of changes: sessions one after the other, decoding on demand, and what has to be waited for at barriers. A
 * lost connection is opened again behind the last event that was given out, on another server too if GTIDs say where;
 * everything that could lose changes halts (invariant 4).
 */
import type { SourceRecord } from '#data'
import { ConnectError, messageOf } from '#errors'
import type { Logger } from '#observe'
import { GtidSet } from '../decode/gtid-set.ts'
import { MariadbGtidPosition } from '../decode/mariadb-gtid.ts'
import type { Query } from '../decode/query.ts'
import { payloadChunks, type TransactionPayload } from '../decode/transaction-payload.ts'
import type { TableId } from '../ddl/index.ts'
import { type HistoryPosition, historyPosition } from '../history/index.ts'
import type { LogPlace } from '../offset.ts'
import { positionProblem } from '../position-check.ts'
import {
  type BinlogOptions,
  type BinlogSession,
  type Client,
  connect,
  isConnectionLoss,
  type Login,
  type LogStart,
  openBinlog,
  placeOf,
  purgedGtids,
  type ServerFacts,
  serverFacts,
} from '../server/index.ts'
import type { Barrier, Definition } from './barrier.ts'
import type { LogReader } from './log-reader.ts'
import { type Outcome, schemaEvents, type SchemaEventOptions } from './schema-events.ts'

export interface StreamOptions {
  readonly login: Login
  readonly binlog: BinlogOptions
  /** By which the server knows a second session, which reads a large XA transaction again. */
  readonly secondServerId: number
  /** gtid.ignore.on.recovery=false: GTIDs say where to go on, where there are some. */
  readonly usesGtids: boolean
  /** gtid.source.includes and gtid.source.excludes; null: all sources count. */
  readonly counts: ((source: string) => boolean) | null
  /** Few enough for records to die young. */
  readonly recordsPerPoll: number
  /** errors.max.retries; -1: without end. */
  readonly retries: number
  /** retriable.restart.connector.wait.ms */
  readonly longestWaitMs: number
  readonly reader: LogReader
  readonly schema: {
    ddl(query: Query, position: HistoryPosition, timestampMs: number): Promise<DefinitionOutcome>
  }
  readonly versions: { forget(ids: readonly TableId[]): void }
  readonly schemaEvents: SchemaEventOptions
  readonly log: Logger
}

interface DefinitionOutcome extends Outcome {
  readonly shaped: readonly TableId[]
}

const FIRST_WAIT_MS = 200
const PAYLOAD_PIECE = 1 << 20

export class ChangeStream implements AsyncDisposable {
  readonly #options: StreamOptions
  #session: BinlogSession | null = null
  #client: Client | null = null
  #facts: ServerFacts | null = null
  /** Reads an XA transaction again. */
  #again: BinlogSession | null = null
  readonly #pieces = new Map<TransactionPayload, AsyncGenerator<Buffer>>()
  /** Met behind records that are given out first. */
  #failure: unknown = null
  #failures = 0
  #retryAt = 0
  #checkAt = 0
  #disposed = false

  constructor(options: StreamOptions) {
    this.#options = options
  }

  /** What the server of the last session is; null before the first. */
  get facts(): ServerFacts | null {
    return this.#facts
  }

  /** The next records; waits for them until the deadline (of performance.now) or the signal. */
  async poll(deadline: number, signal: AbortSignal): Promise<SourceRecord[]> {
    const out: SourceRecord[] = []
    if (this.#failure !== null) throw this.#failure
    for (;;) {
      try {
        const session = this.#session ?? (await this.#connect(deadline, signal))
        if (session === null) return out
        if (await this.#read(session, out)) return out
        if (out.length === 0 && performance.now() >= this.#checkAt) await this.#checkIdle()
      } catch (error) {
        await this.#lost(error, out)
        if (this.#failure !== null) return out
      }
      if (out.length > 0) this.#checkLater()
      const left = deadline - performance.now()
      if (out.length > 0 || left <= 0 || signal.aborted || this.#disposed) return out
      await (this.#again ?? this.#session)?.wait(left, signal)
    }
  }

  /** True: the end of all reading was reached. */
  async #read(session: BinlogSession, out: SourceRecord[]): Promise<boolean> {
    const { reader, recordsPerPoll } = this.#options
    for (;;) {
      reader.read(session, recordsPerPoll, out)
      session.drained()
      this.#again?.drained()
      if (!reader.rereads) await this.#closeAgain()
      if (reader.arrived) return true
      if (reader.barrier === null) break
      await this.#resolve(reader.barrier)
    }
    const { failure } = this.#again ?? session
    if (out.length < recordsPerPoll && failure !== null) throw failure
    return false
  }

  async #resolve(barrier: Barrier): Promise<void> {
    const { reader } = this.#options
    if (barrier.kind === 'definition') return this.#define(barrier.definition)
    if (barrier.kind === 'again') return this.#readAgain(barrier.place)
    const { payload } = barrier
    const pieces = this.#pieces.get(payload) ?? payloadChunks(payload, PAYLOAD_PIECE)
    this.#pieces.set(payload, pieces)
    const { value } = await pieces.next()
    if (value === undefined) this.#pieces.delete(payload)
    reader.resolvePayload(value ?? null)
  }

  async #readAgain(place: LogPlace): Promise<void> {
    const { login, binlog, secondServerId, reader, log } = this.#options
    const { file, pos } = place
    const session = await openBinlog(login, { file, pos }, { ...binlog, serverId: secondServerId })
    this.#again = session
    reader.resolveAgain(place, session, session.checksum)
    if (this.#disposed) await this.#close()
    log.info({ server: placeOf(login), file, pos }, 'reading a large XA transaction again')
  }

  async #define(definition: Definition): Promise<void> {
    const { reader, schema, versions, schemaEvents: options } = this.#options
    const { query, place, origin } = definition
    const outcome = await schema
      .ddl(query, historyPosition(place), origin.time / 1000)
      .catch((error: unknown) => {
        // Once applied a statement is not applied again: the task starts anew, from the history.
        throw error instanceof ConnectError && !error.retriable ? error : notRecorded(error)
      })
    versions.forget(outcome.shaped)
    reader.resolveDefinition((before, behind) => schemaEvents(options, definition, outcome, before, behind))
  }

  /** A session of our own making, or null when the deadline came first. */
  async #connect(deadline: number, signal: AbortSignal): Promise<BinlogSession | null> {
    const wait = this.#retryAt - performance.now()
    if (wait > 0) {
      await pause(Math.min(wait, Math.max(0, deadline - performance.now())), signal)
      if (performance.now() < this.#retryAt) return null
    }
    if (signal.aborted) return null
    const { login, binlog, reader, log } = this.#options
    const start = await this.#start()
    const session = await openBinlog(login, start, binlog)
    this.#session = session
    this.#checkLater()
    reader.begins(session.checksum)
    // Nobody would end a session that was opened after the end.
    if (this.#disposed) await this.#close()
    log.info({ server: placeOf(login), ...start }, 'reading the log')
    return session
  }

  /** Where the session begins, once it is sure that the server has the log from there on. */
  async #start(): Promise<LogStart> {
    const { login, reader, usesGtids, counts } = this.#options
    const client = await connect(login)
    try {
      const facts = await serverFacts(client)
      const { file, pos, gtids } = reader.resumePoint
      const byGtids = gtids !== null && facts.gtids && (usesGtids || file === '')
      const place = byGtids ? { file, pos, gtids } : { file, pos, gtids: null }
      if (!byGtids && file === '') throw withoutGtids(login)
      if (!byGtids) this.#checkServer(facts)
      const problem = await positionProblem({ client, facts, counts }, place)
      if (problem !== null) throw lostPosition(login, problem)
      this.#facts = facts
      if (!byGtids) return { file, pos }
      const purged = (await purgedGtids(client, facts)) ?? ''
      return { gtids: counts === null ? gtids : withOthers(facts.server, gtids, purged, counts) }
    } finally {
      client.destroy()
    }
  }

  /** While nothing comes, as often as the server's heartbeats; never, where there are none. */
  #checkLater(): void {
    const { heartbeatMs } = this.#options.binlog
    this.#checkAt = heartbeatMs > 0 ? performance.now() + heartbeatMs : Number.POSITIVE_INFINITY
  }

  /**
   * Whether the place that was read to is one of the server's log still (invariant 4): a log that is reset under its
   * readers tells them nothing.
   */
  async #checkIdle(): Promise<void> {
    const { login, reader, usesGtids, counts } = this.#options
    this.#checkLater()
    const facts = this.#facts
    const { file, pos, gtids } = reader.resumePoint
    if (facts === null || file === '') return
    const byGtids = gtids !== null && facts.gtids && usesGtids
    const client = await connect(login)
    try {
      const place = { file, pos, gtids: byGtids ? gtids : null }
      const problem = await positionProblem({ client, facts, counts }, place)
      if (problem !== null) throw lostPosition(login, problem)
      // The session has lasted: what was lost before it counts no more.
      this.#failures = 0
    } finally {
      client.destroy()
    }
  }

  /** Files and positions are those of one server: of another one they say nothing. */
  #checkServer(facts: ServerFacts): void {
    const known = this.#facts
    if (known === null || identityOf(known) === identityOf(facts)) return
    throw new ConnectError(
      `database.hostname: another server answers at ${placeOf(this.#options.login)} (${identityOf(facts)}, before ${identityOf(known)}), and without GTIDs nobody knows where its log goes on.`,
      {
        remedy:
          'Point the connector at the right server, switch gtid_mode on, or delete the offsets to begin with a new snapshot.',
      },
    )
  }

  /** Decides between another try and the end. */
  async #lost(error: unknown, out: readonly SourceRecord[]): Promise<void> {
    const { login, log, retries, longestWaitMs } = this.#options
    await this.#close()
    this.#failures = out.length > 0 ? 1 : this.#failures + 1
    const tries = this.#failures
    if (!isConnectionLoss(error)) return this.#fail(error, out)
    if (retries >= 0 && tries > retries)
      return this.#fail(
        new ConnectError(
          `The connection to ${placeOf(login)} was lost and ${retries} tries (errors.max.retries) did not bring it back: ${messageOf(error)}`,
          { cause: error, remedy: 'Mend the cause and restart the task: it goes on where it was.' },
        ),
        out,
      )
    const wait = Math.min(longestWaitMs, FIRST_WAIT_MS * 2 ** Math.min(tries - 1, 10))
    this.#retryAt = performance.now() + wait
    log.warn({ error: messageOf(error), tries, wait }, 'the connection was lost: trying again')
  }

  /** What was read before goes out first. */
  #fail(error: unknown, out: readonly SourceRecord[]): void {
    if (out.length === 0) throw error
    this.#failure = error
  }

  /** Runs a statement beside the stream (heartbeat.action.query). */
  async run(statement: string): Promise<void> {
    this.#client ??= await connect(this.#options.login)
    try {
      await this.#client.query(statement)
    } catch (error) {
      this.#client?.destroy()
      this.#client = null
      throw error
    }
  }

  async #close(): Promise<void> {
    const session = this.#session
    this.#session = null
    for (const pieces of this.#pieces.values()) await pieces.return(undefined)
    this.#pieces.clear()
    await this.#closeAgain()
    await session?.close()
  }

  async #closeAgain(): Promise<void> {
    const again = this.#again
    this.#again = null
    await again?.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true
    this.#client?.destroy()
    this.#client = null
    await this.#close()
  }
}

function identityOf({ serverUuid, serverId }: ServerFacts): string {
  return serverUuid ?? `server_id ${serverId}`
}

/** Of sources that do not count, what the server no longer has is not asked for. */
function withOthers(
  server: ServerFacts['server'],
  gtids: string,
  purged: string,
  counts: (source: string) => boolean,
): string {
  if (server === 'mysql')
    return GtidSet.parse(gtids)
      .union(GtidSet.parse(purged).filter((uuid) => !counts(uuid)))
      .toString()
  const others = MariadbGtidPosition.parse(purged).filter(({ domain }) => !counts(String(domain)))
  return MariadbGtidPosition.parse(gtids).union(others).toString()
}

function lostPosition(login: Login, problem: string): ConnectError {
  return new ConnectError(`The log of ${placeOf(login)} cannot be read on from here: ${problem}`, {
    remedy:
      'Set snapshot.mode=when_needed, or delete the offsets with DELETE /connectors/{name}/offsets, for a new snapshot.',
  })
}

function notRecorded(cause: unknown): ConnectError {
  return new ConnectError(`The schema history could not take a statement of the log: ${messageOf(cause)}`, {
    cause,
    remedy: 'Mend the cause and restart the task: it goes on with that statement.',
  })
}

function withoutGtids(login: Login): ConnectError {
  return new ConnectError(
    `The stored offset has GTIDs without a file, and ${placeOf(login)} has none (gtid_mode is OFF).`,
    { remedy: "Set the offset to a file and a position with 'PATCH /connectors/{name}/offsets'." },
  )
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted || ms <= 0) return Promise.resolve()
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done, { once: true })
  })
}
