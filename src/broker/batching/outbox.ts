/**
 * Records on their way to a broker, encoded into one growing batch per partition. `take` hands finished batches over with
 * their memory; the outbox keeps nothing of them. What a partition is called, is its owner's business.
 */
import { ByteBuffer } from '#bytes'
import type { OutgoingRecord } from '../broker.ts'
import { RecordRefusedError } from '../errors.ts'
import { headerSize } from '../record/batch-header.ts'
import { BatchBuilder } from '../record/batch-builder.ts'
import { type Compression, compressBatch, mostUnpacked } from '../record/compression.ts'
import { partitionOf } from '../record/murmur2.ts'
import type { BufferPool } from './buffer-pool.ts'

const usualBatchBytes = 1 << 20
/**
 * A batch is closed when less than this part of its memory is left: the record that does not fit any more is written
 * there before that is known.
 */
const spare = 1 / 16
/** Timestamps up to here keep their exact value in every part of a batch; it is the year 144,683. */
const latestTimestamp = 2 ** 52

export interface OutboxTopic<Partition> {
  readonly topic: string
  /** In order. A partition that was known under the same name before goes on as it is. */
  readonly partitions: readonly Partition[]
  /** Every record needs a key. */
  readonly compacted: boolean
  readonly maxMessageBytes: number
  readonly compression: 'producer' | Compression
}

export interface FinishedBatch<Partition> {
  readonly partition: Partition
  readonly memory: ArrayBuffer
  readonly length: number
  readonly count: number
  readonly maxTimestamp: number
  /** What its records have added to `Outbox.bytes`. */
  readonly recordBytes: number
}

export interface OutboxOptions {
  /** Of a record, before it is compressed. */
  readonly maxRequestBytes?: number
  /** Memory of a batch: one of several records does not exceed it, before it is compressed. */
  readonly batchBytes?: number
  /** For topics that leave it to their producers. */
  readonly compression?: Compression
  /** null: the codec's own. */
  readonly compressionLevel?: number | null
  /** Larger batches are not compressed: their readers would not unpack them. */
  readonly mostCompressed?: number
  /** The key does not decide the partition. */
  readonly ignoreKeys?: boolean
}

interface PartitionBox<Partition> {
  readonly partition: Partition
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

interface TopicBox<Partition> {
  readonly about: OutboxTopic<Partition>
  readonly partitions: readonly PartitionBox<Partition>[]
  readonly batchLimit: number
  nextWithoutKey: number
}

export class Outbox<Partition> {
  readonly #pool: BufferPool
  readonly #options: Required<OutboxOptions>
  readonly #topics = new Map<string, TopicBox<Partition>>()
  readonly #key = new ByteBuffer(256)
  /** Partitions that may have records in them. */
  #listed: PartitionBox<Partition>[] = []
  #closed: FinishedBatch<Partition>[] = []
  #last: TopicBox<Partition> | null = null
  /** Bytes of records that were taken in and not taken out. */
  bytes = 0

  constructor(pool: BufferPool, options: OutboxOptions = {}) {
    this.#pool = pool
    this.#options = {
      ...{ maxRequestBytes: Number.POSITIVE_INFINITY, batchBytes: usualBatchBytes, compression: 'zstd' },
      ...{ compressionLevel: null, mostCompressed: mostUnpacked, ignoreKeys: false },
      ...options,
    }
  }

  /** true: a batch is finished, and `take` need not end any. */
  get full(): boolean {
    return this.#closed.length > 0
  }

  /** What was known of a topic of that name is replaced: it may have been made anew, or have grown. */
  learn(topic: OutboxTopic<Partition>): void {
    const before = this.#topics.get(topic.topic)
    for (const box of before?.partitions ?? []) if (box.builder.count > 0) this.#close(box)
    const { maxRequestBytes, batchBytes } = this.#options
    const compression = topic.compression === 'producer' ? this.#options.compression : topic.compression
    const box: TopicBox<Partition> = {
      about: topic,
      partitions: topic.partitions.map((partition) => ({
        ...{ partition, compression, expected: 0, listed: false },
        builder: new BatchBuilder(),
      })),
      batchLimit: Math.min(batchBytes * (1 - spare), topic.maxMessageBytes, maxRequestBytes),
      nextWithoutKey: before?.nextWithoutKey ?? 0,
    }
    this.#last = null
    this.#topics.set(topic.topic, box)
  }

  /** Encodes a record; false where the topic is not known yet. What a topic does not take is a RecordRefusedError. */
  add(record: OutgoingRecord): boolean {
    const box = this.#last?.about.topic === record.topic ? this.#last : this.#topics.get(record.topic)
    if (box === undefined) return false
    this.#last = box
    const key = this.#key
    key.length = 0
    const keyLength = record.writeKey(key) ? key.length : -1
    if (keyLength < 0 && box.about.compacted)
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

  #partition(box: TopicBox<Partition>, record: OutgoingRecord, keyLength: number): PartitionBox<Partition> {
    const count = box.partitions.length
    const keyless = keyLength < 0 || this.#options.ignoreKeys
    const index =
      record.partition ??
      (keyless ? box.nextWithoutKey++ % count : partitionOf(this.#key.bytes, keyLength, count))
    const target = box.partitions[index]
    if (target === undefined) throw refused(record, `there is no partition ${index}, only ${count} of them`)
    return target
  }

  /** A record alone in its batch may be of any size: here the topic's bound is checked. */
  #admit(box: TopicBox<Partition>, target: PartitionBox<Partition>, record: OutgoingRecord): void {
    const { size } = target.builder
    const { maxRequestBytes } = this.#options
    const most = Math.min(box.about.maxMessageBytes, maxRequestBytes)
    if (size > most) {
      target.builder.reset(nothing)
      const name = most === maxRequestBytes ? 'max.request.size' : 'max.message.bytes'
      throw refused(record, `it takes ${size} bytes, and ${name} is ${most}`, `Raise ${name}.`)
    }
    if (target.listed) return
    target.listed = true
    this.#listed.push(target)
  }

  #begin({ builder, expected }: PartitionBox<Partition>): void {
    builder.reset(builder.out.bytes.length > 0 ? null : this.#pool.take(expected))
  }

  #close(target: PartitionBox<Partition>): void {
    const { builder, compression } = target
    const batch = builder.finish()
    const { length } = batch
    const own = builder.out.bytes.buffer as ArrayBuffer
    const { compressionLevel, mostCompressed, batchBytes } = this.#options
    const packed = compressBatch(batch, compression, compressionLevel, mostCompressed)
    if (packed !== null) this.#pool.give(own)
    this.#closed.push({
      partition: target.partition,
      memory: packed === null ? own : packed.buffer,
      length: packed === null ? length : packed.length,
      count: builder.count,
      maxTimestamp: builder.maxTimestamp,
      recordBytes: length - headerSize,
    })
    target.expected = Math.min(Math.max(length + (length >> 3), (target.expected * 3) >> 2), batchBytes)
    builder.reset(nothing)
  }

  /**
   * All finished batches, after those that still grow were finished where `ends` says so; per partition in the order
   * of `add`.
   */
  take(ends: (partition: Partition) => boolean = all): FinishedBatch<Partition>[] {
    const growing: PartitionBox<Partition>[] = []
    for (const target of this.#listed) {
      const empty = target.builder.count === 0
      if (!empty && !ends(target.partition)) growing.push(target)
      else {
        target.listed = false
        if (!empty) this.#close(target)
      }
    }
    const batches = this.#closed
    this.#listed = growing
    this.#closed = []
    for (const { recordBytes } of batches) this.bytes -= recordBytes
    return batches
  }

  /** Forgets all records taken in. */
  discard(): void {
    for (const { builder } of this.#listed) builder.reset()
    for (const { memory } of this.take()) this.#pool.give(memory)
    this.bytes = 0
  }
}

const nothing = Buffer.alloc(0)
const all = (): boolean => true

function refused(record: OutgoingRecord, why: string, remedy?: string): RecordRefusedError {
  const message = `A record for the topic ${record.topic} was refused: ${why}.`
  return new RecordRefusedError(message, remedy === undefined ? {} : { remedy })
}
