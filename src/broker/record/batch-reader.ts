/**
 * Reads records out of bytes that hold whole record batches, one behind the other. Records are decoded one by one as
 * they are asked for, and a compressed batch is unpacked with its first one; keys and values share the bytes' memory, or
 * that of their unpacked batch. Grammar: batch-builder.ts and batch-header.ts.
 */
import { DecodeError } from '#errors'
import type { ConsumedRecord } from '../broker.ts'
import { type BatchHeader, headerSize, readBatchHeader } from './batch-header.ts'
import { isCompressed, unpackBatch } from './compression.ts'
import { decodeHeaders } from './headers.ts'
import { VarintCursor } from './varint.ts'

const controlBit = 0x20

export class BatchReader {
  readonly #topic: string
  readonly #partition: number
  readonly #bytes: Buffer
  /** Records before this offset are passed over. */
  readonly #from: bigint
  #header: BatchHeader | null = null
  #cursor = new VarintCursor(Buffer.alloc(0))
  #left = 0
  #nextBatch = 0

  constructor(topic: string, partition: number, bytes: Uint8Array, from = 0n) {
    this.#topic = topic
    this.#partition = partition
    this.#bytes = asBuffer(bytes)
    this.#from = from
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
      const timestamp = header.baseTimestamp + BigInt(cursor.next())
      const offset = header.baseOffset + BigInt(cursor.next())
      if (offset < this.#from) {
        cursor.at = end
        continue
      }
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
    while (this.#nextBatch < this.#bytes.length) {
      const at = this.#nextBatch
      const header = readBatchHeader(this.#bytes, at)
      this.#nextBatch = at + header.size
      // Control batches mark the ends of transactions: they hold no records of anybody's.
      if (header.count === 0 || (header.attributes & controlBit) !== 0) continue
      this.#header = header
      this.#left = header.count
      const batch = isCompressed(header) ? unpackBatch(this.#bytes, at) : null
      this.#cursor =
        batch === null
          ? new VarintCursor(this.#bytes, at + headerSize, this.#nextBatch)
          : new VarintCursor(batch, headerSize, batch.length)
      return header
    }
    return null
  }
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
