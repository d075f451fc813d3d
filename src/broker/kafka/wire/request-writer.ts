/**
 * Writes the body of a request in Kafka's fixed-width encoding (the versions before flexible ones): big endian,
 * strings with an int16 length, bytes and arrays with an int32 length, -1 for null. Record batches are not copied:
 * `attach` puts them between the parts as they are.
 */
import { ByteBuffer } from '#bytes'

export class RequestWriter {
  readonly #out = new ByteBuffer(256)
  readonly #parts: Buffer[] = []
  /** Where the part begins that is being written. */
  #from = 0

  int8(value: number): this {
    this.#out.appendByte(value & 0xff)
    return this
  }

  boolean(value: boolean): this {
    return this.int8(value ? 1 : 0)
  }

  int16(value: number): this {
    const at = this.#take(2)
    this.#out.bytes.writeInt16BE(value, at)
    return this
  }

  int32(value: number): this {
    const at = this.#take(4)
    this.#out.bytes.writeInt32BE(value, at)
    return this
  }

  int64(value: bigint): this {
    const at = this.#take(8)
    this.#out.bytes.writeBigInt64BE(value, at)
    return this
  }

  string(value: string | null): this {
    if (value === null) return this.int16(-1)
    this.int16(Buffer.byteLength(value))
    this.#out.appendText(value)
    return this
  }

  bytes(value: Uint8Array | null): this {
    if (value === null) return this.int32(-1)
    this.int32(value.length)
    this.#out.append(value)
    return this
  }

  /** As `bytes`, but sharing the memory: it must stay as it is until the answer has come. */
  attach(value: Buffer): this {
    this.int32(value.length)
    this.#endPart()
    this.#parts.push(value)
    return this
  }

  array<T>(items: readonly T[] | null, write: (item: T) => void): this {
    if (items === null) return this.int32(-1)
    this.int32(items.length)
    for (const item of items) write(item)
    return this
  }

  /** What was written, in order. */
  parts(): readonly Buffer[] {
    this.#endPart()
    return this.#parts
  }

  #take(size: number): number {
    const out = this.#out
    out.reserve(size)
    out.length += size
    return out.length - size
  }

  #endPart(): void {
    const { bytes, length } = this.#out
    if (length > this.#from) this.#parts.push(bytes.subarray(this.#from, length))
    this.#from = length
  }
}
