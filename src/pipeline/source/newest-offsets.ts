/**
 * The newest offset of each source partition since the last commit. Only the newest is ever rendered, and only when it
 * is taken; records of one partition after another cost a comparison of identities.
 */
import type { OffsetMap, SourceOffset } from '#data'

export class NewestOffsets {
  readonly #newest = new Map<OffsetMap, SourceOffset>()
  #current: SourceOffset | null = null

  /** The record that stands for this offset was taken in, or dropped by a transform (invariant 5). */
  note(offset: SourceOffset): void {
    const current = this.#current
    if (current !== null && current.partition !== offset.partition) this.#settle(current)
    this.#current = offset
  }

  get empty(): boolean {
    return this.#current === null
  }

  /** In the order they were last noted: of two objects that describe one partition, the later comes last. */
  take(): SourceOffset[] {
    if (this.#current !== null) this.#settle(this.#current)
    const taken = [...this.#newest.values()]
    this.#newest.clear()
    this.#current = null
    return taken
  }

  #settle(offset: SourceOffset): void {
    this.#newest.delete(offset.partition)
    this.#newest.set(offset.partition, offset)
  }
}
