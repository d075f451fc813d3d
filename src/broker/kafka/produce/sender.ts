/**
 * Brings finished batches to the leaders of their partitions, several requests at once per broker, each with at most one
 * batch per partition. What fails in passing (a leader that moved, a broker that is gone, too few replicas) is sent
 * again until its deadline; anything else ends the sender: what it held may or may not be stored, and its owner begins
 * again from what it knows to be durable.
 */
import { ConnectError } from '#errors'
import type { BufferPool } from '../../batching/buffer-pool.ts'
import type { FinishedBatch } from '../../batching/outbox.ts'
import type { ProducerSettings } from '../properties/producer-settings.ts'
import type { KafkaCluster } from '../transport/cluster.ts'
import { produceRequest } from '../wire/produce.ts'
import { Acknowledgements } from './acknowledgements.ts'
import { divideBatch } from './divide-batch.ts'
import { type Outcome, outcomeOf, outcomeOfError } from './outcome.ts'
import type { PartitionQueue, SealedBatch, Sealing } from './partition-queue.ts'

export interface SenderParts {
  readonly cluster: Pick<KafkaCluster, 'send'>
  readonly settings: ProducerSettings
  readonly sealing: Sealing
  readonly pool: BufferPool
  /** Looks up anew who leads which partition. A rejection ends the sender. */
  readonly refresh: () => Promise<void>
  /** An answer has come, or the end: there may be room for more. */
  readonly answered: () => void
}

interface Lane {
  inFlight: number
  /**
   * Only a connection that has answered takes more than one request at a time: while it is opened anew, requests could
   * overtake each other.
   */
  proven: boolean
}

export class Sender {
  /** Bytes of records that are not acknowledged. */
  pendingBytes = 0
  readonly #parts: SenderParts
  readonly #lanes = new Map<number, Lane>()
  /** Partitions with batches that wait, the one that was served last at the end. */
  readonly #waiting = new Set<PartitionQueue>()
  readonly #acknowledgements = new Acknowledgements()
  #failure: ConnectError | null = null
  #timer: NodeJS.Timeout | null = null
  #timerAt = 0
  #refreshing = false

  constructor(parts: SenderParts) {
    this.#parts = parts
  }

  /** Why it is of no use any more. */
  get failure(): ConnectError | null {
    return this.#failure
  }

  /** Nothing of this partition, and nothing at all to its broker, is under way: what is there should go. */
  isIdle(queue: PartitionQueue): boolean {
    return queue.empty && (this.#lanes.get(queue.leader)?.inFlight ?? 0) === 0
  }

  /** Takes batches over, per partition in their order, and sends what can be sent. */
  take(batches: readonly FinishedBatch<PartitionQueue>[]): void {
    if (this.#failure !== null) return
    const { sealing, settings } = this.#parts
    const deadline = performance.now() + settings.deliveryTimeoutMs
    for (const batch of batches) {
      this.pendingBytes += batch.recordBytes
      batch.partition.add(batch, sealing, { order: this.#acknowledgements.issue(), deadline })
      this.#waiting.add(batch.partition)
    }
    this.pump()
  }

  /** Resolves once all that was taken so far is stored. */
  settled(): Promise<void> {
    return this.#failure === null ? this.#acknowledgements.settled() : Promise.reject(this.#failure)
  }

  /** Sends what can be sent. */
  pump(): void {
    if (this.#failure !== null || this.#waiting.size === 0) return
    const now = performance.now()
    const leaders = new Set<number>()
    let next = Number.POSITIVE_INFINITY
    for (const queue of this.#waiting) {
      if (queue.sendable(now)) leaders.add(queue.leader)
      else if (queue.pausedUntil > now) next = Math.min(next, queue.pausedUntil)
      else if (queue.leader < 0) next = Math.min(next, now + this.#parts.settings.connection.backoffMs)
    }
    for (const node of leaders) this.#fill(node, now)
    if (next < Number.POSITIVE_INFINITY) this.#wakeAt(next, now)
  }

  #fill(node: number, now: number): void {
    const lane = this.#lane(node)
    const { maxInFlight } = this.#parts.settings
    while (lane.inFlight < (lane.proven ? maxInFlight : 1)) {
      const batches = this.#collect(node, now)
      if (batches.length === 0) return
      void this.#fly(node, lane, batches)
    }
  }

  #lane(node: number): Lane {
    const lane = this.#lanes.get(node) ?? { inFlight: 0, proven: false }
    this.#lanes.set(node, lane)
    return lane
  }

  /** The batches of one request. */
  #collect(node: number, now: number): SealedBatch[] {
    const most = this.#parts.settings.maxRequestBytes
    const served: PartitionQueue[] = []
    let bytes = 0
    for (const queue of this.#waiting) {
      if (queue.leader !== node || !queue.sendable(now)) continue
      const size = queue.head?.bytes.length ?? 0
      if (bytes > 0 && bytes + size > most) break
      bytes += size
      served.push(queue)
    }
    return served.map((queue) => {
      const batch = queue.depart()
      this.#waiting.delete(queue)
      if (queue.head !== null) this.#waiting.add(queue)
      return batch
    })
  }

  async #fly(node: number, lane: Lane, batches: readonly SealedBatch[]): Promise<void> {
    const { cluster, settings, answered } = this.#parts
    const { transactionalId, connection } = settings
    lane.inFlight++
    let outcome: (batch: SealedBatch) => Outcome
    try {
      const results = await cluster.send(node, produceRequest(transactionalId, connection.requestMs, batches))
      lane.proven = true
      outcome = (batch) => {
        const result = results.find(
          ({ topic, partition }) => topic === batch.topic && partition === batch.partition,
        )
        return outcomeOf(result?.error ?? noAnswer, batch)
      }
    } catch (error) {
      lane.proven = false
      outcome = () => outcomeOfError(error)
    }
    lane.inFlight--
    if (this.#failure !== null) return
    for (const batch of batches) this.#settle(batch, outcome(batch))
    answered()
    this.pump()
  }

  #settle(batch: SealedBatch, outcome: Outcome): void {
    const { queue } = batch
    switch (outcome.is) {
      case 'stored':
        queue.acknowledged(batch)
        this.pendingBytes -= batch.recordBytes
        this.#parts.pool.give(batch.memory)
        this.#acknowledgements.acknowledged(batch.order)
        return
      case 'behind':
        queue.comeBack(batch)
        break
      case 'divide': {
        const parts = divideBatch(batch, this.#parts.sealing)
        this.#acknowledgements.divided(batch.order, parts.length)
        queue.comeBack(batch, parts)
        break
      }
      case 'again':
        this.#again(batch, outcome.why)
        break
      case 'final':
        this.fail(outcome.error)
        return
    }
    this.#waiting.add(queue)
  }

  #again(batch: SealedBatch, why: ConnectError): void {
    const { queue } = batch
    const now = performance.now()
    const { backoffMs, backoffMaxMs } = this.#parts.settings.connection
    const pauseMs = Math.min(backoffMs * 2 ** Math.min(batch.attempts++, 20), backoffMaxMs)
    queue.comeBack(batch)
    if (now + pauseMs > batch.deadline) {
      this.fail(expired(batch, why))
      return
    }
    // Spread over time, so that many clients do not come back at once.
    queue.pausedUntil = now + pauseMs * (0.8 + Math.random() * 0.4)
    void this.refresh()
  }

  /** Asks anew who leads which partition; never rejects. */
  async refresh(): Promise<void> {
    if (this.#refreshing || this.#failure !== null) return
    this.#refreshing = true
    try {
      await this.#parts.refresh()
    } catch (error) {
      const outcome = outcomeOfError(error)
      if (outcome.is === 'final') this.fail(outcome.error)
    } finally {
      this.#refreshing = false
    }
    this.pump()
  }

  /** Sends again when a pause is over, and asks again for leaders that are not known. */
  #wakeAt(time: number, now: number): void {
    if (this.#timer !== null && this.#timerAt <= time) return
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timerAt = time
    this.#timer = setTimeout(
      () => {
        this.#timer = null
        this.#tend()
        this.pump()
      },
      Math.ceil(time - now),
    )
  }

  #tend(): void {
    const now = performance.now()
    for (const { head, leader, topic, partition } of this.#waiting) {
      if (head !== null && now > head.deadline) {
        const why = new ConnectError(`Partition ${partition} of ${topic} has no leader.`)
        this.fail(expired(head, why))
        return
      }
      if (leader < 0) void this.refresh()
    }
  }

  /** Ends it: whoever waits hears of it, and nothing more is sent. */
  fail(error: ConnectError): void {
    if (this.#failure !== null) return
    this.#failure = error
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#waiting.clear()
    this.#acknowledgements.fail(error)
    this.#parts.answered()
  }
}

/** UNKNOWN_SERVER_ERROR: the broker has said nothing of a batch that it was sent. */
const noAnswer = -1

function expired({ topic, partition, attempts }: SealedBatch, why: ConnectError): ConnectError {
  return new ConnectError(
    `Records for partition ${partition} of ${topic} could not be stored in ${attempts} attempts within delivery.timeout.ms: ${why.message}`,
    { cause: why },
  )
}
