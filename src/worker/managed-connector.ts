/**
 * One connector of this worker, with its tasks. All that happens to it happens in one queue, so that a slow or stuck
 * connector holds up nobody else. What shall be is in the configuration store; `reconcile` looks at it and makes it so,
 * which is all that creating, changing, pausing, stopping and deleting need. A restart is a command of its own.
 *
 * As in Connect: every record of the connector's configuration restarts the instance, its tasks only if their
 * configurations, or the connector's, are others than before; tasks run on when the instance fails; nothing that has
 * FAILED is started again by itself.
 */
import { isDeepStrictEqual } from 'node:util'
import { ConnectError, messageOf, traceOf } from '#errors'
import { logger } from '#observe'
import type { RawConfig } from '#plugin'
import type { RestartFlags, Status } from './herder.ts'
import { type Instance, openInstance, TooManyTasksError } from './instance.ts'
import { TaskSet } from './task-set.ts'
import { statusRecord, type World } from './world.ts'

const log = logger('worker.connector')

const firstRetryMs = 250
const lastRetryMs = 60_000

/** What a flagged restart restarts. */
export interface RestartPlan {
  readonly connector: boolean
  readonly tasks: readonly number[]
}

export class ManagedConnector {
  readonly name: string
  readonly #world: World
  /** Stands on each of its log lines. */
  readonly #about: { readonly connector: string }
  readonly #tasks: TaskSet
  #queue: Promise<void> = Promise.resolve()
  #waiting = 0
  /** Commands that wait or are carried out. */
  #unfinished = 0
  /** The last thing done was to end. */
  #ended = false
  /** Resolved while something waits in the queue: a generation of tasks that hangs gives way to it. */
  #newer = Promise.withResolvers<'newer'>()
  #instance: Instance | null = null
  /** Why there is no instance, or why it does nothing any more. */
  #failure: unknown = null
  #revision = 0
  #wantsTasks = false
  #reconfiguring = false
  /** Of the task set that runs, and the resolved connector configuration it was started with. */
  #generation = 0
  #startedWith: RawConfig | null = null
  #retry: NodeJS.Timeout | null = null
  #retryMs = firstRetryMs

  constructor(name: string, world: World) {
    this.name = name
    this.#world = world
    this.#about = { connector: name }
    this.#tasks = new TaskSet(name, world)
  }

  /** Makes what runs what the configuration store says; resolves when it is. */
  reconcile(): Promise<void> {
    return this.#enqueue(() => this.#reconcile())
  }

  /** Starts the instance anew; rejects with the reason if it does not start. */
  async restart(): Promise<void> {
    await this.#enqueue(async () => {
      await this.#stopInstance()
      this.#revision = 0
      await this.#reconcile()
    })
    if (this.#failure !== null) throw this.#failure
  }

  /** A flagged restart. */
  carryOut({ connector, tasks }: RestartPlan): Promise<void> {
    return this.#enqueue(async () => {
      if (connector) {
        await this.#stopInstance()
        this.#revision = 0
        this.#setState('RESTARTING', null)
      }
      await this.#tasks.stop(tasks)
      const { configs, statuses } = this.#world
      const { length } = configs.tasks(this.name) // the plan may be older than a stop
      for (const task of tasks)
        if (task < length) statuses.putTask(this.name, task, statusRecord(this.#world, 'RESTARTING', null))
      await this.#reconcile()
      this.#startTasks(tasks)
    })
  }

  restartTask(task: number): Promise<void> {
    return this.#enqueue(async () => {
      await this.#tasks.stop([task])
      await this.#reconcile()
      this.#startTasks([task])
    })
  }

  forgetTopics(): void {
    this.#tasks.forgetTopics()
  }

  /** The worker ends: everything stops and is UNASSIGNED. */
  shutdown(): Promise<void> {
    return this.#enqueue(async () => {
      await Promise.all([this.#stopInstance(), this.#tasks.stop()])
    })
  }

  /** Everything asked for so far is done. */
  settled(): Promise<void> {
    return this.#queue
  }

  /** Deleted, with nothing left that runs or is asked for: only then may another be made of the same name. */
  get isGone(): boolean {
    return this.#ended && this.#unfinished === 0
  }

  #enqueue(command: () => Promise<void>): Promise<void> {
    this.#waiting++
    this.#newer.resolve('newer')
    const done = this.#inTurn(async () => {
      if (--this.#waiting === 0) this.#newer = Promise.withResolvers<'newer'>()
      await command()
    })
    this.#queue = done.catch((error: unknown) => {
      const text = `A command of connector ${this.name} has failed: ${messageOf(error)}`
      log.error({ ...this.#about, err: error }, text)
    })
    return done
  }

  /** After all commands before it, whether they failed or not. */
  async #inTurn(command: () => Promise<void>): Promise<void> {
    this.#unfinished++
    try {
      await this.#queue
      await command()
    } finally {
      this.#unfinished--
    }
  }

  async #reconcile(): Promise<void> {
    const { configs } = this.#world
    const raw = configs.config(this.name)
    if (raw === null) return this.#end()
    this.#ended = false
    if (this.#revision !== configs.revision(this.name)) await this.#startInstance(raw)
    await this.#approachTarget()
    if (this.#wantsTasks) await this.#generateTasks()
    // Tasks may have been committed while the stop was on its way.
    if (configs.targetState(this.name) === 'STOPPED' && configs.tasks(this.name).length > 0)
      await configs.putTasks(this.name, [])
    await this.#matchTasks()
  }

  async #end(): Promise<void> {
    await Promise.all([this.#stopInstance(), this.#tasks.stop()])
    this.#revision = 0
    this.#generation = 0
    this.#world.statuses.remove(this.name)
    this.#ended = true
  }

  async #startInstance(raw: RawConfig): Promise<void> {
    await this.#stopInstance()
    this.#revision = this.#world.configs.revision(this.name)
    try {
      this.#instance = await openInstance(this.name, raw, this.#world, {
        failed: (error) => this.#fail(error),
        reconfigure: () => this.#reconfigure(),
      })
      this.#failure = null
    } catch (error) {
      this.#fail(error)
    }
  }

  /** RUNNING, PAUSED or STOPPED, as the store says. A failed instance can only be stopped. */
  async #approachTarget(): Promise<void> {
    const target = this.#world.configs.targetState(this.name)
    if (target !== 'STOPPED') this.#tasks.setPaused(target === 'PAUSED')
    const instance = this.#instance
    if (instance === null || (this.#failure !== null && target !== 'STOPPED')) return
    this.#failure = null
    const state: Status = target === 'STARTED' ? 'RUNNING' : target
    const before = this.#world.statuses.connector(this.name)?.state
    if (target === 'STARTED') instance.watch()
    else await instance.quiet(this.#world.limits.gracefulTimeoutMs)
    if (state === before) return
    if (state === 'RUNNING') this.#wantsTasks = true
    this.#setState(state, instance.plugin.version)
    log.info(this.#about, `Connector is ${state}`)
  }

  /** Asks the plugin for task configurations and commits them where they are others than before. */
  async #generateTasks(): Promise<void> {
    const instance = this.#instance
    const { configs } = this.#world
    if (instance === null || this.#failure !== null || configs.targetState(this.name) !== 'STARTED') return
    this.#forgetRetry()
    try {
      const generated = await Promise.race([instance.taskConfigs(), this.#newer.promise])
      if (generated === 'newer') return
      this.#wantsTasks = false
      this.#retryMs = firstRetryMs
      if (!this.#isCommitted(generated, instance)) {
        await configs.putTasks(this.name, generated)
        this.#world.generation++
      }
    } catch (error) {
      if (error instanceof ConnectError && error.retriable) return this.#retryLater(error)
      this.#wantsTasks = false
      this.#fail(error)
      if (error instanceof TooManyTasksError) await this.#failTasks(error, instance.plugin.version)
    }
  }

  async #failTasks(error: TooManyTasksError, version: string): Promise<void> {
    await this.#tasks.stop()
    this.#generation = 0
    for (const task of this.#world.configs.tasks(this.name).keys()) this.#tasks.fail(task, version, error)
  }

  #isCommitted(generated: readonly RawConfig[], { raw, config }: Instance): boolean {
    const { configs } = this.#world
    return (
      isDeepStrictEqual(configs.tasks(this.name), generated) &&
      isDeepStrictEqual(configs.applied(this.name), raw) &&
      (this.#startedWith === null || isDeepStrictEqual(this.#startedWith, config))
    )
  }

  /** Runs the committed task set in place of the one that runs. */
  async #matchTasks(): Promise<void> {
    const { configs, statuses } = this.#world
    const generation = configs.taskGeneration(this.name)
    if (generation === this.#generation || this.#failure instanceof TooManyTasksError) return
    await this.#tasks.stop()
    this.#generation = generation
    const { length } = configs.tasks(this.name)
    for (const [task] of statuses.tasks(this.name)) if (task >= length) statuses.removeTask(this.name, task)
    this.#startTasks(Array.from({ length }, (_, task) => task))
  }

  /** Those of the committed set that do not run. */
  #startTasks(numbers: readonly number[]): void {
    const instance = this.#instance
    const { configs } = this.#world
    const all = configs.tasks(this.name)
    if (instance !== null) this.#startedWith = instance.config
    for (const task of numbers) {
      const raw = all[task]
      if (raw === undefined || this.#tasks.isRunning(task)) continue
      if (instance === null) this.#tasks.fail(task, null, this.#failure)
      else this.#tasks.start(task, raw, instance)
    }
  }

  async #stopInstance(): Promise<void> {
    this.#forgetRetry()
    this.#wantsTasks = false
    const instance = this.#instance
    this.#instance = null
    this.#failure = null
    if (instance === null) return
    await instance.quiet(this.#world.limits.gracefulTimeoutMs)
    this.#setState('UNASSIGNED', null)
  }

  #reconfigure(): void {
    if (this.#reconfiguring) return
    this.#reconfiguring = true
    // Not through #enqueue: what is being generated need not give way to being generated again.
    const done = this.#inTurn(async () => {
      this.#reconfiguring = false
      this.#wantsTasks = true
      await this.#reconcile()
    })
    this.#queue = done.catch((error: unknown) => {
      log.error({ ...this.#about, err: error }, 'Tasks could not be reconfigured')
    })
  }

  #retryLater(error: ConnectError): void {
    log.warn(this.#about, `Tasks could not be generated, next try in ${this.#retryMs} ms: ${error.message}`)
    this.#retry = setTimeout(() => this.#reconfigure(), this.#retryMs)
    this.#retryMs = Math.min(this.#retryMs * 2, lastRetryMs)
  }

  #forgetRetry(): void {
    if (this.#retry !== null) clearTimeout(this.#retry)
    this.#retry = null
  }

  #fail(error: unknown): void {
    this.#failure = error
    log.error(this.#about, `Connector has failed: ${messageOf(error)}`)
    const version = this.#instance === null ? null : this.#instance.plugin.version
    this.#setState('FAILED', version, traceOf(error))
  }

  #setState(state: Status, version: string | null, trace: string | null = null): void {
    this.#world.statuses.putConnector(this.name, statusRecord(this.#world, state, version, trace))
  }
}

/** Which of a connector's parts these flags choose. */
export function restartPlan(world: World, name: string, flags: RestartFlags): RestartPlan {
  const chosen = (state: Status | undefined) => !flags.onlyFailed || state === 'FAILED'
  const tasks = flags.includeTasks ? world.statuses.tasks(name) : []
  return {
    connector: chosen(world.statuses.connector(name)?.state),
    tasks: tasks.filter(([, { state }]) => chosen(state)).map(([task]) => task),
  }
}
