/** A replay at work: gives out what lies between its places, and says how far it is. */
import type { SourceRecord } from '#data'
import type { ReplayPlan, ReplayProgress, ReplayTask } from '#plugin'
import { bytesBetween, type LogFiles, type Spot } from './find.ts'
import { spotOf, spotText } from './plan.ts'

/** The log from the plan's start on, as records. */
export interface ReplayLog extends AsyncDisposable {
  /** Waits until then (of `performance.now()`) for records. */
  poll(until: number, signal: AbortSignal): Promise<readonly SourceRecord[]>
  /** Everything before the plan's end was given out. */
  readonly arrived: boolean
  /** Behind the last transaction that was read. */
  readonly place: Spot
}

const longestPollMs = 1000

export class MysqlReplay implements ReplayTask {
  readonly #plan: ReplayPlan
  readonly #log: ReplayLog
  readonly #files: Pick<LogFiles, 'files'>

  constructor(plan: ReplayPlan, log: ReplayLog, files: Pick<LogFiles, 'files'>) {
    this.#plan = plan
    this.#log = log
    this.#files = files
  }

  get finished(): boolean {
    return this.#plan.bytes === 0 || this.#log.arrived
  }

  /** Events are reckoned from bytes: the plan has reckoned, or counted, all of them. */
  get progress(): ReplayProgress {
    const { start, end, bytes: total, events } = this.#plan
    const place = this.finished ? spotOf(end) : this.#log.place
    const bytes = Math.min(total, Math.max(0, bytesBetween(this.#files, spotOf(start), place)))
    return {
      position: spotText(place),
      bytes,
      events: total === 0 ? 0 : Math.round((bytes / total) * events),
    }
  }

  poll(signal: AbortSignal): Promise<readonly SourceRecord[]> {
    return this.#log.poll(performance.now() + longestPollMs, signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#log[Symbol.asyncDispose]()
  }
}
