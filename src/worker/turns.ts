/** Work that takes turns: what has the same key is done one after the other, in the order it was asked for. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>()

  async take<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key) ?? Promise.resolve()
    const mine = before.then(work)
    const settled = mine.catch(() => {})
    this.#last.set(key, settled)
    await settled
    if (this.#last.get(key) === settled) this.#last.delete(key)
    return mine
  }
}
