/** What a loop is given to run one task, and how it ends: everything it opened is released, also after a failure. */
import type { Broker } from '#broker'
import { messageOf } from '#errors'
import type { Logger, Metrics } from '#observe'
import type { Clock } from './clock.ts'
import type { TaskControl } from './control.ts'
import type { Plugins } from './plugins.ts'
import type { TaskSpec } from './runner.ts'
import type { TopicLog } from './topic-log.ts'

export interface TaskEnv {
  readonly spec: TaskSpec
  readonly broker: Broker
  readonly plugins: Plugins
  readonly control: TaskControl
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
  readonly topics: TopicLog
  /** The task runs, or rests. FAILED is whoever called the loop to tell. */
  readonly state: (state: 'RUNNING' | 'PAUSED') => void
  /** Released at once when the task is cut off, whatever the loop is waiting for: it can write no more. */
  readonly onCut: (release: AsyncDisposable) => void
}

/** `connector-0` */
export function taskName(spec: TaskSpec): string {
  return `${spec.connector}-${spec.task}`
}

/** What a task has opened, released in reverse order; a release that fails is logged and stops no other. */
export class Opened implements AsyncDisposable {
  readonly #log: Logger
  readonly #opened: { readonly what: string; readonly it: AsyncDisposable }[] = []

  constructor(log: Logger) {
    this.#log = log
  }

  keep<T extends AsyncDisposable>(what: string, it: T): T {
    this.#opened.push({ what, it })
    return it
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (let each = this.#opened.pop(); each !== undefined; each = this.#opened.pop()) {
      try {
        await each.it[Symbol.asyncDispose]()
      } catch (error) {
        this.#log.warn({ err: error }, `Closing the ${each.what} failed: ${messageOf(error)}`)
      }
    }
  }
}
