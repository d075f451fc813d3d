/**
 * Encodes records straight into one record batch:
 *
 *   record := length varint | attributes int8 = 0 | timestamp delta varlong | offset delta varint
 *             | key length varint | key | value length varint | value | headers
 *
 * The lengths of a record and of its value are known only after the value was written. Room is left for as many bytes
 * as the record before needed, which is nearly always right; else the bytes behind are moved.
 */
import { ByteBuffer } from '#bytes'
import { headerSize, writeBatchHeader } from './batch-header.ts'
import { putVarint, putVarlong, varintSize } from './varint.ts'

/** What the builder needs of a record: its value writes itself. */
export interface ValueSource {
  writeValue(out: ByteBuffer): boolean
}

/** Longest that a record's own fields before the value can be, without the key. */
const fieldRoom = 32

export class BatchBuilder {
  /** The batch so far; its `bytes` may be exchanged while the batch is empty. */
  readonly out = new ByteBuffer(0)
  count = 0
  maxTimestamp = 0
  /** Where the next record begins: what is behind it was never accepted. */
  #end = headerSize
  #baseTimestamp = 0
  #recordWidth = 1
  #valueWidth = 1

  /** Bytes of the batch so far. */
  get size(): number {
    return this.#end
  }

  /**
   * Adds a record and returns the bytes it took; or takes nothing and returns -1 where the batch would exceed `limit`
   * (the first record of a batch is always taken). A throw of the value's writer leaves the batch as it was.
   */
  append(
    timestamp: number,
    key: Uint8Array,
    keyLength: number,
    value: ValueSource,
    headers: Uint8Array,
    limit: number,
  ): number {
    const { out, count } = this
    const start = this.#end
    const recordWidth = this.#recordWidth
    const valueWidth = this.#valueWidth
    if (count === 0) this.#baseTimestamp = timestamp
    out.length = start
    out.reserve(fieldRoom + Math.max(keyLength, 0))
    let bytes: Uint8Array = out.bytes
    let at = start + recordWidth
    bytes[at++] = 0
    at = putVarlong(bytes, at, timestamp - this.#baseTimestamp)
    at = putVarint(bytes, at, count)
    at = putVarint(bytes, at, keyLength)
    if (keyLength > 0) at = copy(key, keyLength, bytes, at)

    const valueAt = at + valueWidth
    out.length = valueAt
    let valueLength = -1
    if (value.writeValue(out)) valueLength = out.length - valueAt
    else out.length = valueAt
    const valueNeeds = varintSize(valueLength)
    if (valueNeeds !== valueWidth) this.#shift(valueAt, valueNeeds - valueWidth)
    putVarint(out.bytes, at, valueLength)
    out.append(headers)

    const length = out.length - start - recordWidth
    const recordNeeds = varintSize(length)
    if (recordNeeds !== recordWidth) this.#shift(start + recordWidth, recordNeeds - recordWidth)
    bytes = out.bytes
    putVarint(bytes, start, length)
    if (count > 0 && out.length > limit) return -1

    this.#recordWidth = recordNeeds
    if (valueLength >= 0) this.#valueWidth = valueNeeds
    this.#end = out.length
    this.maxTimestamp = count === 0 || timestamp > this.maxTimestamp ? timestamp : this.maxTimestamp
    this.count = count + 1
    return this.#end - start
  }

  /** Moves everything from `at` on by `by` bytes. */
  #shift(at: number, by: number): void {
    const { out } = this
    if (by > 0) out.reserve(by)
    out.bytes.copyWithin(at + by, at, out.length)
    out.length += by
  }

  /** Writes the header, without a checksum, and returns the finished batch, sharing memory with `out`. */
  finish(): Buffer {
    const { out } = this
    out.length = this.#end
    writeBatchHeader(out.bytes, this.#end, {
      baseOffset: 0n,
      attributes: 0,
      lastOffsetDelta: this.count - 1,
      baseTimestamp: BigInt(this.#baseTimestamp),
      maxTimestamp: BigInt(this.maxTimestamp),
      count: this.count,
    })
    return out.written()
  }

  /** Begins an empty batch in the given memory, or in what it has. */
  reset(memory: Buffer | null = null): void {
    if (memory !== null) this.out.use(memory)
    this.out.clear()
    this.count = 0
    this.#end = headerSize
  }
}

function copy(from: Uint8Array, length: number, to: Uint8Array, at: number): number {
  if (length > 64) to.set(length === from.length ? from : from.subarray(0, length), at)
  else for (let i = 0; i < length; i++) to[at + i] = from[i] as number
  return at + length
}
