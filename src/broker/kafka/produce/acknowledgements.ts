/** Which batches are not acknowledged yet, and who waits for them: in the order of the batches. */

interface Waiter {
  /** Every batch before this one. */
  readonly before: number
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

export class Acknowledgements {
  /** How many acknowledgements each open batch awaits, oldest first: more than one where it was divided. */
  readonly #open = new Map<number, number>()
  readonly #waiters: Waiter[] = []
  #next = 0

  /** The place of the next batch. */
  issue(): number {
    this.#open.set(this.#next, 1)
    return this.#next++
  }

  divided(order: number, parts: number): void {
    this.#open.set(order, (this.#open.get(order) ?? 1) + parts - 1)
  }

  acknowledged(order: number): void {
    const left = (this.#open.get(order) ?? 1) - 1
    if (left > 0) {
      this.#open.set(order, left)
      return
    }
    this.#open.delete(order)
    const oldest = this.#oldest
    while (this.#waiters[0] !== undefined && this.#waiters[0].before <= oldest)
      this.#waiters.shift()?.resolve()
  }

  /** Resolves once all that was issued so far is acknowledged; several resolve in the order of their calls. */
  settled(): Promise<void> {
    if (this.#open.size === 0) return Promise.resolve()
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#waiters.push({ before: this.#next, resolve, reject })
    return promise
  }

  fail(error: Error): void {
    this.#open.clear()
    for (const { reject } of this.#waiters.splice(0)) reject(error)
  }

  get #oldest(): number {
    const first = this.#open.keys().next()
    return first.done === true ? this.#next : first.value
  }
}
