/** What a task thread and its owner say to each other: plain data over the thread's one control channel. */
import type { BrokerAddress } from '#broker'
import type { MetricSnapshot } from '#observe'
import type { ReplayReport, TaskSpec, TaskState } from '../runner.ts'

/** Tasks are numbered by their owner, so a restarted task is never mistaken for its predecessor. */
export type Command =
  | { readonly do: 'start'; readonly id: number; readonly spec: TaskSpec }
  | { readonly do: 'pause' | 'resume' | 'forgetTopics'; readonly id: number }
  | { readonly do: 'stop'; readonly id: number; readonly timeoutMs: number }
  | { readonly do: 'level'; readonly logger: string; readonly level: string }
  | { readonly do: 'metrics'; readonly request: number }

export type Report =
  | { readonly is: 'state'; readonly id: number; readonly state: TaskState; readonly trace: string | null }
  | { readonly is: 'topic'; readonly id: number; readonly topic: string }
  | { readonly is: 'replay'; readonly id: number; readonly report: ReplayReport }
  /** The task is over and holds nothing any more; the last that is said of it. */
  | { readonly is: 'ended'; readonly id: number }
  | { readonly is: 'metrics'; readonly request: number; readonly snapshot: MetricSnapshot }

export interface ThreadData {
  /** URL of the module that exports `registry`: plugins are functions and cannot be sent. */
  readonly registryModule: string
  /** As the broker's owner gave it; made for this thread alone. */
  readonly broker: BrokerAddress
  /** Levels set so far, in their order. */
  readonly levels: readonly (readonly [logger: string, level: string])[]
}
