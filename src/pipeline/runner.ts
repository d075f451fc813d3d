/**
 * The door between the control plane and the data plane: the worker starts tasks by specification and hears of their
 * states; it never touches a record. Implemented over threads by `threads/`, in this process by tests.
 */
import type { RawConfig, ReplayPlan, ReplayProgress, ReplayRequest } from '#plugin'

export interface TaskSpec {
  readonly connector: string
  readonly task: number
  readonly kind: 'source' | 'sink'
  /** Resolved: no `${…}` left. Converters, transforms, errors.* and overrides are read from here. */
  readonly connectorConfig: RawConfig
  /** Resolved; what the plugin's `open` gets. */
  readonly taskConfig: RawConfig
  readonly worker: WorkerSettings
  readonly paused: boolean
  /** There: the task reads a part of its log once more, and no offset of it is ever stored. */
  readonly replay?: ReplaySpec
}

export interface ReplaySpec {
  readonly request: ReplayRequest
  /** Behind the name of each topic, after all transforms; empty: the connector's own topics. */
  readonly topicSuffix: string
  /** Nothing is read but what the plan needs. */
  readonly planOnly: boolean
}

/** What a replay tells, in this order; `done` is the last, when all is durable. */
export type ReplayReport =
  | { readonly is: 'planned'; readonly plan: ReplayPlan }
  | { readonly is: 'progress' | 'done'; readonly progress: ReplayProgress; readonly records: number }

/** The part of the worker's configuration that tasks need; plain data, it crosses threads. */
export interface WorkerSettings {
  /** All worker properties: converters and their settings, `producer.`, `consumer.`, `admin.` prefixes. */
  readonly properties: RawConfig
  readonly offsetsTopic: string
  readonly offsetFlushIntervalMs: number
  readonly offsetFlushTimeoutMs: number
  readonly topicCreation: boolean
}

export type TaskState = 'RUNNING' | 'PAUSED' | 'FAILED'

export interface TaskListener {
  /** `trace` is there with FAILED. */
  state(state: TaskState, trace: string | null): void
  /** The task wrote to (source) or read from (sink) this topic for the first time. */
  topic(topic: string): void
  /** Of a replay only. */
  replay?(report: ReplayReport): void
}

export interface TaskHandle {
  pause(): void
  resume(): void
  /** Topics were reset: each topic still in use is told to the listener once more. */
  forgetTopics(): void
  /** Graceful: last commit, then resources released. After `timeoutMs` the task is cut off. Resolves either way. */
  stop(timeoutMs: number): Promise<void>
}

export interface TaskRunner extends AsyncDisposable {
  start(spec: TaskSpec, listener: TaskListener): TaskHandle
  /** Prometheus text of all tasks' metrics. */
  metrics(): Promise<string>
  /** Levels by logger name, as `PUT /admin/loggers` sets them; reaches running tasks. */
  logLevel(logger: string, level: string): void
}
