/**
 * Reading a part of a source's log once more, beside the task that reads its end. A replay is a run of its own: it has
 * its own connection, and neither reads nor writes the offsets of its connector.
 */
import type { OffsetMap } from '#data'
import type { RawConfig } from './config.ts'
import type { SourceContext, SourceTask } from './task.ts'

/** Places are text in the terms of the source (a position, transaction identifiers, a time), which parses them. */
export interface ReplayRequest {
  readonly from: string
  /** null: the log's end as of now. */
  readonly to: string | null
  /** Regular expressions for whole names; empty: all tables that the connector captures. */
  readonly tables: readonly string[]
}

/** What a replay will read and write. Plain data: it crosses threads. */
export interface ReplayPlan {
  /** As `ReplayRequest` takes them: both are ends of transactions. */
  readonly from: string
  readonly to: string
  /** The same as source offsets. */
  readonly start: OffsetMap
  readonly end: OffsetMap
  /** Of the log, from start to end. */
  readonly bytes: number
  readonly events: number
  /** The events were counted in a part of the log only. */
  readonly estimated: boolean
  readonly tables: readonly string[]
  /** As the connector names them, before its transforms. */
  readonly topics: readonly string[]
  /** What is not just as it was asked for, in sentences. */
  readonly notes: readonly string[]
}

/** How far a replay has read. */
export interface ReplayProgress {
  /** In the form of the plan's `from` and `to`. */
  readonly position: string
  readonly bytes: number
  readonly events: number
}

export interface ReplayTask extends SourceTask {
  readonly progress: ReplayProgress
  /** All records up to the plan's end were given out. */
  readonly finished: boolean
}

/** `plan` and `open` are called on a task thread with the configuration of a task. */
export interface SourceReplay {
  /** Finds the places and checks that the log between them is there; throws to refuse, with what can be done. */
  plan(config: RawConfig, request: ReplayRequest, context: SourceContext): Promise<ReplayPlan>
  open(
    config: RawConfig,
    request: ReplayRequest,
    plan: ReplayPlan,
    context: SourceContext,
  ): Promise<ReplayTask>
}
