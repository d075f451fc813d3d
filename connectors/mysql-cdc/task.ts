/** The running task: finds out where to begin, reads the snapshot, then the log, with the signals in it. */
import {
  HeartbeatClock,
  heartbeatRecord,
  type Notifier,
  notifierOf,
  pause,
  PostProcessing,
  postProcesses,
  type Signal,
  SnapshotNotices,
  signalTables,
} from '#cdc'
import type { OffsetMap, SourceOffset, SourceRecord } from '#data'
import { ConnectError, messageOf } from '#errors'
import {
  type ConfigFields,
  hashMapOrder,
  parseConfig,
  type RawConfig,
  type SourceContext,
  type SourceTask,
} from '#plugin'
import { loginOf } from './config/login.ts'
import type { MysqlConfig } from './config/servers.ts'
import { gtidSources, typeOptions } from './config/settings.ts'
import {
  type BinlogTarget,
  binlogTarget,
  type InjectedChanges,
  injectedChanges,
  openSignals,
  SignalledLog,
  watched,
} from './incremental/index.ts'
import { Session } from './incremental/session.ts'
import { guardTables } from './guardrail.ts'
import { changeRecords } from './log/schema-events.ts'
import type { Log } from './log.ts'
import { readOffset, type ResumePoint, resumeAt, type StoredOffset } from './offset.ts'
import { readLog, schemaTopic, snapshotParts, type TaskParts, taskParts } from './parts.ts'
import { positionProblem } from './position-check.ts'
import { historyPosition } from './history/index.ts'
import { recoverSchema } from './recovery.ts'
import { MysqlRowFinder } from './row-finder.ts'
import { type Client, connect, type Server, serverFacts } from './server/index.ts'
import { listTables, readProgress, SnapshotPhase, type SnapshotTask } from './snapshot/index.ts'
import { pathOf } from './tables/capture.ts'
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
      await guardTables(config, () => capturedTables(client, parts.capture), context.log)
      const offset = await context.offset(parts.partition)
      const plan = await makePlan(parts, client, offset)
      if (offset !== null && isRecovered(plan, offset))
        await recoverSchema(parts.schema, config, facts.server, offset)
      return new MysqlTask(parts, plan, offset)
    } catch (error) {
      await parts.schema[Symbol.asyncDispose]()
      throw error
    }
  } finally {
    client.destroy()
  }
}

async function capturedTables(client: Client, capture: TaskParts['capture']): Promise<number> {
  return (await listTables(client, capture)).filter((id) => capture.table(id)).length
}

/** A snapshot that was cut off among the rows begins with the log, whose tables its schema is in the history for. */
function isRecovered({ schema, stream, continues }: StartPlan, offset: OffsetMap): boolean {
  return schema === 'recover' ? stream : continues && readProgress(offset) !== null
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

class MysqlTask implements SourceTask {
  readonly #parts: TaskParts
  readonly #heartbeats: HeartbeatClock
  readonly #lag: { set(value: number): void }
  readonly #postProcessing: PostProcessing | null
  readonly #running: SignalledLog
  /** What signals say that tables look like. */
  #injected: InjectedChanges[] = []
  /** Where a signal wants the log to be read from. */
  #target: BinlogTarget | null = null
  #beatAtOnce = false

  constructor(parts: TaskParts, plan: StartPlan, offset: OffsetMap | null) {
    this.#parts = parts
    this.#heartbeats = new HeartbeatClock(parts.config['heartbeat.interval.ms'])
    this.#lag = parts.context.metrics.gauge(
      'rowtap_source_lag_ms',
      'Age of the last change when it was read from the log, in milliseconds; 0 when there is none to be read',
    )
    this.#postProcessing = postProcessing(parts)
    this.#running = this.#open(plan, offset)
  }

  #open(plan: StartPlan, offset: OffsetMap | null): SignalledLog {
    const { config, context, schema, server } = this.#parts
    const notifier = notifierOf(config, context)
    const signals = openSignals({
      ...this.#parts,
      notifier,
      reader: () => this.#running.log?.reader ?? null,
      filtered: gtidSources(config) !== null,
      actions: {
        'set-binlog-position': (signal: Signal) => {
          this.#target = binlogTarget(server, signal)
        },
        'schema-changes': (signal: Signal, at: SourceOffset) => {
          this.#injected.push(injectedChanges(signal, at))
        },
      },
      stored: plan.schema === 'read' && !plan.continues ? null : offset,
    })
    schema.ddl = watched(schema.ddl.bind(schema), () => signals.stage)
    schema.inject = watched(schema.inject.bind(schema), () => signals.stage)
    const phase = (task: SnapshotTask) =>
      new SnapshotPhase(
        { ...snapshotParts(this.#parts), listener: noticesOf(this.#parts, notifier, task) },
        task,
      )
    return new SignalledLog(
      {
        signals,
        openLog: (from) => readLog(this.#parts, from),
        openSnapshot: ({ tables, statements }, from) => phase(blockingSnapshot(tables, statements, from)),
        stream: plan.stream,
      },
      plan.schema === 'read' ? phase(initialSnapshot(this.#parts, plan, offset)) : plan.resume,
    )
  }

  async poll(signal: AbortSignal): Promise<readonly SourceRecord[]> {
    const { config } = this.#parts
    const deadline = performance.now() + Math.min(1000, config['poll.interval.ms'])
    if (this.#running.snapshot !== null) return this.#pollSnapshot(deadline, signal)
    const log = this.#running.log
    if (log === null) {
      await pause(deadline - performance.now(), signal)
      return this.#running.poll(performance.now(), signal)
    }
    const until = Math.min(deadline, performance.now() + this.#heartbeats.remaining())
    const records = [...(await this.#running.poll(this.#beatAtOnce ? performance.now() : until, signal))]
    const { changeTimeMs } = log.reader
    this.#lag.set(records.length === 0 || changeTimeMs === 0 ? 0 : Math.max(0, Date.now() - changeTimeMs))
    try {
      await this.#complete(records, log)
    } catch (error) {
      throw records.length === 0 ? error : withoutRetry(error)
    }
    return records
  }

  /** What has to be done before these records are given out. */
  async #complete(records: SourceRecord[], log: Log): Promise<void> {
    await this.#postProcessing?.apply(records)
    for (const injected of this.#injected.splice(0)) records.push(...(await this.#inject(injected, log)))
    if (this.#target !== null) await this.#goTo(this.#target, records)
    else if (this.#beatAtOnce || this.#heartbeats.due()) await this.#beat(log, records)
  }

  async #pollSnapshot(deadline: number, signal: AbortSignal): Promise<readonly SourceRecord[]> {
    const records = await this.#running.poll(deadline, signal)
    if (this.#running.log === null) return records
    await pause(this.#parts.config['streaming.delay.ms'], signal)
    this.#beatAtOnce = this.#heartbeats.enabled
    return records
  }

  /** A signal has set the position: the schema becomes that of the place, and a heartbeat brings it into the offsets. */
  async #goTo(target: BinlogTarget, records: SourceRecord[]): Promise<void> {
    const { schema, config, facts, partition, context } = this.#parts
    this.#target = null
    const place = { file: '', pos: 0, gtids: null, ...target }
    const offset: OffsetMap = 'gtids' in target ? target : { file: target.file, pos: BigInt(target.pos) }
    await recoverSchema(schema, config, facts.server, offset)
    const log = await this.#running.restart(resumeAt(place))
    context.log.warn(target, 'a signal has set the position: the log is read from there')
    await this.#beat(log, records, { partition, offset: () => offset })
  }

  /** In the history before anything that follows is given out: decoding goes on with these tables. */
  async #inject({ database, changes, at }: InjectedChanges, log: Log): Promise<readonly SourceRecord[]> {
    const { schema, versions, identity, headers, config, context } = this.#parts
    const offset = at.offset()
    if (offset === null) return []
    const outcome = await schema.inject(database, changes, historyPosition(offset), Date.now())
    versions.forget(outcome.shaped)
    context.log.warn({ tables: outcome.shaped.map(pathOf) }, 'a signal has changed the schema')
    const { file, pos } = log.reader.place
    const origin = { time: Date.now() * 1000, serverId: 0, gtid: null, file, thread: null }
    const options = {
      ...{ identity, headers, topic: schemaTopic(config) },
      comments: config['include.schema.comments'],
    }
    const from = log.reader.heartbeatPosition() ?? at
    return changeRecords(options, { origin, pos, row: 0 }, outcome.changes, from)
  }

  async #beat({ stream }: Log, records: SourceRecord[], at: SourceOffset | null = null): Promise<void> {
    const { config, context, topics } = this.#parts
    this.#beatAtOnce = false
    const query = config['heartbeat.action.query']
    try {
      if (query !== null) await stream.run(query)
    } catch (error) {
      context.log.warn({ error: messageOf(error) }, 'heartbeat.action.query failed')
    }
    const from = at ?? this.#running.heartbeatPosition()
    if (from !== null) records.push(heartbeatRecord(topics.heartbeat, config['topic.prefix'], from))
  }

  committed(offsets: readonly SourceOffset[]): Promise<void> {
    return this.#running.committed(offsets)
  }

  idle(): SourceOffset | null {
    return this.#running.idlePosition()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#postProcessing?.[Symbol.asyncDispose]()
    await this.#running[Symbol.asyncDispose]()
    await this.#parts.schema[Symbol.asyncDispose]()
  }
}

/** Another poll would go on behind the records in hand: only a new start has them again. */
function withoutRetry(error: unknown): unknown {
  if (!(error instanceof ConnectError) || !error.retriable) return error
  return new ConnectError(messageOf(error), {
    cause: error,
    remedy: 'Mend the cause and restart the task: it goes on behind what was stored.',
  })
}

function postProcessing({ raw, config, context, login, schema, versions }: TaskParts): PostProcessing | null {
  if (!postProcesses(raw)) return null
  const { binary } = typeOptions(config)
  const finder = new MysqlRowFinder({ session: new Session(login), schema, versions, binary })
  return new PostProcessing(raw, finder, context.log)
}

/** Notifications of a snapshot's steps. */
function noticesOf({ capture, config }: TaskParts, notifier: Notifier, { kind }: SnapshotTask) {
  const notices = new SnapshotNotices(notifier)
  const takers = kind === 'initial' ? [...signalTables(config)] : []
  return {
    started: () => notices.started(),
    tables: (paths: readonly string[]) => {
      const read = paths.filter((path) => !capture.takesSignals(path))
      notices.tables(hashMapOrder(read), [...read, ...takers])
    },
    reading: (path: string) => notices.reading(path),
    read: (path: string, rows: number) => {
      if (!capture.takesSignals(path)) notices.read(path, rows)
    },
    completed: () => notices.completed(),
  }
}

/** The snapshot that a start takes, or takes up again; `offset`: the stored one. */
function initialSnapshot({ partition }: TaskParts, plan: StartPlan, offset: OffsetMap | null): SnapshotTask {
  const progress = plan.continues && offset !== null ? readProgress(offset) : null
  const stays = !plan.data && plan.resume !== null && offset !== null
  return {
    kind: progress?.kind ?? 'initial',
    schema: true,
    data: plan.data,
    from: plan.resume,
    offset: stays ? { partition, offset: () => offset } : null,
    progress,
    tables: progress?.tables ?? [],
    selects: progress?.selects ?? new Map(),
  }
}

function blockingSnapshot(
  tables: readonly string[],
  selects: ReadonlyMap<string, string>,
  from: ResumePoint,
): SnapshotTask {
  return { kind: 'blocking', schema: true, data: true, from, offset: null, progress: null, tables, selects }
}
