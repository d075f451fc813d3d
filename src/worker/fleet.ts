/**
 * The connectors of a worker that have something to do: each made when it is first needed, gone when it is deleted and
 * done. Verbs that change one connector's records take turns here; what follows from them is the connector's own queue.
 */
import { HerderError } from './herder.ts'
import { ManagedConnector } from './managed-connector.ts'
import type { World } from './world.ts'

export class Fleet {
  readonly #world: World
  readonly #waits: boolean
  readonly #managed = new Map<string, ManagedConnector>()
  /** The last verb asked for of each connector. */
  readonly #verbs = new Map<string, Promise<unknown>>()
  #closing = false

  /** `waits`: a change is answered when the connector has followed, not when it is stored. */
  constructor(world: World, waits: boolean) {
    this.#world = world
    this.#waits = waits
  }

  /** Brings up all stored connectors, each in its own time. */
  start(): void {
    for (const name of this.#world.configs.connectors()) setImmediate(() => void this.#follow(name))
  }

  get(name: string): ManagedConnector {
    const known = this.#managed.get(name)
    if (known !== undefined) return known
    const made = new ManagedConnector(name, this.#world)
    this.#managed.set(name, made)
    return made
  }

  /** Runs a verb after those asked for before of the same connector. */
  async exclusively<T>(name: string, verb: () => Promise<T>): Promise<T> {
    const before = this.#verbs.get(name) ?? Promise.resolve()
    const mine = before.then(() => {
      this.mustBeOpen()
      return verb()
    })
    const settled = mine.catch(() => {})
    this.#verbs.set(name, settled)
    await settled
    if (this.#verbs.get(name) === settled) this.#verbs.delete(name)
    return mine
  }

  /**
   * Runs a verb that changes a connector's records, and lets the connector follow. A distributed worker answers when
   * the records are stored, a standalone one when the connector has followed.
   */
  async change<T>(name: string, verb: () => Promise<T>): Promise<T> {
    const result = await this.exclusively(name, async () => {
      const stored = await verb()
      void this.#follow(name)
      return stored
    })
    if (this.#waits) await this.#managed.get(name)?.settled()
    return result
  }

  forgetTopics(name: string): void {
    this.#managed.get(name)?.forgetTopics()
  }

  mustBeOpen(): void {
    if (this.#closing) throw new HerderError(500, 'Worker is shutting down')
  }

  /** Resolves once all that was asked for so far is done. */
  async settled(): Promise<void> {
    await Promise.all([...this.#managed.values()].map((connector) => connector.settled()))
  }

  async shutdown(): Promise<void> {
    this.#closing = true
    await Promise.all([...this.#managed.values()].map((connector) => connector.shutdown()))
  }

  async #follow(name: string): Promise<void> {
    if (this.#closing) return
    const connector = this.get(name)
    await connector.reconcile().catch(() => {}) // logged where it failed
    if (connector.isGone && this.#managed.get(name) === connector) this.#managed.delete(name)
  }
}
