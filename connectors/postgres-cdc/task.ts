/** The running task: finds out where to begin, reads the snapshot, then the log. */
import {
  ColumnRules,
  contextHeaders,
  HeartbeatClock,
  heartbeatRecord,
  newRunId,
  nameAdjuster,
  pause,
  PostProcessing,
  postProcesses,
  topicNames,
} from '#cdc'
import type { OffsetMap, SourceOffset, SourceRecord } from '#data'
import { messageOf } from '#errors'
import { parseConfig, type RawConfig, type SourceContext, type SourceTask } from '#plugin'
import { type PostgresConfig, supportedFields } from './config.ts'
import { connect, findRoute, type Client, type Route } from './connection.ts'
import { type Log, openLog, type TaskParts } from './log.ts'
import { between, readOffset, type ResumePoint, SnapshotPosition, StreamPosition } from './offset.ts'
import { ensurePublication } from './publication.ts'
import { parseIdentityRules, setIdentities } from './replica-identity.ts'
import { createSlot, dropSlot, openReplication, readSlot } from './slot.ts'
import { SnapshotPhase } from './snapshot-phase.ts'
import { sourceIdentity } from './source-block.ts'
import { typeOptions } from './settings.ts'
import { PostgresRowFinder } from './row-finder.ts'
import { planStart, type StartPlan } from './start.ts'
import { TableVersions } from './table-versions.ts'
import { Capture, capturedTables } from './tables.ts'

export const connectorVersion = '0.1.0'
const DROP_MS = 3000

export async function openTask(raw: RawConfig, context: SourceContext): Promise<SourceTask> {
  const config = parseConfig(supportedFields, raw)
  const { route, client } = await findRoute(config)
  try {
    const parts = await taskParts(raw, config, context, route, client)
    const offset = await context.offset(parts.partition)
    const stored = offset === null ? null : readOffset(offset)
    const slot = await readSlot(client, config['slot.name'])
    const strategyIsSet = Object.hasOwn(raw, 'offset.mismatch.strategy')
    const plan = planStart({ config, strategyIsSet, stored, slot, log: context.log })
    context.metrics
      .counter(
        'rowtap_source_positions_skipped_total',
        'Starts that went on past changes that nobody has seen',
      )
      .inc(plan.skipped ? 1 : 0)
    if (slot?.walStatus === 'lost' && plan.snapshot) await dropSlot(client, slot.name)
    const newPublication = await prepareTables(parts, plan.stream, client)
    if (!plan.snapshot) return new PostgresTask(parts, plan, await firstPosition(parts, plan))
    // No earlier attempt has read through a publication that is new, and a slot cannot look behind its making.
    return new PostgresTask(parts, plan, newPublication && stored === null ? null : plan.resume)
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
    new ColumnRules(raw),
    context.log,
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
  }
}

/** Replica identities and, for a stream, the publication. Returns whether that was made just now. */
async function prepareTables(parts: TaskParts, stream: boolean, client: Client): Promise<boolean> {
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
  if (!stream) return false
  const published = tables.filter((table) => table.logged)
  return ensurePublication(client, config, Object.hasOwn(raw, 'skipped.operations'), published, context.log)
}

/** Without a snapshot: where the plan says, else where a new slot begins. */
async function firstPosition(parts: TaskParts, plan: StartPlan): Promise<ResumePoint | null> {
  if (plan.resume !== null || !plan.stream) return plan.resume
  const session = await openReplication(parts.route)
  try {
    return between((await createSlot(session, parts.config)).position)
  } finally {
    await session.end().catch(() => {})
  }
}

class PostgresTask implements SourceTask {
  readonly #parts: TaskParts
  readonly #plan: StartPlan
  readonly #heartbeats: HeartbeatClock
  readonly #lag: { set(value: number): void }
  #snapshot: SnapshotPhase | null = null
  #log: Log | null = null
  #beatAtOnce = false
  readonly #postProcessing: PostProcessing | null

  constructor(parts: TaskParts, plan: StartPlan, resume: ResumePoint | null) {
    this.#parts = parts
    this.#plan = plan
    this.#heartbeats = new HeartbeatClock(parts.config['heartbeat.interval.ms'])
    this.#lag = parts.context.metrics.gauge(
      'rowtap_source_lag_ms',
      'Age of the last change when it was read from the log, in milliseconds; 0 when there is none to be read',
    )
    const { raw, route, context } = parts
    this.#postProcessing = postProcesses(raw)
      ? new PostProcessing(raw, new PostgresRowFinder(route), context.log)
      : null
    if (plan.snapshot) this.#snapshot = new SnapshotPhase(parts, plan.stream, resume)
    else if (resume !== null) this.#log = openLog(parts, resume, null)
  }

  async poll(signal: AbortSignal): Promise<readonly SourceRecord[]> {
    const deadline = performance.now() + Math.min(1000, this.#parts.config['poll.interval.ms'])
    if (this.#snapshot !== null) return this.#pollSnapshot(this.#snapshot, deadline, signal)
    if (this.#log === null) {
      await pause(deadline - performance.now(), signal)
      return []
    }
    const { stream, reader } = this.#log
    const until = Math.min(deadline, performance.now() + this.#heartbeats.remaining())
    const records = await stream.poll(until, signal)
    await this.#postProcessing?.apply(records)
    this.#lag.set(records.length === 0 ? 0 : Math.max(0, Date.now() - reader.commitTimeMs))
    if (this.#beatAtOnce || this.#heartbeats.due()) await this.#beat(this.#log, records)
    return records
  }

  async #pollSnapshot(
    snapshot: SnapshotPhase,
    deadline: number,
    signal: AbortSignal,
  ): Promise<readonly SourceRecord[]> {
    const records = await snapshot.poll(deadline, signal)
    if (snapshot.done === null) return records
    this.#snapshot = null
    if (!this.#plan.stream) return records
    await pause(this.#parts.config['streaming.delay.ms'], signal)
    this.#log = openLog(this.#parts, between(snapshot.done), null)
    this.#beatAtOnce = this.#heartbeats.enabled
    return records
  }

  async #beat({ stream, reader }: Log, records: SourceRecord[]): Promise<void> {
    const { config, context, topics } = this.#parts
    this.#beatAtOnce = false
    const query = config['heartbeat.action.query']
    try {
      if (query !== null) await stream.run(query)
    } catch (error) {
      context.log.warn({ error: messageOf(error) }, 'heartbeat.action.query failed')
    }
    records.push(heartbeatRecord(topics.heartbeat, config['topic.prefix'], reader.heartbeatPosition()))
  }

  /** An idle database: where the log has been read to is stored first, and confirmed in `committed` (invariant 1). */
  idle(): SourceOffset | null {
    return this.#log?.reader.idlePosition() ?? null
  }

  async committed(offsets: readonly SourceOffset[]): Promise<void> {
    for (const offset of offsets)
      if (offset instanceof StreamPosition) {
        this.#snapshot?.stored(offset.safe)
        this.#log?.stream.stored(offset.safe)
      } else if (offset instanceof SnapshotPosition && offset.last) this.#log?.stream.stored(offset.lsn)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#postProcessing?.[Symbol.asyncDispose]()
    await this.#snapshot?.[Symbol.asyncDispose]()
    await this.#log?.stream[Symbol.asyncDispose]()
    const { config, route, context } = this.#parts
    // Only when the task was told to stop: a task that failed goes on later, and needs its slot.
    if (!config['slot.drop.on.stop'] || !context.signal.aborted) return
    const client = await connect(route)
    const slot = config['slot.name']
    try {
      // The server needs a moment to notice that the session has ended.
      const deadline = performance.now() + DROP_MS
      let left = true
      while (left && performance.now() < deadline) {
        await dropSlot(client, slot)
        left = (await readSlot(client, slot)) !== null
        if (left) await pause(50, new AbortController().signal)
      }
      if (left) context.log.warn({ slot }, 'the slot is in use and was not dropped (slot.drop.on.stop)')
      else context.log.info({ slot }, 'dropped the slot (slot.drop.on.stop)')
    } finally {
      await client.end().catch(() => {})
    }
  }
}
