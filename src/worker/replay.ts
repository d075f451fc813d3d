/** One replay: a task of its own beside the connector's, and what is known of it. Nothing of it is stored. */
import { ConnectError, messageOf } from '#errors'
import { logger } from '#observe'
import type { ReplayReport, TaskHandle, TaskSpec, TaskState } from '#pipeline'
import { HerderError } from './herder.ts'
import { planView, type ReplayOrder, type ReplayState, type ReplayStatus } from './replay-status.ts'
import type { World } from './world.ts'

const log = logger('worker.replay')
const configException = 'org.apache.kafka.common.config.ConfigException'

export class Replay {
  readonly #connector: string
  readonly #order: ReplayOrder
  readonly #world: World
  readonly #handle: TaskHandle
  readonly #planned = Promise.withResolvers<void>()
  readonly #startedAt = Date.now()
  #endedAt: number | null = null
  #state: ReplayState = 'PLANNING'
  #plan: ReplayStatus['plan'] = null
  #progress: ReplayStatus['progress'] = null
  #error: string | null = null
  /** When the plan was there and reading began. */
  #readingSince = 0

  constructor(
    connector: string,
    order: ReplayOrder,
    spec: Pick<TaskSpec, 'connectorConfig' | 'taskConfig'>,
    world: World,
  ) {
    this.#connector = connector
    this.#order = order
    this.#world = world
    this.#planned.promise.catch(() => {}) // told to whoever waits, and in the status
    const { from, to, tables, topicSuffix, dryRun } = order
    this.#handle = world.runner.start(
      {
        ...spec,
        // A name of its own: for its writer, its metrics and its log lines.
        connector: `${connector}-replay`,
        task: 0,
        kind: 'source',
        worker: world.settings,
        paused: false,
        replay: { request: { from, to, tables }, topicSuffix, planOnly: dryRun },
      },
      {
        state: (state, trace) => this.#hearState(state, trace),
        topic: (topic) => {
          const { limits, statuses } = world
          if (limits.topicTracking) statuses.addTopic(connector, topic, 0, Date.now())
        },
        replay: (report) => this.#hear(report),
      },
    )
  }

  get isOver(): boolean {
    return this.#endedAt !== null
  }

  status(): ReplayStatus {
    return {
      connector: this.#connector,
      state: this.#state,
      worker_id: this.#world.workerId,
      topic_suffix: this.#order.topicSuffix,
      started_at: this.#startedAt,
      ended_at: this.#endedAt,
      plan: this.#plan,
      progress: this.#progress,
      error: this.#error,
    }
  }

  /** Resolves when the plan is there or the time is over; rejects where there can be none. */
  async planned(withinMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, withinMs)
    await Promise.race([this.#planned.promise, promise]).finally(() => clearTimeout(timer))
  }

  async stop(): Promise<void> {
    if (!this.isOver) {
      this.#end('STOPPED')
      this.#planned.reject(new HerderError(409, `The replay of connector ${this.#connector} was stopped.`))
    }
    await this.#handle.stop(this.#world.limits.gracefulTimeoutMs)
  }

  #hearState(state: TaskState, trace: string | null): void {
    if (this.isOver || state !== 'FAILED') return
    const { javaClass, message } = headOf(trace ?? '')
    this.#error = message
    this.#end('FAILED')
    const status = javaClass === configException ? 400 : 500
    this.#planned.reject(new HerderError(status, message))
  }

  #hear(report: ReplayReport): void {
    if (this.isOver) return
    if (report.is === 'planned') {
      this.#plan = planView(report.plan, this.#order.topicSuffix)
      this.#readingSince = performance.now()
      if (this.#order.dryRun) this.#end('PLANNED')
      else this.#state = 'RUNNING'
      this.#planned.resolve()
      return
    }
    const { progress, records } = report
    const seconds = Math.max(0.001, (performance.now() - this.#readingSince) / 1000)
    const total = this.#plan?.bytes ?? 0
    this.#progress = {
      ...progress,
      records,
      percent: total === 0 ? 100 : Math.min(100, Math.floor((progress.bytes / total) * 1000) / 10),
      records_per_second: Math.round(records / seconds),
      bytes_per_second: Math.round(progress.bytes / seconds),
    }
    if (report.is === 'done') this.#end('FINISHED')
  }

  #end(state: ReplayState): void {
    this.#state = state
    this.#endedAt = Date.now()
    const about = { connector: this.#connector, state, records: this.#progress?.records ?? 0 }
    if (state === 'FAILED') log.error(about, `The replay has failed: ${this.#error ?? ''}`)
    else log.info(about, `The replay is over: ${state}`)
  }
}

/** What is left of an error in a trace: its class and its message, of one or more lines. */
function headOf(trace: string): { javaClass: string; message: string } {
  const [head = ''] = trace.split(/\n\s+at |\nCaused by: /, 1)
  const match = /^([\w.$]+): (.*)$/s.exec(head.trim())
  return { javaClass: match?.[1] ?? '', message: match?.[2] ?? head.trim() }
}

/** Whatever keeps a replay from being started is the client's to know. */
export function refusal(error: unknown): HerderError {
  if (error instanceof HerderError) return error
  const status = error instanceof ConnectError && error.javaClass === configException ? 400 : 500
  return new HerderError(status, messageOf(error), { cause: error })
}
