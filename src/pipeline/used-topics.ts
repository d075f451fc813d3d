/** Which topics a task uses, each told once: the worker keeps the list of a connector's active topics. */

export class UsedTopics {
  readonly #seen = new Set<string>()
  readonly #tell: (topic: string) => void

  constructor(tell: (topic: string) => void) {
    this.#tell = tell
  }

  /** Cheap when the topic is known. */
  saw(topic: string): void {
    if (this.#seen.has(topic)) return
    this.#seen.add(topic)
    this.#tell(topic)
  }

  /** Each topic still in use is told once more. */
  forget(): void {
    this.#seen.clear()
  }
}
