/**
 * One partition on its way out: its batches in their order, each with the sequence numbers of its records, by which the
 * leader tells what it has already and what is missing. Several may be under way at once. After one came back they are
 * sent again from that one on, but only when all others of this partition are answered, and each as it was before
 * (invariant 3).
 */
import type { FinishedBatch } from '../../batching/outbox.ts'
import type { TopicPartition } from '../../broker.ts'
import { sealBatch } from '../../record/batch-seal.ts'
import type { ProducerIdentity } from '../wire/init-producer-id.ts'
import type { ProducedBatch } from '../wire/produce.ts'

export interface SealedBatch extends ProducedBatch {
  readonly queue: PartitionQueue
  readonly memory: ArrayBuffer
  readonly count: number
  /** What its records count for as long as they are not acknowledged. */
  readonly recordBytes: number
  readonly sequence: number
  /** Its place among all batches of the producer. */
  readonly order: number
  /** When trying ends, by `performance.now()`. */
  readonly deadline: number
  attempts: number
}

/** What seals the batches of one producer. */
export interface Sealing extends ProducerIdentity {
  readonly transactional: boolean
}

/** Sequence numbers go from 0 to 2^31 - 1 and begin again. */
const sequences = 2 ** 31

export class PartitionQueue implements TopicPartition {
  readonly topic: string
  readonly partition: number
  /** The number of the broker that leads it; -1 while that is not known. */
  leader = -1
  /** By `performance.now()`: nothing is sent before. */
  pausedUntil = 0
  /** false: it belongs to no transaction yet, so nothing is sent. */
  enlisted = true
  readonly #waiting: SealedBatch[] = []
  readonly #flying = new Set<SealedBatch>()
  #flyingTo = -1
  /**
   * Batches go one at a time: the leader knows nothing of this producer yet, and takes any sequence number for its
   * first; or one came back, and what follows it waits until all are answered.
   */
  #oneByOne = true
  #nextSequence = 0

  constructor(topic: string, partition: number, firstSequence = 0) {
    this.topic = topic
    this.partition = partition
    this.#nextSequence = firstSequence
  }

  /** Puts a finished batch at the end. */
  add(
    { memory, length, count, recordBytes }: FinishedBatch<PartitionQueue>,
    { producerId, epoch, transactional }: Sealing,
    place: { readonly order: number; readonly deadline: number },
  ): SealedBatch {
    const { topic, partition } = this
    const bytes = Buffer.from(memory, 0, length)
    const sequence = this.#nextSequence
    this.#nextSequence = (sequence + count) % sequences
    sealBatch(bytes, { producerId, epoch, sequence, transactional })
    const batch = { queue: this, topic, partition, bytes, memory, count, recordBytes, sequence }
    const sealed = { ...batch, ...place, attempts: 0 }
    this.#waiting.push(sealed)
    return sealed
  }

  /** The next to be sent. */
  get head(): SealedBatch | null {
    return this.#waiting[0] ?? null
  }

  /** Nothing waits, and nothing is under way. */
  get empty(): boolean {
    return this.#waiting.length === 0 && this.#flying.size === 0
  }

  sendable(now: number): boolean {
    if (this.#waiting.length === 0 || this.leader < 0 || !this.enlisted || now < this.pausedUntil)
      return false
    return this.#flying.size === 0 || (this.#flyingTo === this.leader && !this.#oneByOne)
  }

  /** The head is on its way to the leader. */
  depart(): SealedBatch {
    const batch = this.#waiting.shift() as SealedBatch
    this.#flying.add(batch)
    this.#flyingTo = this.leader
    return batch
  }

  /** It is stored, and no more of this queue's. */
  acknowledged(batch: SealedBatch): void {
    this.#flying.delete(batch)
    if (this.isFirst(batch)) this.#oneByOne = false
  }

  /** It must be sent again, `as` other batches if it was divided. */
  comeBack(batch: SealedBatch, as: readonly SealedBatch[] = [batch]): void {
    this.#flying.delete(batch)
    this.#oneByOne = true
    const behind = this.#waiting.findIndex((other) => precedes(batch, other))
    this.#waiting.splice(behind < 0 ? this.#waiting.length : behind, 0, ...as)
  }

  /** Nothing before this batch is left to be stored. */
  isFirst(batch: SealedBatch): boolean {
    const { head } = this
    if (head !== null && precedes(head, batch)) return false
    for (const other of this.#flying) if (precedes(other, batch)) return false
    return true
  }
}

/** Whether `a` comes before `b`; the numbers of what waits are never half of them apart. */
function precedes(a: SealedBatch, b: SealedBatch): boolean {
  return (a.sequence - b.sequence) << 1 < 0
}
