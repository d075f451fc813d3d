/**
 * Reads records out of bytes that hold record batches, one behind the other. Records are decoded one by one as they are
 * asked for, and a compressed batch is unpacked with its first one; keys and values share the bytes' memory, or that of
 * their unpacked batch. Grammar: batch-builder.ts and batch-header.ts.
 */
import { DecodeError } from '#errors'
import type { ConsumedRecord } from '../broker.ts'
import {
  type BatchHeader,
  hasLogAppendTime,
  headerSize,
  isControl,
  isWhole,
  readBatchHeader,
} from './batch-header.ts'
import { verifyBatch } from './batch-seal.ts'
import { isCompressed, mostUnpacked, unpackBatch } from './compression.ts'
import { decodeHeaders } from './headers.ts'
import { VarintCursor } from './varint.ts'

export interface BatchReading {
  /** Records before this offset are passed over. */
  readonly from?: bigint
  /** Bytes may end in the middle of a batch, which is left out then: so do answers to a fetch. */
  readonly cutOff?: boolean
  /** Checksums must match; the embedded broker's batches have none. */
  readonly verify?: boolean
  readonly mostUnpacked?: number
  /**
   * Sees each batch before its records, also the control batches (which never give records); false passes it over.
   * `controlType` says of a control batch's bytes what it is.
   */
  readonly wants?: (header: BatchHeader, batch: Buffer) => boolean
}

export class BatchReader {
  readonly #topic: string
  readonly #partition: number
  readonly #bytes: Buffer
  readonly #reading: BatchReading
  readonly #from: bigint
  #header: BatchHeader | null = null
  #cursor = new VarintCursor(Buffer.alloc(0))
  #left = 0
  #nextBatch = 0
  #nextOffset: bigint

  constructor(topic: string, partition: number, bytes: Uint8Array, reading: BatchReading = {}) {
    this.#topic = topic
    this.#partition = partition
    this.#bytes = asBuffer(bytes)
    this.#reading = reading
    this.#from = reading.from ?? 0n
    this.#nextOffset = this.#from
  }

  /**
   * Where to read on once `next` has returned null: behind all batches that were there, whether they gave records or
   * were compacted, passed over or control batches.
   */
  get nextOffset(): bigint {
    return this.#nextOffset
  }

  /** The next record, or null at the end. */
  next(): ConsumedRecord | null {
    for (;;) {
      const header = this.#left > 0 ? this.#header : this.#openBatch()
      if (header === null) return null
      this.#left--
      const cursor = this.#cursor
      const end = cursor.recordEnd()
      cursor.at++
      const delta = cursor.next()
      const offset = header.baseOffset + BigInt(cursor.next())
      if (offset < this.#from) {
        cursor.at = end
        continue
      }
      const timestamp = hasLogAppendTime(header) ? header.maxTimestamp : header.baseTimestamp + BigInt(delta)
      const keyLength = cursor.next()
      const key = keyLength < 0 ? null : cursor.take(keyLength)
      const valueLength = cursor.next()
      const value = valueLength < 0 ? null : cursor.take(valueLength)
      const headers = decodeHeaders(cursor)
      if (cursor.at !== end)
        throw new DecodeError(`Record ${offset} of ${this.#topic} is not as long as it says.`)
      return { topic: this.#topic, partition: this.#partition, offset, timestamp, key, value, headers }
    }
  }

  #openBatch(): BatchHeader | null {
    const bytes = this.#bytes
    const { verify = false, cutOff = false, wants, mostUnpacked: most = mostUnpacked } = this.#reading
    while (this.#nextBatch < bytes.length) {
      const at = this.#nextBatch
      if (cutOff && !isWhole(bytes, at)) break
      const header = readBatchHeader(bytes, at)
      const end = at + header.size
      if (verify) verifyBatch(bytes, header, at)
      this.#nextBatch = end
      const behind = header.baseOffset + BigInt(header.lastOffsetDelta) + 1n
      if (behind > this.#nextOffset) this.#nextOffset = behind
      const wanted = wants === undefined || wants(header, bytes.subarray(at, end))
      if (!wanted || header.count === 0 || isControl(header)) continue
      this.#header = header
      this.#left = header.count
      const batch = isCompressed(header) ? unpackBatch(bytes, at, most) : null
      this.#cursor =
        batch === null
          ? new VarintCursor(bytes, at + headerSize, end)
          : new VarintCursor(batch, headerSize, batch.length)
      return header
    }
    this.#nextBatch = bytes.length
    return null
  }
}

/** How a control batch ends its producer's transaction; null for other control records. */
export function controlType(batch: Buffer): 'commit' | 'abort' | null {
  const cursor = new VarintCursor(batch, headerSize, batch.length)
  cursor.recordEnd()
  cursor.at++
  cursor.next()
  cursor.next()
  // Its key: version int16 | type int16
  const key = cursor.take(cursor.next())
  const type = key.length < 4 ? -1 : asBuffer(key).readInt16BE(2)
  return type === 0 ? 'abort' : type === 1 ? 'commit' : null
}

/** All records of the batches in `bytes`. */
export function decodeBatches(topic: string, partition: number, bytes: Uint8Array): ConsumedRecord[] {
  const reader = new BatchReader(topic, partition, bytes)
  const records: ConsumedRecord[] = []
  for (let record = reader.next(); record !== null; record = reader.next()) records.push(record)
  return records
}

function asBuffer(bytes: Uint8Array): Buffer {
  return bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
}
