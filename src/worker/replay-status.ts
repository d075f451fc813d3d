/** A replay as REST shows it. */
import type { ReplayPlan } from '#plugin'

/** What a client asks for. */
export interface ReplayOrder {
  readonly from: string
  /** null: the log's end as of now. */
  readonly to: string | null
  readonly tables: readonly string[]
  /** Empty: into the connector's own topics. */
  readonly topicSuffix: string
  readonly dryRun: boolean
}

/** PLANNED: a dry run that is over. The last four are ends. */
export type ReplayState = 'PLANNING' | 'RUNNING' | 'PLANNED' | 'FINISHED' | 'FAILED' | 'STOPPED'

export interface ReplayStatus {
  readonly connector: string
  readonly state: ReplayState
  readonly worker_id: string
  readonly topic_suffix: string
  /** Milliseconds since 1970. */
  readonly started_at: number
  readonly ended_at: number | null
  /** null while it is made. */
  readonly plan: ReplayPlanView | null
  /** null until something was read. */
  readonly progress: ReplayProgressView | null
  readonly error: string | null
}

export interface ReplayPlanView {
  readonly from: string
  readonly to: string
  readonly bytes: number
  readonly events: number
  readonly events_estimated: boolean
  readonly tables: readonly string[]
  /** As the connector names them, with the suffix; its transforms may change the name before it. */
  readonly topics: readonly string[]
  readonly notes: readonly string[]
}

export interface ReplayProgressView {
  readonly position: string
  readonly bytes: number
  readonly events: number
  readonly records: number
  /** Of the plan's bytes. */
  readonly percent: number
  readonly records_per_second: number
  readonly bytes_per_second: number
}

export function planView(plan: ReplayPlan, suffix: string): ReplayPlanView {
  const { from, to, bytes, events, estimated, tables, topics, notes } = plan
  const beside = topics.map((topic) => topic + suffix)
  return { from, to, bytes, events, events_estimated: estimated, tables, topics: beside, notes }
}
