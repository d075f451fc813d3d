/**
 * A chunk of log bytes under decoding: rows are added one after the other, so `cells` may be another array after
 * `reserve`. Records hold the slab, never its `cells`.
 */
import type { CellChunk } from './cells.ts'

export class CellSlab implements CellChunk {
  readonly bytes: Buffer
  cells: Int32Array
  #used = 0

  /** `expected`: how many cells it will probably hold; one cell takes two numbers. */
  constructor(bytes: Buffer, expected = 256) {
    this.bytes = bytes
    this.cells = new Int32Array(expected * 2)
  }

  /** Makes room for a row of so many columns; returns where it starts. */
  reserve(columns: number): number {
    const at = this.#used
    const used = at + columns * 2
    if (used > this.cells.length) {
      const grown = new Int32Array(Math.max(used, this.cells.length * 2))
      grown.set(this.cells)
      this.cells = grown
    }
    this.#used = used
    return at
  }

  /** Numbers in use. */
  get used(): number {
    return this.#used
  }
}
