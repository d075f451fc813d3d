/**
 * The herder of one node: answers REST from its stores, writes what is asked for into them, and lets each connector
 * follow in a queue of its own. `open` reads the stores, after which REST can be served; `start` then brings up what
 * is stored; disposing stops everything gracefully and leaves it UNASSIGNED.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { Broker } from '#broker'
import { messageOf } from '#errors'
import { type Logger, logger } from '#observe'
import type { TaskRunner } from '#pipeline'
import type { RawConfig, Registry, Resolver, SubmittedConfig } from '#plugin'
import { type ConnectorOffsets, connectorOffsets } from './connector-offsets.ts'
import { Fleet } from './fleet.ts'
import {
  type ConfigInfos,
  type ConfigValidator,
  type ConnectorInfo,
  type ConnectorOffset,
  type ConnectorStatus,
  type CreateRequest,
  type ExpandedConnector,
  type Expansion,
  type Health,
  type Herder,
  HerderError,
  type LoggerLevel,
  type PutResult,
  type RestartFlags,
  type TargetState,
  type TaskInfo,
  type TaskStatus,
  type WorkerInfo,
} from './herder.ts'
import { levelNamed, type Loggers, loggersOf } from './loggers.ts'
import { restartPlan } from './managed-connector.ts'
import type { WorkerLimits } from './properties.ts'
import { WorkerReplays } from './replays.ts'
import type { Stores } from './stores.ts'
import { javaTrimmed, named, patched, validated } from './submitted.ts'
import { connectorInfo, connectorStatus, planned, taskStatus } from './views.ts'
import { workerMetrics } from './worker-metrics.ts'
import { connectVersion, type World } from './world.ts'

export interface WorkerParts {
  readonly mode: 'distributed' | 'standalone'
  readonly workerId: string
  readonly rowtapVersion: string
  /** Resolved. */
  readonly properties: RawConfig
  readonly limits: WorkerLimits
  readonly broker: Broker
  readonly stores: Stores
  readonly runner: TaskRunner
  readonly registry: Registry
  readonly resolver: Resolver
  readonly validate: ConfigValidator
}

export class Worker implements Herder, AsyncDisposable {
  readonly workerId: string
  readonly mode: 'distributed' | 'standalone'
  readonly properties: RawConfig
  readonly replays: WorkerReplays
  readonly #parts: WorkerParts
  readonly #world: World
  readonly #offsets: ConnectorOffsets
  readonly #loggers: Loggers
  readonly #log: Logger = logger('worker')
  readonly #fleet: Fleet
  #ready = false

  constructor(parts: WorkerParts) {
    const { properties, limits, stores, runner, registry, resolver } = parts
    this.#parts = parts
    this.workerId = parts.workerId
    this.mode = parts.mode
    this.properties = properties
    this.#offsets = connectorOffsets(parts.broker.admin, stores.offsets, registry, resolver)
    this.#loggers = loggersOf((name, level) => runner.logLevel(name, level))
    this.#world = {
      workerId: parts.workerId,
      configs: stores.configs,
      statuses: stores.statuses,
      runner,
      registry,
      resolver,
      limits,
      settings: {
        properties,
        offsetsTopic: properties['offset.storage.topic'] ?? 'connect-offsets',
        offsetFlushIntervalMs: limits.offsetFlushIntervalMs,
        offsetFlushTimeoutMs: limits.offsetFlushTimeoutMs,
        topicCreation: limits.topicCreation,
      },
      generation: stores.statuses.generation() + 1,
    }
    this.replays = new WorkerReplays(this.#world)
    this.#fleet = new Fleet(this.#world, parts.mode === 'standalone')
    // Nothing runs yet, whatever the worker before this one wrote last.
    stores.statuses.startOver(stores.configs.connectors())
  }

  /** The worker is ready: all stored connectors are brought up, each in its own time. */
  start(): void {
    this.#ready = true
    this.#fleet.start()
  }

  /** Resolves once all that was asked for so far is done. */
  settled(): Promise<void> {
    return this.#fleet.settled()
  }

  info(): WorkerInfo {
    return {
      version: connectVersion,
      commit: connectCommit,
      kafka_cluster_id: this.#parts.broker.clusterId,
      rowtap_version: this.#parts.rowtapVersion,
    }
  }

  /** Asks the broker, without which nothing here works. */
  async health(): Promise<Health> {
    if (!this.#ready) return { status: 'starting', message: 'Worker is still starting up.' }
    const probe = this.#parts.broker.admin.topics().then(
      () => true,
      () => false,
    )
    const answered = await Promise.race([probe, delay(healthTimeoutMs, false, { ref: false })])
    return answered
      ? { status: 'healthy', message: 'Worker has completed startup and is ready to handle requests.' }
      : {
          status: 'unhealthy',
          message: 'Worker was unable to handle this request and may be unable to handle other requests.',
        }
  }

  async metrics(): Promise<string> {
    const tasks = await this.#world.runner.metrics()
    const own = workerMetrics(this.connectors(), this.#world.statuses)
    return tasks === '' || tasks.endsWith('\n') ? tasks + own : `${tasks}\n${own}`
  }

  connectors(): readonly string[] {
    return this.#world.configs.connectors()
  }

  expand(expansions: readonly Expansion[]): Readonly<Record<string, ExpandedConnector>> {
    const expanded: [string, ExpandedConnector][] = []
    for (const name of this.connectors()) {
      const status = this.#statusOf(name)
      if (status === null && expansions.includes('status')) continue
      const all = { info: this.connector(name), status }
      expanded.push([name, Object.fromEntries(expansions.map((key) => [key, all[key]]))])
    }
    return Object.fromEntries(expanded)
  }

  connector(name: string): ConnectorInfo {
    return connectorInfo(name, this.#world.configs, this.#world.registry)
  }

  config(name: string): RawConfig {
    return this.connector(name).config
  }

  tasks(name: string): readonly TaskInfo[] {
    this.#mustExist(name)
    return this.#world.configs.tasks(name).map((config, task) => ({ id: { connector: name, task }, config }))
  }

  status(name: string): ConnectorStatus {
    const status = this.#statusOf(name)
    if (status === null) throw new HerderError(404, `No status found for connector ${name}`)
    return status
  }

  taskStatus(name: string, task: number): TaskStatus {
    const status = this.#world.statuses.task(name, task)
    if (status === null) throw new HerderError(404, `No status found for task ${name}-${task}`)
    return taskStatus(task, status)
  }

  validate(config: SubmittedConfig): Promise<ConfigInfos> {
    return this.#parts.validate(config)
  }

  async create({ name: given, config: submitted, targetState }: CreateRequest): Promise<ConnectorInfo> {
    const name = javaTrimmed(given)
    const config = await validated(named(name, submitted), this.#parts.validate)
    const stored = await this.#fleet.change(name, async () => {
      if (this.#world.configs.has(name)) throw new HerderError(409, `Connector ${name} already exists`)
      return this.#store(name, config, targetState)
    })
    return this.#answer(stored)
  }

  async put(name: string, submitted: SubmittedConfig): Promise<PutResult> {
    const config = await validated(named(name, submitted), this.#parts.validate)
    const { created, stored } = await this.#fleet.change(name, async () => {
      const isNew = !this.#world.configs.has(name)
      return { created: isNew, stored: await this.#store(name, config) }
    })
    return { created, info: this.#answer(stored) }
  }

  async patch(name: string, patch: SubmittedConfig): Promise<ConnectorInfo> {
    const stored = await this.#fleet.change(name, async () => {
      const config = await validated(patched(this.config(name), patch), this.#parts.validate)
      return this.#store(name, config)
    })
    return this.#answer(stored)
  }

  delete(name: string): Promise<void> {
    return this.#fleet.change(name, async () => {
      this.#mustExist(name)
      await this.replays.forget(name)
      await this.#world.configs.remove(name)
      this.#world.generation++
    })
  }

  async restart(name: string, flags: RestartFlags): Promise<ConnectorStatus | null> {
    this.#mustExist(name, `Unknown connector: ${name}`)
    this.#fleet.mustBeOpen()
    if (flags.includeTasks || flags.onlyFailed) return this.#restartParts(name, flags)
    try {
      await this.#fleet.get(name).restart()
    } catch (error) {
      throw new HerderError(500, `Failed to start connector: ${name}`, { cause: error })
    }
    return null
  }

  async restartTask(name: string, task: number): Promise<void> {
    const { configs } = this.#world
    const id = `${name}-${task}`
    const standalone = this.mode === 'standalone'
    if (!configs.has(name))
      throw standalone
        ? new HerderError(
            500,
            `Failed to start task ${id} since it is not a recognizable type (source or sink)`,
          )
        : new HerderError(404, `Unknown connector: ${name}`)
    this.#fleet.mustBeOpen()
    const there = task >= 0 && task < configs.tasks(name).length
    if (!there && standalone) throw new HerderError(404, `Task ${id} not found`)
    if (!configs.everHadTask(name, task)) throw new HerderError(404, `Unknown task: ${id}`)
    if (!there)
      throw new HerderError(
        409,
        'Cannot complete request momentarily due to no known leader URL, likely because a rebalance was underway.',
      )
    await this.#fleet.get(name).restartTask(task)
  }

  pause(name: string): Promise<void> {
    return this.#setTarget(name, 'PAUSED')
  }

  resume(name: string): Promise<void> {
    return this.#setTarget(name, 'STARTED')
  }

  stop(name: string): Promise<void> {
    return this.#setTarget(name, 'STOPPED')
  }

  async offsets(name: string): Promise<readonly ConnectorOffset[]> {
    return this.#offsets.get(name, this.config(name))
  }

  async alterOffsets(name: string, offsets: readonly ConnectorOffset[] | null): Promise<string> {
    if (offsets === null || offsets.length === 0)
      throw new HerderError(400, 'Partitions / offsets need to be provided for an alter offsets request')
    return this.#whileStopped(name, (config) => this.#offsets.alter(name, config, offsets))
  }

  resetOffsets(name: string): Promise<string> {
    return this.#whileStopped(name, (config) => this.#offsets.reset(name, config))
  }

  topics(name: string): readonly string[] {
    if (!this.#world.limits.topicTracking) throw new HerderError(403, 'Topic tracking is disabled.')
    return this.#world.statuses.topics(name)
  }

  async resetTopics(name: string): Promise<void> {
    const { topicTracking, topicTrackingReset } = this.#world.limits
    if (!topicTracking) throw new HerderError(403, 'Topic tracking is disabled.')
    if (!topicTrackingReset) throw new HerderError(403, 'Topic tracking reset is disabled.')
    this.#world.statuses.resetTopics(name)
    await this.#world.statuses.flush()
    this.#fleet.forgetTopics(name)
  }

  loggers(): Readonly<Record<string, LoggerLevel>> {
    return this.#loggers.list()
  }

  logger(name: string): LoggerLevel {
    return this.#loggers.get(name)
  }

  async setLogger(
    name: string,
    level: string,
    scope: 'worker' | 'cluster',
  ): Promise<readonly string[] | null> {
    levelNamed(level)
    if (scope === 'cluster') await this.#world.configs.putLogger(name, level)
    const changed = this.#loggers.set(name, level)
    return scope === 'cluster' ? null : changed
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#fleet.shutdown(), this.replays.shutdown()])
    await this.#world.statuses.flush()
  }

  async #store(name: string, config: RawConfig, target?: TargetState): Promise<ConnectorInfo> {
    await this.#world.configs.putConnector(name, config, target)
    this.#world.generation++
    return this.connector(name)
  }

  /** A standalone worker tells the tasks that were made, any other what it has stored. */
  #answer(stored: ConnectorInfo): ConnectorInfo {
    return this.mode === 'standalone' ? this.connector(stored.name) : stored
  }

  #setTarget(name: string, target: TargetState): Promise<void> {
    return this.#fleet.change(name, async () => {
      const { configs } = this.#world
      if (!configs.has(name))
        throw this.mode === 'standalone' && target === 'STOPPED'
          ? new HerderError(500, `No connector \`${name}\` configured`)
          : new HerderError(404, `Unknown connector ${name}`)
      if (target === 'STOPPED') await configs.putStopped(name)
      else await configs.putTarget(name, target)
    })
  }

  async #restartParts(name: string, flags: RestartFlags): Promise<ConnectorStatus> {
    const status = this.#statusOf(name)
    if (status === null) throw new HerderError(404, `Status for connector ${name} not found`)
    const plan = restartPlan(this.#world, name, flags)
    await this.#world.configs.putRestart(name, flags)
    const done = this.#fleet.get(name).carryOut(plan)
    done.catch((error: unknown) => this.#log.error(`Restart of ${name} has failed: ${messageOf(error)}`))
    return planned(status, plan)
  }

  async #whileStopped(name: string, change: (config: RawConfig) => Promise<string>): Promise<string> {
    return this.#fleet.exclusively(name, async () => {
      const { config, tasks } = this.connector(name)
      if (this.#world.configs.targetState(name) !== 'STOPPED' || tasks.length > 0)
        throw new HerderError(
          400,
          `Connectors must be in the STOPPED state before their offsets can be modified. This can be done for the specified connector by issuing a 'PUT' request to the '/connectors/${name}/stop' endpoint`,
        )
      await this.#fleet.get(name).settled() // its tasks may still be at their last commit
      return change(config)
    })
  }

  #statusOf(name: string): ConnectorStatus | null {
    const { configs, statuses, registry } = this.#world
    return connectorStatus(name, configs, statuses, registry)
  }

  #mustExist(name: string, message = `Connector ${name} not found`): void {
    if (!this.#world.configs.has(name)) throw new HerderError(404, message)
  }
}

/** What Kafka Connect 4.3.0 gives as its commit. */
const connectCommit = 'a9ce3221537b8653'

const healthTimeoutMs = 10_000
