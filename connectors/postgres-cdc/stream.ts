/**
 * The stream of changes: replication sessions one after the other, decoding on demand, look-ups at barriers, and
 * what the server is told. A lost connection is opened again behind the last change that was decoded; everything
 * that could lose changes halts (invariant 4).
 */
import { setTimeout as delay } from 'node:timers/promises'
import { pause } from '#cdc'
import type { SourceRecord } from '#data'
import { ConnectError, messageOf } from '#errors'
import type { Logger } from '#observe'
import {
  type Client,
  clientConfig,
  connect,
  isConnectionLoss,
  quoteIdentifier,
  quoteLiteral,
  type Route,
  sqlStateOf,
} from './connection.ts'
import type { Relation } from './decode/pgoutput.ts'
import { Inbox } from './inbox.ts'
import type { LogReader } from './log-reader.ts'
import { ReplicationSession } from './replication-session.ts'
import { recordsPerPoll } from './settings.ts'
import {
  identifySystem,
  movedByHand,
  openReplication,
  positionLost,
  readSlot,
  shownLsn,
  slotAhead,
  slotInUse,
  SlotInUseError,
  slotProblem,
  type SystemIdentity,
} from './slot.ts'
import type { TableVersions } from './table-versions.ts'
import { type TableFacts, tableFacts } from './tables.ts'

const DEFAULT_BYTES = 32 * 1024 * 1024
const FIRST_WAIT_MS = 200
/** A reader that has just ended, ours or that of a killed worker, leaves the slot within so many short waits. */
const QUICK_TRIES = 4

export interface StreamOptions {
  readonly route: Route
  readonly reader: LogReader
  readonly versions: TableVersions
  readonly log: Logger
}

export class ChangeStream {
  readonly #options: StreamOptions
  readonly #inbox = new Inbox()
  #session: ReplicationSession | null = null
  #catalog: Client | null = null
  #timer: NodeJS.Timeout | null = null
  #system: SystemIdentity | null = null
  /** What the server may be told: the stored offset says that everything before it was given out. 0: not known yet. */
  #stored = 0
  #failures = 0
  #slotTries = 0
  #retryAt = 0
  #disposed = false

  constructor(options: StreamOptions) {
    this.#options = options
  }

  /** The next records; waits for them until the deadline (of performance.now) or the signal. */
  async poll(deadline: number, signal: AbortSignal): Promise<SourceRecord[]> {
    const { reader, route } = this.#options
    const out: SourceRecord[] = []
    const most = recordsPerPoll(route.config)
    for (;;) {
      try {
        const session = this.#session ?? (await this.#connect(deadline, signal))
        if (session === null) return out
        reader.read(this.#inbox, most, out)
        session.drained()
        if (reader.arrived) return out
        if (reader.barrier !== null) {
          await this.#lookUp()
          continue
        }
        if (this.#inbox.messages === 0 && session.failure !== null) throw session.failure
      } catch (error) {
        await this.#lost(error)
        if (out.length === 0) continue
      }
      const left = deadline - performance.now()
      if (out.length > 0 || left <= 0 || signal.aborted || this.#disposed) return out
      await this.#session?.wait(left, signal)
    }
  }

  /** A session of our own making, or null when the deadline came first. */
  async #connect(deadline: number, signal: AbortSignal): Promise<ReplicationSession | null> {
    const wait = this.#retryAt - performance.now()
    if (wait > 0) {
      await pause(Math.min(wait, Math.max(0, deadline - performance.now())), signal)
      if (signal.aborted || performance.now() < this.#retryAt) return null
    }
    if (signal.aborted) return null
    const { route, reader, log } = this.#options
    const { config } = route
    const catalog = await this.#catalogSession()
    const { lsn } = reader.resumePoint
    reader.begins(await this.#checkServer(lsn))
    await this.#checkSlot(catalog, lsn)
    const replyEvery = await this.#replyInterval(catalog)
    const options = await streamOptions(catalog, route)
    this.#inbox.clear()
    this.#session = await ReplicationSession.open(
      {
        client: clientConfig(config, route.ssl),
        slot: config['slot.name'],
        start: shownLsn(lsn),
        options,
        inbox: this.#inbox,
        maxMessages: config['max.queue.size'],
        maxBytes: config['max.queue.size.in.bytes'] || DEFAULT_BYTES,
      },
      () => this.#position(),
    )
    this.#timer = setInterval(() => this.#confirm(), replyEvery)
    this.#failures = 0
    this.#slotTries = 0
    // Nobody would end a session that was opened after the end.
    if (this.#disposed) await this.#close()
    log.info(
      { slot: config['slot.name'], from: shownLsn(lsn), confirmed: shownLsn(this.#stored) },
      'reading the log',
    )
    return this.#session
  }

  /**
   * Another server behind the address, or one restored from a backup, has a log that is not ours (invariant 4).
   * Returns where its log ends.
   */
  async #checkServer(lsn: number): Promise<number> {
    const session = await openReplication(this.#options.route)
    const system = await identifySystem(session).finally(() => session.end().catch(() => {}))
    const known = this.#system
    if (known !== null && known.id !== system.id)
      throw new ConnectError(
        `database.hostname: another server answers at this address (system identifier ${system.id}, before ${known.id}).`,
        {
          remedy:
            'Point the connector at the right server, or reset its offsets to begin with a new snapshot.',
        },
      )
    // Some clients confirm the byte behind what they have read; a slot that they used stands there.
    if (system.end + 1 < lsn)
      throw new ConnectError(
        `The server's log ends at ${shownLsn(system.end)}, before the stored position ${shownLsn(lsn)}: it is another server, or was restored from a backup.`,
        {
          remedy:
            'Point the connector at the right server, or reset its offsets to begin with a new snapshot.',
        },
      )
    this.#system = system
    return system.end
  }

  async #checkSlot(catalog: Client, lsn: number): Promise<void> {
    const { config } = this.#options.route
    const name = config['slot.name']
    const slot = await readSlot(catalog, name)
    if (slot === null) throw positionLost(name, lsn, 'it does not exist any more')
    const problem = slotProblem(slot, config)
    if (problem !== null) throw new ConnectError(problem)
    if (slot.active) throw new SlotInUseError(slot)
    // Nothing is confirmed that was not read, so a slot that is further was not moved by us.
    if (slot.confirmed !== null && slot.confirmed > lsn && !movedByHand(config))
      throw slotAhead(name, lsn, slot.confirmed)
  }

  /** Often enough for the server not to give up on us, also while the socket is paused. */
  async #replyInterval(catalog: Client): Promise<number> {
    const { rows } = await catalog.query<{ ms: string }>(
      `SELECT setting AS ms FROM pg_catalog.pg_settings WHERE name = 'wal_sender_timeout'`,
    )
    const timeout = Number(rows[0]?.ms ?? 0)
    const wanted = this.#options.route.config['status.update.interval.ms']
    return timeout > 0 ? Math.max(1, Math.min(wanted, Math.floor(timeout / 3))) : wanted
  }

  async #lookUp(): Promise<void> {
    const { reader, versions } = this.#options
    const relation = reader.barrier
    if (relation === null) return
    const catalog = await this.#catalogSession()
    const facts = await visibleFacts(catalog, relation)
    reader.resolve(await versions.ofRelation(catalog, relation, facts))
  }

  async #catalogSession(): Promise<Client> {
    this.#catalog ??= await connect(this.#options.route)
    return this.#catalog
  }

  /** Runs a statement beside the stream (heartbeat.action.query). */
  async run(statement: string): Promise<void> {
    const catalog = await this.#catalogSession()
    await catalog.query(statement)
  }

  /** Decides between another try and the end. */
  async #lost(error: unknown): Promise<void> {
    const { route, reader, log } = this.#options
    const { config } = route
    await this.#close()
    this.#inbox.clear()
    reader.restarted()
    const occupied = sqlStateOf(error) === '55006'
    if (occupied && this.#slotTries >= QUICK_TRIES + config['slot.max.retries'])
      throw await this.#occupied(error)
    if (!occupied && !isConnectionLoss(error)) throw explained(error, route, reader.resumePoint.lsn)
    const most = config['errors.max.retries']
    const tries = occupied ? ++this.#slotTries : ++this.#failures
    if (!occupied && most >= 0 && tries > most)
      throw new ConnectError(
        `The connection to PostgreSQL was lost and ${most} tries (errors.max.retries) did not bring it back: ${messageOf(error)}.`,
        { cause: error, remedy: 'Mend the cause and restart the task: it goes on where it was.' },
      )
    const longest = config[occupied ? 'slot.retry.delay.ms' : 'retriable.restart.connector.wait.ms']
    const quick = !occupied || tries <= QUICK_TRIES
    const wait = quick ? Math.min(longest, FIRST_WAIT_MS * 2 ** Math.min(tries - 1, 10)) : longest
    this.#retryAt = performance.now() + wait
    log.warn({ error: messageOf(error), tries, wait }, 'the connection to PostgreSQL was lost: trying again')
  }

  async #occupied(error: unknown): Promise<ConnectError> {
    const name = this.#options.route.config['slot.name']
    const slot = await this.#catalogSession()
      .then((catalog) => readSlot(catalog, name))
      .catch(() => null)
    return new ConnectError(slot === null ? messageOf(error) : slotInUse(slot), { cause: error })
  }

  #position(): number {
    return movedByHand(this.#options.route.config) ? 0 : this.#stored
  }

  /** The offset of that position is stored. */
  stored(lsn: number): void {
    this.#stored = Math.max(this.#stored, lsn)
    this.#confirm()
  }

  /** Tells the server what is durable (invariant 1). */
  #confirm(): void {
    this.#session?.confirm(this.#position())
  }

  async #close(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
    const [session, catalog] = [this.#session, this.#catalog]
    this.#session = null
    this.#catalog = null
    await session?.close()
    await catalog?.end().catch(() => {})
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true
    this.#confirm()
    await this.#close()
  }
}

/** Options of START_REPLICATION. Logical messages exist since PostgreSQL 14. */
async function streamOptions(catalog: Client, route: Route): Promise<string> {
  const { config } = route
  const { rows } = await catalog.query<{ version: string }>('SHOW server_version_num')
  const version = Number(Object.values(rows[0] ?? {})[0] ?? 0)
  const options = new Map([
    ['proto_version', '1'],
    ['publication_names', quoteIdentifier(config['publication.name'])],
  ])
  if (version >= 140_000) options.set('messages', 'true')
  for (const pair of (config['slot.stream.params'] ?? '').split(';').filter((each) => each.includes('=')))
    options.set(pair.slice(0, pair.indexOf('=')).trim(), pair.slice(pair.indexOf('=') + 1).trim())
  return [...options]
    .map(([name, value]) => `${quoteIdentifier(name)} ${quoteLiteral(value).trim()}`)
    .join(', ')
}

/** The server's refusals, with what to do. */
function explained(error: unknown, route: Route, lsn: number): unknown {
  if (error instanceof ConnectError) return error
  const { config } = route
  const [state, message] = [sqlStateOf(error), messageOf(error)]
  if (/publication ".*" does not exist/.test(message))
    return new ConnectError(`publication.name: ${message}.`, {
      cause: error,
      remedy: `Make it again (CREATE PUBLICATION ${quoteIdentifier(config['publication.name'])} FOR ALL TABLES;). If it did not exist when the slot was made, drop the slot, reset the offsets and start with a snapshot.`,
    })
  if (state === '42704' || /replication slot ".*" does not exist/.test(message))
    return positionLost(config['slot.name'], lsn, message)
  if (
    /requested WAL segment .* has already been removed|can no longer (get changes|access)|invalidated/.test(
      message,
    )
  )
    return positionLost(config['slot.name'], lsn, `the server has removed that part of its log (${message})`)
  return new ConnectError(`PostgreSQL refused to send its log: ${message}.`, { cause: error })
}

/** How long a commit may take from the log to the catalogue. */
const VISIBLE_WITHIN_MS = 200

/**
 * What the catalogue says of the relation. The server sends a transaction once its commit is in the log, a moment before
 * others see it: a column that the catalogue does not have is looked for again. One that was dropped since stays away.
 */
async function visibleFacts(catalog: Client, { oid, columns }: Relation): Promise<TableFacts | null> {
  const end = performance.now() + VISIBLE_WITHIN_MS
  for (;;) {
    const facts = (await tableFacts(catalog, [oid])).get(oid) ?? null
    const known = new Set(facts?.columns.map(({ name }) => name))
    if (columns.every(({ name }) => known.has(name)) || performance.now() > end) return facts
    await delay(10)
  }
}
