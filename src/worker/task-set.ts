/**
 * The running tasks of one connector: starts, pauses and stops them and writes their states. A task that was stopped
 * is heard no more, whatever its thread still says.
 */
import { traceOf } from '#errors'
import { logger } from '#observe'
import type { TaskHandle, TaskListener, TaskState } from '#pipeline'
import type { ConnectorPlugin, RawConfig } from '#plugin'
import { statusRecord, type World } from './world.ts'

const log = logger('worker.tasks')

/** What all tasks of a connector have in common. */
export interface TaskOrigin {
  readonly plugin: ConnectorPlugin
  /** The connector's resolved configuration. */
  readonly config: RawConfig
}

export class TaskSet {
  readonly #connector: string
  readonly #world: World
  readonly #running = new Map<number, TaskHandle>()
  #paused = false

  constructor(connector: string, world: World) {
    this.#connector = connector
    this.#world = world
  }

  isRunning(task: number): boolean {
    return this.#running.has(task)
  }

  /** Starts task `task`; a failure is its state, not an error of the caller. */
  start(task: number, raw: RawConfig, origin: TaskOrigin): void {
    try {
      const taskConfig = this.#world.resolver.resolve(raw)
      const token = { live: true }
      const handle = this.#world.runner.start(
        {
          connector: this.#connector,
          task,
          kind: origin.plugin.kind,
          connectorConfig: origin.config,
          taskConfig,
          worker: this.#world.settings,
          paused: this.#paused,
        },
        this.#listener(task, origin.plugin.version, token),
      )
      this.#running.set(task, silencing(handle, token))
    } catch (error) {
      this.fail(task, origin.plugin.version, error)
    }
  }

  /** A task that cannot even be started. */
  fail(task: number, version: string | null, error: unknown): void {
    const { statuses } = this.#world
    statuses.putTask(this.#connector, task, statusRecord(this.#world, 'FAILED', version, traceOf(error)))
  }

  /** For the tasks that run and for those that are started later. */
  setPaused(paused: boolean): void {
    if (paused === this.#paused) return
    this.#paused = paused
    for (const handle of this.#running.values())
      if (paused) handle.pause()
      else handle.resume()
  }

  forgetTopics(): void {
    for (const handle of this.#running.values()) handle.forgetTopics()
  }

  /** Stops these tasks, all at once, within the graceful timeout; each ends UNASSIGNED, or stays FAILED. */
  async stop(tasks: readonly number[] = [...this.#running.keys()]): Promise<void> {
    await Promise.all(
      tasks.map(async (task) => {
        const handle = this.#running.get(task)
        if (handle === undefined) return
        this.#running.delete(task)
        await handle.stop(this.#world.limits.gracefulTimeoutMs)
        const { statuses } = this.#world
        if (statuses.task(this.#connector, task)?.state !== 'FAILED')
          statuses.putTask(this.#connector, task, statusRecord(this.#world, 'UNASSIGNED', null))
      }),
    )
  }

  #listener(task: number, version: string, token: { readonly live: boolean }): TaskListener {
    const { statuses, limits } = this.#world
    const about = { connector: this.#connector, task }
    return {
      state: (state: TaskState, trace: string | null) => {
        if (!token.live) return
        if (state === 'FAILED') log.error(about, `Task has failed: ${headlines(trace)}`)
        else log.info(about, `Task is ${state}`)
        statuses.putTask(this.#connector, task, statusRecord(this.#world, state, version, trace))
      },
      topic: (topic) => {
        if (token.live && limits.topicTracking) statuses.addTopic(this.#connector, topic, task, Date.now())
      },
    }
  }
}

function silencing(handle: TaskHandle, token: { live: boolean }): TaskHandle {
  return {
    pause: () => handle.pause(),
    resume: () => handle.resume(),
    forgetTopics: () => handle.forgetTopics(),
    stop: async (timeoutMs) => {
      token.live = false
      await handle.stop(timeoutMs)
    },
  }
}

/** A trace without its frames: what failed, and why, in one line. */
export function headlines(trace: string | null): string {
  return (trace ?? '')
    .split('\n')
    .filter((line) => !/^\s+at /.test(line))
    .join(' ')
    .trim()
}
