/** The replays of a worker's connectors: of each connector at most one at a time; the last one stays to be looked at. */
import { HerderError } from './herder.ts'
import { Replay, refusal } from './replay.ts'
import type { ReplayOrder, ReplayStatus } from './replay-status.ts'
import type { World } from './world.ts'

/** Planning may read a good part of a log: whoever asked is answered before their request times out. */
const answerMs = 60_000

export interface Replays {
  /**
   * 404 unknown connector, 400 what cannot be replayed, 409 when one runs. Resolves with the plan; without it where it
   * takes too long to be made: then it is in a later status.
   */
  start(connector: string, order: ReplayOrder): Promise<ReplayStatus>
  /** 404 where there was none since the worker's start. */
  status(connector: string): ReplayStatus
  /** Stops it, if it runs. */
  stop(connector: string): Promise<ReplayStatus>
}

export class WorkerReplays implements Replays {
  readonly #world: World
  readonly #replays = new Map<string, Replay>()
  #closing = false

  constructor(world: World) {
    this.#world = world
  }

  async start(connector: string, order: ReplayOrder): Promise<ReplayStatus> {
    const { configs, registry, resolver } = this.#world
    const raw = configs.config(connector)
    if (raw === null) throw new HerderError(404, `Connector ${connector} not found`)
    this.#mustBeIdle(connector)
    const plugin = await registry.connector(raw['connector.class'] ?? '')
    const replay = plugin.kind === 'source' ? plugin.replay : undefined
    if (replay === undefined || typeof replay === 'string')
      throw new HerderError(400, `Connector ${connector} cannot be replayed: ${replay ?? noLog}`)
    try {
      const connectorConfig = resolver.resolve(raw)
      const [taskConfig = connectorConfig] = await plugin.taskConfigs(connectorConfig, 1)
      this.#mustBeIdle(connector)
      const started = new Replay(connector, order, { connectorConfig, taskConfig }, this.#world)
      this.#replays.set(connector, started)
      await started.planned(answerMs)
      return started.status()
    } catch (error) {
      throw refusal(error)
    }
  }

  status(connector: string): ReplayStatus {
    return this.#get(connector).status()
  }

  async stop(connector: string): Promise<ReplayStatus> {
    const replay = this.#get(connector)
    await replay.stop()
    return replay.status()
  }

  /** The connector is deleted. */
  async forget(connector: string): Promise<void> {
    const replay = this.#replays.get(connector)
    this.#replays.delete(connector)
    await replay?.stop()
  }

  async shutdown(): Promise<void> {
    this.#closing = true
    await Promise.all([...this.#replays.values()].map((replay) => replay.stop()))
  }

  #get(connector: string): Replay {
    const replay = this.#replays.get(connector)
    if (replay !== undefined) return replay
    if (!this.#world.configs.has(connector)) throw new HerderError(404, `Connector ${connector} not found`)
    throw new HerderError(404, `Connector ${connector} has not been replayed since this worker started.`)
  }

  #mustBeIdle(connector: string): void {
    if (this.#closing) throw new HerderError(500, 'Worker is shutting down')
    if (this.#replays.get(connector)?.isOver === false)
      throw new HerderError(
        409,
        `A replay of connector ${connector} is running. Wait for its end, or stop it with 'DELETE /connectors/${connector}/replay'.`,
      )
  }
}

const noLog = 'it reads no log.'
