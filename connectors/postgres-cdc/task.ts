/** The running task: finds out where to begin, reads the snapshot, then the log. */
import {
  contextHeaders,
  HeartbeatClock,
  heartbeatRecord,
  newRunId,
  nameAdjuster,
  nameFilter,
  RowEvents,
  topicNames,
  type TopicNames,
} from '#cdc'
import type { Headers, OffsetMap, SourceOffset, SourceRecord } from '#data'
import { messageOf, RetriableError } from '#errors'
import { parseConfig, type RawConfig, type SourceContext, type SourceTask } from '#plugin'
import { type PostgresConfig, supportedFields } from './config.ts'
import { Confirmation } from './confirmation.ts'
import { connect, findRoute, isConnectionLoss, type Client, type Route } from './connection.ts'
import { LogReader } from './log-reader.ts'
import { MessageEvents } from './message-event.ts'
import { readOffset, type ResumePoint, SnapshotPosition, StreamPosition } from './offset.ts'
import { ensurePublication } from './publication.ts'
import { parseIdentityRules, setIdentities } from './replica-identity.ts'
import { createSlot, dropSlot, openReplication, readSlot } from './slot.ts'
import { openView, Snapshot, type SnapshotOptions } from './snapshot.ts'
import { sourceIdentity, type SourceIdentity } from './source-block.ts'
import { includedInSnapshot, selectOverrides, skippedOperations, typeOptions } from './settings.ts'
import { planStart, type StartPlan } from './start.ts'
import { ChangeStream, pause } from './stream.ts'
import { TableVersions } from './table-versions.ts'
import { Capture, capturedTables } from './tables.ts'

export const connectorVersion = '0.1.0'

/** What all parts of a task share. */
interface TaskParts {
  readonly raw: RawConfig
  readonly config: PostgresConfig
  readonly context: SourceContext
  readonly route: Route
  readonly partition: OffsetMap
  readonly capture: Capture
  readonly topics: TopicNames
  readonly identity: SourceIdentity
  readonly headers: Headers
  readonly versions: TableVersions
  readonly confirmation: Confirmation
}

export async function openTask(raw: RawConfig, context: SourceContext): Promise<SourceTask> {
  const config = parseConfig(supportedFields, raw)
  const { route, client } = await findRoute(config)
  try {
    const parts = await taskParts(raw, config, context, route, client)
    const stored = await context.offset(parts.partition)
    const slot = await readSlot(client, config['slot.name'])
    const plan = planStart(config, stored === null ? null : readOffset(stored), slot, context.log)
    if (slot?.walStatus === 'lost' && plan.snapshot) await dropSlot(client, slot.name)
    if (plan.stream || plan.snapshot) await preparePublication(parts, client)
    const resume = plan.snapshot ? null : await firstPosition(parts, plan, slot?.confirmed ?? null)
    return new PostgresTask(parts, plan, resume)
  } finally {
    await client.end().catch(() => {})
  }
}

async function taskParts(
  raw: RawConfig,
  config: PostgresConfig,
  context: SourceContext,
  route: Route,
  client: Client,
): Promise<TaskParts> {
  const { 'topic.prefix': prefix, 'database.dbname': database } = config
  const capture = new Capture(config)
  const topics = topicNames(config)
  const versions = new TableVersions(
    database,
    capture,
    topics,
    typeOptions(config),
    nameAdjuster(config['schema.name.adjustment.mode'], config['field.name.adjustment.mode']),
  )
  await versions.loadTypes(client)
  const headers = contextHeaders(config['extended.headers.enabled'], {
    logicalName: prefix,
    task: context.task,
    kind: 'postgresql',
    runId: newRunId(),
  })
  const identity = sourceIdentity(connectorVersion, prefix, database)
  const partition: OffsetMap = { server: prefix }
  const confirmation = new Confirmation()
  return {
    raw,
    config,
    context,
    route,
    partition,
    capture,
    topics,
    identity,
    headers,
    versions,
    confirmation,
  }
}

async function preparePublication(parts: TaskParts, client: Client): Promise<void> {
  const { config, context, capture, raw } = parts
  const tables = await capturedTables(client, capture)
  if (tables.length === 0) context.log.warn('no table of the database matches the include and exclude lists')
  const unlogged = tables.filter((table) => !table.logged)
  for (const { schema, name } of unlogged)
    context.log.warn({ table: `${schema}.${name}` }, 'the table is not logged: only its snapshot is captured')
  await setIdentities(
    client,
    parseIdentityRules(config['replica.identity.autoset.values']),
    tables,
    context.log,
  )
  const published = tables.filter((table) => table.logged)
  await ensurePublication(client, config, Object.hasOwn(raw, 'skipped.operations'), published, context.log)
}

/** Without a snapshot: the stored position, else where the slot stands, else where a new slot begins. */
async function firstPosition(
  parts: TaskParts,
  plan: StartPlan,
  confirmed: number | null,
): Promise<ResumePoint | null> {
  if (plan.resume !== null || !plan.stream) return plan.resume
  const at = (lsn: number) => ({ lsn, transactionId: null, nth: 1, lastCommit: null })
  if (confirmed !== null) return at(confirmed)
  const session = await openReplication(parts.route)
  try {
    return at((await createSlot(session, parts.config)).position)
  } finally {
    await session.end().catch(() => {})
  }
}

class PostgresTask implements SourceTask {
  readonly #parts: TaskParts
  readonly #plan: StartPlan
  readonly #heartbeats: HeartbeatClock
  #snapshot: { readonly reading: Snapshot; readonly records: AsyncGenerator<SourceRecord[]> } | null = null
  #pending: Promise<IteratorResult<SourceRecord[]>> | null = null
  #snapshotFailures = 0
  #reader: LogReader | null = null
  #stream: ChangeStream | null = null
  #snapshotDone: boolean
  #beatAtOnce = false

  constructor(parts: TaskParts, plan: StartPlan, resume: ResumePoint | null) {
    this.#parts = parts
    this.#plan = plan
    this.#heartbeats = new HeartbeatClock(parts.config['heartbeat.interval.ms'])
    this.#snapshotDone = !plan.snapshot
    if (resume !== null && plan.stream) this.#openStream(resume)
  }

  async poll(signal: AbortSignal): Promise<readonly SourceRecord[]> {
    const deadline = performance.now() + Math.min(1000, this.#parts.config['poll.interval.ms'])
    if (!this.#snapshotDone) return this.#pollSnapshot(deadline, signal)
    if (this.#stream === null) {
      await pause(deadline - performance.now(), signal)
      return []
    }
    const until = Math.min(deadline, performance.now() + this.#heartbeats.remaining())
    const records = await this.#stream.poll(until, signal)
    if (this.#beatAtOnce || this.#heartbeats.due()) await this.#beat(records)
    return records
  }

  async #pollSnapshot(deadline: number, signal: AbortSignal): Promise<readonly SourceRecord[]> {
    try {
      const records = await this.#snapshotBatch(deadline, signal)
      if (records.length > 0) this.#snapshotFailures = 0
      return records
    } catch (error) {
      const { config, context } = this.#parts
      await this.#endSnapshot()
      const most = config['errors.max.retries']
      if (!isConnectionLoss(error)) throw error
      if (most >= 0 && ++this.#snapshotFailures > most)
        throw new RetriableError(`The snapshot failed: ${messageOf(error)}.`, { cause: error })
      context.log.warn({ error: messageOf(error) }, 'the snapshot was cut off: it begins anew')
      await pause(config['retriable.restart.connector.wait.ms'], signal)
      return []
    }
  }

  /** The next batch of the snapshot; empty when it is over, or when the deadline came first. */
  async #snapshotBatch(deadline: number, signal: AbortSignal): Promise<SourceRecord[]> {
    const running = this.#snapshot ?? (await this.#beginSnapshot(signal))
    if (running === null) return []
    const out: SourceRecord[] = []
    while (out.length < this.#parts.config['max.batch.size']) {
      this.#pending ??= running.records.next()
      const next = await within(this.#pending, deadline, signal)
      if (next === null) return out
      this.#pending = null
      if (next.done === true) {
        await this.#finishSnapshot(running.reading, signal)
        return out
      }
      for (const record of next.value) out.push(record)
    }
    return out
  }

  async #beginSnapshot(signal: AbortSignal) {
    const { raw, config, context } = this.#parts
    await pause(config['snapshot.delay.ms'], signal)
    if (signal.aborted) return null
    const options: SnapshotOptions = {
      ...this.#parts,
      included: includedInSnapshot(config),
      overrides: selectOverrides(raw),
      log: context.log,
    }
    const reading = new Snapshot(options, await openView(this.#parts.route))
    this.#snapshot = { reading, records: reading.records() }
    return this.#snapshot
  }

  async #finishSnapshot(reading: Snapshot, signal: AbortSignal): Promise<void> {
    const { position } = reading
    await this.#endSnapshot()
    this.#snapshotDone = true
    if (!this.#plan.stream) return
    await pause(this.#parts.config['streaming.delay.ms'], signal)
    this.#openStream({ lsn: position, transactionId: null, nth: 1, lastCommit: null })
    this.#beatAtOnce = this.#heartbeats.enabled
  }

  async #endSnapshot(): Promise<void> {
    const running = this.#snapshot
    this.#snapshot = null
    const pending = this.#pending
    this.#pending = null
    // Its failure is the one that is being handled, or that of the connection which ends here.
    pending?.catch(() => {})
    await running?.reading[Symbol.asyncDispose]()
  }

  #openStream(resume: ResumePoint): void {
    const { config, context, route, partition, identity, headers, capture, topics, versions, confirmation } =
      this.#parts
    const rows = new RowEvents({
      headers,
      tombstones: config['tombstones.on.delete'],
      skipped: skippedOperations(config),
      skipUnchanged: config['skip.messages.without.change'],
    })
    this.#reader = new LogReader(
      {
        partition,
        identity,
        rows,
        messages: new MessageEvents(topics.message, config['binary.handling.mode']),
        messagePrefix: nameFilter({
          includeProperty: 'message.prefix.include.list',
          include: config['message.prefix.include.list'],
          excludeProperty: 'message.prefix.exclude.list',
          exclude: config['message.prefix.exclude.list'],
        }),
        captured: (relation) => capture.table(relation),
        confirmation,
      },
      resume,
    )
    this.#stream = new ChangeStream({ route, reader: this.#reader, versions, confirmation, log: context.log })
  }

  async #beat(records: SourceRecord[]): Promise<void> {
    const { config, context, topics } = this.#parts
    this.#beatAtOnce = false
    if (this.#reader === null) return
    const query = config['heartbeat.action.query']
    try {
      if (query !== null) await this.#stream?.run(query)
    } catch (error) {
      context.log.warn({ error: messageOf(error) }, 'heartbeat.action.query failed')
    }
    records.push(heartbeatRecord(topics.heartbeat, config['topic.prefix'], this.#reader.heartbeatPosition()))
  }

  async committed(offsets: readonly SourceOffset[]): Promise<void> {
    for (const offset of offsets)
      if (offset instanceof StreamPosition || offset instanceof SnapshotPosition)
        this.#parts.confirmation.durable(offset.sequence)
    this.#stream?.confirm()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#endSnapshot()
    await this.#stream?.[Symbol.asyncDispose]()
    const { config, route, context } = this.#parts
    if (!config['slot.drop.on.stop']) return
    const client = await connect(route)
    try {
      await dropSlot(client, config['slot.name'])
      context.log.info({ slot: config['slot.name'] }, 'dropped the slot (slot.drop.on.stop)')
    } finally {
      await client.end().catch(() => {})
    }
  }
}

/** The promise's value, or null when the deadline or the signal came first; the promise goes on. */
async function within<T>(promise: Promise<T>, deadline: number, signal: AbortSignal): Promise<T | null> {
  const stopped = new AbortController()
  const stop = () => stopped.abort()
  signal.addEventListener('abort', stop, { once: true })
  try {
    return await Promise.race([
      promise,
      pause(deadline - performance.now(), AbortSignal.any([signal, stopped.signal])).then(() => null),
    ])
  } finally {
    stopped.abort()
    signal.removeEventListener('abort', stop)
  }
}
