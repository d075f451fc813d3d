/**
 * Memory for batches, used over and over: it goes out with a batch and comes back when that is stored. Sizes are powers
 * of two; what exceeds the pool's bound is left to the garbage collector.
 */
const smallest = 1024
/** Largest memory worth keeping: that of a full batch. */
export const largestPooled = 1 << 20

export class BufferPool {
  readonly #free = new Map<number, ArrayBuffer[]>()
  readonly #mostHeld: number
  #held = 0

  constructor(mostHeld = 2 << 20) {
    this.#mostHeld = mostHeld
  }

  /** Memory of at least `size` bytes, in steps of powers of two. */
  take(size: number): Buffer {
    const capacity = capacityFor(size)
    const memory = this.#free.get(capacity)?.pop()
    if (memory === undefined) return Buffer.allocUnsafeSlow(capacity)
    this.#held -= capacity
    return Buffer.from(memory)
  }

  give(memory: ArrayBuffer): void {
    const size = memory.byteLength
    if (size !== capacityFor(size) || size > largestPooled || this.#held + size > this.#mostHeld) return
    const free = this.#free.get(size)
    if (free === undefined) this.#free.set(size, [memory])
    else free.push(memory)
    this.#held += size
  }
}

function capacityFor(size: number): number {
  return size <= smallest ? smallest : 2 ** Math.ceil(Math.log2(size))
}
