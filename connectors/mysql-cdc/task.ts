/** The running task: finds out where to begin, reads the snapshot, then the log. */
import { HeartbeatClock, heartbeatRecord, pause, PostProcessing, postProcesses } from '#cdc'
import type { OffsetMap, SourceOffset, SourceRecord } from '#data'
import { messageOf } from '#errors'
import { type ConfigFields, parseConfig, type RawConfig, type SourceContext, type SourceTask } from '#plugin'
import type { MysqlConfig } from './config/servers.ts'
import { gtidSources, typeOptions } from './config/settings.ts'
import { type HistoryPosition, logOrder, type PositionOrder, positionOrder } from './history/index.ts'
import { Session } from './incremental/session.ts'
import type { Log } from './log.ts'
import { givenOut, readOffset, type ResumePoint, type StoredOffset } from './offset.ts'
import { readLog, snapshotParts, type TaskParts, taskParts } from './parts.ts'
import { positionProblem } from './position-check.ts'
import { MysqlRowFinder } from './row-finder.ts'
import { type Client, connect, type Server, serverFacts } from './server/index.ts'
import { loginOf } from './config/login.ts'
import { readProgress, SnapshotPhase } from './snapshot/index.ts'
import { planStart, type StartPlan } from './start.ts'

export async function openTask(
  server: Server,
  fields: ConfigFields,
  raw: RawConfig,
  context: SourceContext,
): Promise<SourceTask> {
  const config = parseConfig(fields, raw) as unknown as MysqlConfig
  const client = await connect(loginOf(server, config))
  try {
    const facts = await serverFacts(client)
    const parts = taskParts({ raw, config, context, server, facts })
    try {
      const offset = await context.offset(parts.partition)
      const plan = await makePlan(parts, client, offset)
      if (isRecovered(plan, offset)) await recover(parts, offset)
      return new MysqlTask(parts, plan, offset)
    } catch (error) {
      await parts.schema[Symbol.asyncDispose]()
      throw error
    }
  } finally {
    client.destroy()
  }
}

/** A snapshot that was cut off among the rows begins with the log, whose tables its schema is in the history for. */
function isRecovered({ schema, stream, continues }: StartPlan, offset: OffsetMap | null): boolean {
  if (schema === 'recover') return stream
  return continues && offset !== null && readProgress(offset) !== null
}

async function makePlan(parts: TaskParts, client: Client, offset: OffsetMap | null): Promise<StartPlan> {
  const { config, context, facts } = parts
  const { log, metrics } = context
  const stored: StoredOffset | null = offset === null ? null : readOffset(offset)
  const plan = planStart({
    config,
    stored,
    positionProblem: stored === null ? null : await lostPosition(parts, client, stored.resume),
    historyProblem: stored === null ? null : await parts.schema.historyProblem(),
    log,
  })
  metrics
    .counter('rowtap_source_positions_skipped_total', 'Starts that went on past changes that nobody has seen')
    .inc(plan.skipped ? 1 : 0)
  log.info({ ...plan, server: facts.version }, 'starting')
  return plan
}

function lostPosition(
  { config, facts }: TaskParts,
  client: Client,
  resume: ResumePoint,
): Promise<string | null> {
  const byFile = config['gtid.ignore.on.recovery'] && resume.file !== ''
  const { file, pos, gtids } = resume
  return positionProblem(
    { client, facts, counts: gtidSources(config) },
    { file, pos, gtids: byFile ? null : gtids },
  )
}

async function recover({ schema, config, facts }: TaskParts, offset: OffsetMap | null): Promise<void> {
  await schema.recover(offset === null ? null : recoveredUntil(config, facts.server, givenOut(offset)))
}

/** By files alone where GTIDs are not to be minded. */
function recoveredUntil(config: MysqlConfig, server: Server, offset: OffsetMap): PositionOrder {
  const { file, pos } = offset
  if (config['gtid.ignore.on.recovery'] && typeof file === 'string') return logOrder(file, Number(pos))
  return positionOrder(server, asHistory(offset), gtidSources(config))
}

/** The history keeps numbers as numbers. */
function asHistory(offset: OffsetMap): HistoryPosition {
  const entries = Object.entries(offset).map(([key, value]) => [
    key,
    typeof value === 'bigint' ? Number(value) : value,
  ])
  return Object.fromEntries(entries) as HistoryPosition
}

class MysqlTask implements SourceTask {
  readonly #parts: TaskParts
  readonly #plan: StartPlan
  readonly #heartbeats: HeartbeatClock
  readonly #lag: { set(value: number): void }
  readonly #postProcessing: PostProcessing | null
  #snapshot: SnapshotPhase | null = null
  #log: Log | null = null
  #beatAtOnce = false

  constructor(parts: TaskParts, plan: StartPlan, offset: OffsetMap | null) {
    this.#parts = parts
    this.#plan = plan
    this.#heartbeats = new HeartbeatClock(parts.config['heartbeat.interval.ms'])
    this.#lag = parts.context.metrics.gauge(
      'rowtap_source_lag_ms',
      'Age of the last change when it was read from the log, in milliseconds; 0 when there is none to be read',
    )
    this.#postProcessing = postProcessing(parts)
    if (plan.schema === 'read')
      this.#snapshot = new SnapshotPhase(snapshotParts(parts), initialSnapshot(parts, plan, offset))
    else if (plan.stream && plan.resume !== null) this.#log = readLog(parts, plan.resume)
  }

  async poll(signal: AbortSignal): Promise<readonly SourceRecord[]> {
    const deadline = performance.now() + Math.min(1000, this.#parts.config['poll.interval.ms'])
    if (this.#snapshot !== null) return this.#pollSnapshot(this.#snapshot, deadline, signal)
    if (this.#log === null) {
      await pause(deadline - performance.now(), signal)
      return []
    }
    const until = Math.min(deadline, performance.now() + this.#heartbeats.remaining())
    const records = await this.#log.poll(this.#beatAtOnce ? performance.now() : until, signal)
    await this.#postProcessing?.apply(records as SourceRecord[])
    const { changeTimeMs } = this.#log.reader
    this.#lag.set(records.length === 0 || changeTimeMs === 0 ? 0 : Math.max(0, Date.now() - changeTimeMs))
    if (this.#beatAtOnce || this.#heartbeats.due()) await this.#beat(this.#log, records as SourceRecord[])
    return records
  }

  async #pollSnapshot(
    snapshot: SnapshotPhase,
    deadline: number,
    signal: AbortSignal,
  ): Promise<readonly SourceRecord[]> {
    const records = await snapshot.poll(deadline, signal)
    const { done } = snapshot
    if (done === null) return records
    this.#snapshot = null
    if (!this.#plan.stream) return records
    await pause(this.#parts.config['streaming.delay.ms'], signal)
    this.#log = readLog(this.#parts, done)
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

  idle(): SourceOffset | null {
    return this.#log?.reader.idlePosition() ?? null
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#postProcessing?.[Symbol.asyncDispose]()
    await this.#snapshot?.[Symbol.asyncDispose]()
    await this.#log?.[Symbol.asyncDispose]()
    await this.#parts.schema[Symbol.asyncDispose]()
  }
}

function postProcessing({ raw, config, context, login, schema, versions }: TaskParts): PostProcessing | null {
  if (!postProcesses(raw)) return null
  const { binary } = typeOptions(config)
  const finder = new MysqlRowFinder({ session: new Session(login), schema, versions, binary })
  return new PostProcessing(raw, finder, context.log)
}

/** The snapshot that a start takes; `offset`: the stored one. */
function initialSnapshot({ partition }: TaskParts, plan: StartPlan, offset: OffsetMap | null) {
  const stays = !plan.data && plan.resume !== null && offset !== null
  return {
    kind: 'initial',
    schema: true,
    data: plan.data,
    from: plan.resume,
    offset: stays ? { partition, offset: () => offset } : null,
    progress: plan.continues && offset !== null ? readProgress(offset) : null,
    tables: [],
    selects: new Map<string, string>(),
  } as const
}
