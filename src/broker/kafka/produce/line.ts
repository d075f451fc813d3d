/**
 * A line from one producer to a Kafka: an outbox for its records, the topics it knows, and the sender of its batches,
 * over connections of its own. A batch goes as soon as it is full; one that still grows goes on the next turn of the
 * event loop if nothing is under way to its broker, so that a quiet stream has no delay and a busy one large batches.
 */
import { ConnectError, messageOf } from '#errors'
import { logger } from '#observe'
import { BufferPool } from '../../batching/buffer-pool.ts'
import { type FinishedBatch, Outbox } from '../../batching/outbox.ts'
import type { Admin, NewTopic, OutgoingRecord } from '../../broker.ts'
import { mostUnpackedOfKafka } from '../../record/compression.ts'
import type { ProducerSettings } from '../properties/producer-settings.ts'
import { type KafkaCluster, openCluster } from '../transport/cluster.ts'
import { retrying } from '../transport/retry.ts'
import { initProducerIdRequest, type ProducerIdentity } from '../wire/init-producer-id.ts'
import type { PartitionQueue } from './partition-queue.ts'
import { Sender } from './sender.ts'
import { Topics } from './topics.ts'
import { openTransactions, type Transaction } from './transaction.ts'

export interface LineParts {
  readonly settings: ProducerSettings
  readonly newTopic: (topic: string) => NewTopic | null
  readonly admin: Pick<Admin, 'create'>
}

/**
 * More than this is not held for a broker that is slower than we are, whatever buffer.memory allows: it is several
 * requests for each of a few brokers, and a thread's memory should not grow with the lag.
 */
const mostHeld = 8 << 20
/** Full batches that are on their way come back as memory for the next ones. */
const mostPooled = 8 << 20
/** Metadata is not asked for more often, unless something has failed. */
const leastAgeMs = 1000
/** Timers that are to wait longer do not wait at all. */
const longestTimerMs = 2 ** 31 - 1
/** How long closing may take to abort what is open. */
const abortMs = 5000

type Batches = readonly FinishedBatch<PartitionQueue>[]

export async function openLine(
  parts: LineParts,
  cluster = openCluster(parts.settings.connection),
): Promise<Line> {
  const { settings } = parts
  const { transactionalId } = settings
  try {
    if (transactionalId === null) return new Line(parts, cluster, await identityOf(settings, cluster), null)
    const transaction = await openTransactions(transactionalId, settings, cluster)
    return new Line(parts, cluster, transaction.identity, transaction)
  } catch (error) {
    cluster[Symbol.dispose]()
    throw error
  }
}

function identityOf(settings: ProducerSettings, cluster: KafkaCluster): Promise<ProducerIdentity> {
  const { transactionTimeoutMs, connection, maxBlockMs } = settings
  return retrying({ ...connection, deadlineMs: maxBlockMs }, () =>
    cluster.sendToAny(initProducerIdRequest(null, transactionTimeoutMs)),
  )
}

export class Line implements Disposable {
  /** null: what is acknowledged is there for everybody. */
  readonly transaction: Transaction | null
  readonly #cluster: KafkaCluster
  readonly #outbox: Outbox<PartitionQueue>
  readonly #topics: Topics
  readonly #sender: Sender
  readonly #mostHeld: number
  readonly #upkeep: NodeJS.Timeout
  #scheduled = false
  #room: PromiseWithResolvers<void> | null = null
  /** Finished batches that belong to a later transaction; null: none is held, they go as they come. */
  #held: FinishedBatch<PartitionQueue>[] | null = null
  #heldBytes = 0

  constructor(
    { settings, newTopic, admin }: LineParts,
    cluster: KafkaCluster,
    identity: ProducerIdentity,
    transaction: Transaction | null,
  ) {
    const pool = new BufferPool(mostPooled)
    this.transaction = transaction
    this.#cluster = cluster
    this.#mostHeld = Math.min(settings.bufferBytes, mostHeld)
    this.#outbox = new Outbox(pool, { ...settings, mostCompressed: mostUnpackedOfKafka })
    this.#topics = new Topics({
      ...{ cluster, newTopic, waitMs: settings.maxBlockMs },
      create: async (topic) => void (await admin.create(topic)),
      changed: (topic, partitions) => {
        // The broker alone knows how the topic is configured, and says so when it does not take something.
        const about = { compacted: false, maxMessageBytes: Number.POSITIVE_INFINITY }
        this.#outbox.learn({ ...about, topic, partitions, compression: 'producer' })
      },
    })
    this.#sender = new Sender({
      ...{ cluster, settings, pool },
      refresh: () => this.#topics.refresh(),
      sealing: { ...identity, transactional: transaction !== null },
      answered: () => this.#turn(),
    })
    const ageMs = Math.min(Math.max(settings.metadataMaxAgeMs, leastAgeMs), longestTimerMs)
    this.#upkeep = setInterval(() => void this.#sender.refresh(), ageMs)
    this.#upkeep.unref()
  }

  /** Why it is of no use any more. */
  get failure(): ConnectError | null {
    return this.#sender.failure
  }

  /** Bytes of records that were taken in and are not acknowledged. */
  get pendingBytes(): number {
    return this.#outbox.bytes + this.#heldBytes + this.#sender.pendingBytes
  }

  /** Makes the topic known, and makes it if need be. */
  learn(topic: string): Promise<void> {
    return this.#topics.learn(topic)
  }

  /** null: taken in. Else it was not, and may be tried again when the promise resolves. */
  add(record: OutgoingRecord): Promise<void> | null {
    if (this.pendingBytes > this.#mostHeld && this.failure === null) return this.#waitForRoom()
    return this.put(record) ? null : this.learn(record.topic)
  }

  /** Takes the record in whether there is room or not; false where its topic is not known. */
  put(record: OutgoingRecord): boolean {
    if (this.#sender.failure !== null) throw this.#sender.failure
    if (!this.#outbox.add(record)) return false
    if (this.#outbox.full) this.#hand(this.#outbox.take(never))
    else if (!this.#scheduled) this.#schedule()
    return true
  }

  /** Resolves once all that was taken in is stored; several resolve in the order of their calls. */
  flush(): Promise<void> {
    this.#hand(this.#outbox.take())
    return this.#sender.settled()
  }

  /** All that was taken in and is not on its way yet; `send` is to be called for it. What comes now waits for `release`. */
  cut(): Batches {
    const last = this.#outbox.take()
    for (const { recordBytes } of last) this.#heldBytes += recordBytes
    const batches = [...(this.#held ?? []), ...last]
    this.#held = []
    return batches
  }

  /** Sends what was cut, and resolves once it is stored. */
  send(batches: Batches): Promise<void> {
    for (const { recordBytes } of batches) this.#heldBytes -= recordBytes
    this.#send(batches)
    return this.#sender.settled()
  }

  /** Sends records of one topic though all others are held, and resolves once they are stored. */
  flushTopic(topic: string): Promise<void> {
    const batches = this.#outbox.take((queue) => queue.topic === topic)
    this.#hand(batches.filter(({ partition }) => partition.topic !== topic))
    this.#send(batches.filter(({ partition }) => partition.topic === topic))
    return this.#sender.settled()
  }

  /** What waited goes. */
  release(): void {
    const held = this.#held ?? []
    this.#held = null
    void this.send(held).catch(() => {}) // a failure is the sender's, who tells of it
    this.#turn()
  }

  #hand(batches: Batches): void {
    if (this.#held === null) this.#send(batches)
    else
      for (const batch of batches) {
        this.#held.push(batch)
        this.#heldBytes += batch.recordBytes
      }
  }

  #send(batches: Batches): void {
    const enlisting = this.transaction?.enlist(batches.map(({ partition }) => partition)) ?? null
    this.#sender.take(batches)
    enlisting?.then(
      () => this.#sender.pump(),
      (error) => this.fail(error),
    )
  }

  /** Forgets what was taken in and is not on its way. */
  discard(): void {
    this.#outbox.discard()
  }

  /** Ends it, if it has not ended before; returns why it has. */
  fail(error: unknown): ConnectError {
    this.#sender.fail(
      error instanceof ConnectError ? error : new ConnectError(messageOf(error), { cause: error }),
    )
    return this.#sender.failure as ConnectError
  }

  #schedule(): void {
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.#turn()
    })
  }

  #turn(): void {
    const { failure } = this.#sender
    if (failure === null && this.#held === null)
      this.#hand(this.#outbox.take((queue) => this.#sender.isIdle(queue)))
    const room = this.#room
    if (room === null || (failure === null && this.pendingBytes > this.#mostHeld * 0.75)) return
    this.#room = null
    if (failure === null) room.resolve()
    else room.reject(failure)
  }

  #waitForRoom(): Promise<void> {
    this.#room ??= Promise.withResolvers<void>()
    if (!this.#scheduled) this.#schedule()
    return this.#room.promise
  }

  /** Ends it, and what it has begun: readers of committed records would wait for that. */
  async close(): Promise<void> {
    this.fail(new ConnectError('The producer is closed.'))
    await this.transaction?.end(false, abortMs).catch((error: unknown) => {
      // It is aborted by the next who has the id, or by its coordinator after transaction.timeout.ms.
      logger('rowtap.broker.kafka').info({ err: error }, 'A transaction was left open')
    })
    this[Symbol.dispose]()
  }

  [Symbol.dispose](): void {
    clearInterval(this.#upkeep)
    this.fail(new ConnectError('The producer is closed.'))
    this.#outbox.discard()
    this.#cluster[Symbol.dispose]()
  }
}

const never = (): boolean => false
