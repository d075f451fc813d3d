/** Builds pgoutput messages byte by byte, for tests. A cell is a text, null, or `unchanged`. */
export const unchanged = Symbol('unchanged TOAST')
export type Cell = string | null | typeof unchanged

export class MessageBytes {
  readonly #parts: Buffer[] = []

  constructor(tag: string) {
    this.#parts.push(Buffer.from(tag))
  }

  #number(size: 1 | 2 | 4, value: number): this {
    const part = Buffer.alloc(size)
    part.writeUIntBE(value < 0 ? value + 2 ** (8 * size) : value, 0, size)
    this.#parts.push(part)
    return this
  }

  uint8(value: number): this {
    return this.#number(1, value)
  }

  uint16(value: number): this {
    return this.#number(2, value)
  }

  int32(value: number): this {
    return this.#number(4, value)
  }

  int64(value: bigint): this {
    const part = Buffer.alloc(8)
    part.writeBigInt64BE(BigInt.asIntN(64, value))
    this.#parts.push(part)
    return this
  }

  letter(value: string): this {
    this.#parts.push(Buffer.from(value))
    return this
  }

  text(value: string): this {
    this.#parts.push(Buffer.from(`${value}\0`))
    return this
  }

  tuple(kind: string, cells: readonly Cell[]): this {
    this.letter(kind).uint16(cells.length)
    for (const cell of cells) {
      if (cell === null) this.letter('n')
      else if (cell === unchanged) this.letter('u')
      else this.letter('t').int32(Buffer.byteLength(cell)).letter(cell)
    }
    return this
  }

  done(): Buffer {
    return Buffer.concat(this.#parts)
  }
}

export const message = (tag: string) => new MessageBytes(tag)
