/** What a loop is given to run one task, and how it ends: everything it opened is released, also after a failure. */
import type { Broker } from '#broker'
import { messageOf } from '#errors'
import type { Logger, Metrics } from '#observe'
import type { Clock } from './clock.ts'
import type { TaskControl } from './control.ts'
import type { Plugins } from './plugins.ts'
import type { ReplayReport, TaskSpec } from './runner.ts'
import type { UsedTopics } from './used-topics.ts'

export interface TaskEnv {
  readonly spec: TaskSpec
  readonly broker: Broker
  readonly plugins: Plugins
  readonly control: TaskControl
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
  readonly topics: UsedTopics
  /** The task runs, or rests. FAILED is whoever called the loop to tell. */
  readonly state: (state: 'RUNNING' | 'PAUSED') => void
  readonly report: (report: ReplayReport) => void
  /** Released at once when the task is cut off, whatever the loop is waiting for: it can write no more. */
  readonly onCut: (release: AsyncDisposable) => void
}

/** `connector-0` */
export function taskName(spec: TaskSpec): string {
  return `${spec.connector}-${spec.task}`
}

/** A connection to a machine that is gone may take as long as TCP does; nobody should wait for that. */
const longestReleaseMs = 10_000

/**
 * What a task has opened, released in reverse order; a release that fails is logged and stops no other, nor does one
 * that takes too long: the task's state is told after it.
 */
export class Opened implements AsyncDisposable {
  readonly #log: Logger
  readonly #clock: Clock
  readonly #opened: { readonly what: string; readonly it: AsyncDisposable }[] = []

  constructor({ log, clock }: Pick<TaskEnv, 'log' | 'clock'>) {
    this.#log = log
    this.#clock = clock
  }

  keep<T extends AsyncDisposable>(what: string, it: T): T {
    this.#opened.push({ what, it })
    return it
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (let each = this.#opened.pop(); each !== undefined; each = this.#opened.pop()) {
      const timer = new AbortController()
      const late = this.#clock.sleep(longestReleaseMs, timer.signal).then(() => {
        if (!timer.signal.aborted)
          this.#log.warn(`Closing the ${each.what} takes more than ${longestReleaseMs} ms: left alone.`)
      })
      await Promise.race([this.#release(each.what, each.it), late])
      timer.abort()
    }
  }

  async #release(what: string, it: AsyncDisposable): Promise<void> {
    try {
      await it[Symbol.asyncDispose]()
    } catch (error) {
      this.#log.warn({ err: error }, `Closing the ${what} failed: ${messageOf(error)}`)
    }
  }
}
