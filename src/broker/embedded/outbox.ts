/**
 * Records on their way to the store, encoded into one growing batch per partition. `take` hands the finished batches
 * over with their memory; the outbox keeps nothing of them.
 */
import { ByteBuffer } from '#bytes'
import type { OutgoingRecord } from '../broker.ts'
import { RecordRefusedError } from '../errors.ts'
import { BatchBuilder } from '../record/batch-builder.ts'
import { type Compression, compressBatch } from '../record/compression.ts'
import { partitionOf } from '../record/murmur2.ts'
import { type BufferPool, largestPooled } from './buffer-pool.ts'
import type { StoredBatch, TopicHandle } from './protocol.ts'

/** A batch is closed before it exceeds this, so that it fits memory of 1 MiB with room to spare. */
const batchLimit = 1_000_000
/** Timestamps up to here keep their exact value in every part of a batch; it is the year 144,683. */
const latestTimestamp = 2 ** 52

interface PartitionBox {
  readonly id: number
  readonly builder: BatchBuilder
  readonly compression: Compression
  /**
   * What the next batch will probably need: a little more than the last one, so that a steady flow does not outgrow
   * its memory each time, and after a large one less by and by.
   */
  expected: number
  /** true while it is in the outbox's list of partitions to take from. */
  listed: boolean
}

interface TopicBox {
  readonly handle: TopicHandle
  readonly partitions: readonly PartitionBox[]
  readonly batchLimit: number
  nextWithoutKey: number
}

export interface OutboxOptions {
  readonly maxRequestBytes?: number
  /** For topics that leave it to their producers. */
  readonly compression?: Compression
}

export class Outbox {
  readonly #pool: BufferPool
  readonly #maxRequestBytes: number
  readonly #compression: Compression
  readonly #topics = new Map<string, TopicBox>()
  readonly #key = new ByteBuffer(256)
  /** Partitions that may have records in them. */
  #listed: PartitionBox[] = []
  #closed: StoredBatch[] = []
  #last: TopicBox | null = null
  /** Bytes of records taken in since the last `take`. */
  bytes = 0

  constructor(
    pool: BufferPool,
    { maxRequestBytes = Number.POSITIVE_INFINITY, compression = 'zstd' }: OutboxOptions = {},
  ) {
    this.#pool = pool
    this.#maxRequestBytes = maxRequestBytes
    this.#compression = compression
  }

  /** What was known of a topic of that name is forgotten: it may have been made anew. */
  learn(handle: TopicHandle): void {
    const compression = handle.compression === 'producer' ? this.#compression : handle.compression
    const box: TopicBox = {
      handle,
      partitions: handle.partitions.map((id) => ({
        ...{ id, compression, expected: 0, listed: false },
        builder: new BatchBuilder(),
      })),
      batchLimit: Math.min(batchLimit, handle.maxMessageBytes, this.#maxRequestBytes),
      nextWithoutKey: 0,
    }
    this.#last = null
    this.#topics.set(handle.topic, box)
  }

  /** Encodes a record; false where the topic is not known yet. What a topic does not take is a RecordRefusedError. */
  add(record: OutgoingRecord): boolean {
    const box = this.#last?.handle.topic === record.topic ? this.#last : this.#topics.get(record.topic)
    if (box === undefined) return false
    this.#last = box
    const key = this.#key
    key.length = 0
    const keyLength = record.writeKey(key) ? key.length : -1
    if (keyLength < 0 && box.handle.compacted)
      throw refused(record, 'the topic is compacted, and the record has no key')
    const target = this.#partition(box, record, keyLength)
    const timestamp = record.timestamp === null ? Date.now() : Number(record.timestamp)
    if (!(timestamp >= 0 && timestamp <= latestTimestamp))
      throw refused(record, `its timestamp ${record.timestamp} is not between 0 and ${latestTimestamp}`)
    const { builder } = target
    if (builder.count === 0) this.#begin(target)
    let size = builder.append(timestamp, key.bytes, keyLength, record, record.headers, box.batchLimit)
    if (size < 0) {
      this.#close(target)
      this.#begin(target)
      size = builder.append(timestamp, key.bytes, keyLength, record, record.headers, box.batchLimit)
    }
    if (builder.count === 1) this.#admit(box, target, record)
    this.bytes += size
    return true
  }

  #partition(box: TopicBox, record: OutgoingRecord, keyLength: number): PartitionBox {
    const count = box.partitions.length
    const index =
      record.partition ??
      (keyLength < 0 ? box.nextWithoutKey++ % count : partitionOf(this.#key.bytes, keyLength, count))
    const target = box.partitions[index]
    if (target === undefined) throw refused(record, `there is no partition ${index}, only ${count} of them`)
    return target
  }

  /** A record alone in its batch may be of any size: here the topic's bound is checked. */
  #admit(box: TopicBox, target: PartitionBox, record: OutgoingRecord): void {
    const { size } = target.builder
    const most = Math.min(box.handle.maxMessageBytes, this.#maxRequestBytes)
    if (size > most) {
      target.builder.reset(nothing)
      const name = most === this.#maxRequestBytes ? 'max.request.size' : 'max.message.bytes'
      throw refused(record, `it takes ${size} bytes, and ${name} is ${most}`)
    }
    if (target.listed) return
    target.listed = true
    this.#listed.push(target)
  }

  #begin({ builder, expected }: PartitionBox): void {
    builder.reset(builder.out.bytes.length > 0 ? null : this.#pool.take(expected))
  }

  #close(target: PartitionBox): void {
    const { builder } = target
    const batch = builder.finish()
    const { length } = batch
    const own = builder.out.bytes.buffer as ArrayBuffer
    const packed = target.compression === 'zstd' ? compressBatch(batch) : null
    if (packed !== null) this.#pool.give(own)
    this.#closed.push({
      partition: target.id,
      memory: packed === null ? own : packed.buffer,
      length: packed === null ? length : packed.length,
      count: builder.count,
      maxTimestamp: builder.maxTimestamp,
    })
    target.expected = Math.min(Math.max(length + (length >> 3), (target.expected * 3) >> 2), largestPooled)
    builder.reset(nothing)
  }

  /** All batches, finished; per partition in the order of `add`. The outbox is empty afterwards. */
  take(): StoredBatch[] {
    for (const target of this.#listed) {
      target.listed = false
      if (target.builder.count > 0) this.#close(target)
    }
    const batches = this.#closed
    this.#listed = []
    this.#closed = []
    this.bytes = 0
    return batches
  }

  /** Forgets all records taken in. */
  discard(): void {
    for (const { builder } of this.#listed) builder.reset()
    for (const { memory } of this.take()) this.#pool.give(memory)
  }
}

const nothing = Buffer.alloc(0)

function refused(record: OutgoingRecord, why: string): RecordRefusedError {
  return new RecordRefusedError(`A record for the topic ${record.topic} was refused: ${why}.`)
}
