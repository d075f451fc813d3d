/** Reads the body of a response: the counterpart of `RequestWriter`. Bytes that end too early are a DecodeError. */
import { DecodeError } from '#errors'

export class ResponseReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get left(): number {
    return this.#bytes.length - this.#at
  }

  int8(): number {
    return this.#bytes.readInt8(this.#take(1))
  }

  boolean(): boolean {
    return this.int8() !== 0
  }

  int16(): number {
    return this.#bytes.readInt16BE(this.#take(2))
  }

  int32(): number {
    return this.#bytes.readInt32BE(this.#take(4))
  }

  int64(): bigint {
    return this.#bytes.readBigInt64BE(this.#take(8))
  }

  string(): string {
    return this.nullableString() ?? ''
  }

  nullableString(): string | null {
    const length = this.int16()
    if (length < 0) return null
    const at = this.#take(length)
    return this.#bytes.toString('utf8', at, at + length)
  }

  /** A view of the response's memory. */
  bytes(): Buffer | null {
    const length = this.int32()
    if (length < 0) return null
    const at = this.#take(length)
    return this.#bytes.subarray(at, at + length)
  }

  /** A null array reads as an empty one. */
  array<T>(read: () => T): T[] {
    const count = this.int32()
    if (count > this.left)
      throw new DecodeError(`A Kafka response announces ${count} entries in ${this.left} bytes.`)
    const items: T[] = []
    for (let i = 0; i < count; i++) items.push(read())
    return items
  }

  #take(size: number): number {
    const at = this.#at
    if (at + size > this.#bytes.length)
      throw new DecodeError(
        `A Kafka response ends at ${this.#bytes.length}, within a field of ${size} bytes.`,
      )
    this.#at = at + size
    return at
  }
}
