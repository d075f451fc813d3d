/** What every connector of a worker shares: its stores, the runner of tasks and the worker's own settings. */
import type { TaskRunner, WorkerSettings } from '#pipeline'
import type { Registry, Resolver } from '#plugin'
import type { ConfigStore } from './config-store.ts'
import type { Status } from './herder.ts'
import type { WorkerLimits } from './properties.ts'
import type { StatusRecord, StatusStore } from './status-store.ts'

export interface World {
  readonly workerId: string
  readonly configs: ConfigStore
  readonly statuses: StatusStore
  readonly runner: TaskRunner
  readonly registry: Registry
  readonly resolver: Resolver
  readonly settings: WorkerSettings
  readonly limits: WorkerLimits
  /** Stands in every status; grows with each change of what runs. */
  generation: number
}

/** The version of Connect whose API this is. */
export const connectVersion = '4.3.0'

export function statusRecord(
  world: World,
  state: Status,
  version: string | null,
  trace: string | null = null,
): StatusRecord {
  return { state, trace, workerId: world.workerId, generation: world.generation, version }
}
