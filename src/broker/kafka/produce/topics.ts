/**
 * The topics that a producer writes to: how many partitions they have and who leads them. A topic that is not there, or
 * no more, is made; partitions that are added later come to use.
 */
import { ConnectError } from '#errors'
import { logger } from '#observe'
import type { NewTopic } from '../../broker.ts'
import { UnknownTopicError } from '../../errors.ts'
import type { KafkaCluster } from '../transport/cluster.ts'
import { retrying } from '../transport/retry.ts'
import { KafkaError } from '../wire/error-code.ts'
import type { TopicMetadata } from '../wire/metadata.ts'
import { PartitionQueue } from './partition-queue.ts'

export interface TopicsParts {
  readonly cluster: Pick<KafkaCluster, 'metadata' | 'options'>
  /** null: the broker makes it with its own defaults. */
  readonly newTopic: (topic: string) => NewTopic | null
  /** Resolves where the topic is there already, too. */
  readonly create: (topic: NewTopic) => Promise<void>
  /** Called with all partitions, when a topic became known or has grown. */
  readonly changed: (topic: string, partitions: readonly PartitionQueue[]) => void
  /** max.block.ms */
  readonly waitMs: number
}

const unknownTopic = 3
const noLeader = 5

export class Topics {
  readonly #parts: TopicsParts
  readonly #known = new Map<string, PartitionQueue[]>()

  constructor(parts: TopicsParts) {
    this.#parts = parts
  }

  /** Resolves once the topic is there and each of its partitions has a leader. */
  async learn(topic: string): Promise<void> {
    const { cluster, newTopic, waitMs } = this.#parts
    const { backoffMs, backoffMaxMs } = cluster.options
    const wanted = newTopic(topic)
    try {
      await retrying({ deadlineMs: waitMs, backoffMs, backoffMaxMs }, () => this.#lookUp(topic, wanted))
    } catch (error) {
      throw error instanceof KafkaError && error.code === 'UNKNOWN_TOPIC_OR_PARTITION'
        ? notMade(topic, wanted, error)
        : error
    }
  }

  async #lookUp(topic: string, wanted: NewTopic | null): Promise<void> {
    const { cluster, create } = this.#parts
    const [found] = (await cluster.metadata([topic], wanted === null)).topics
    const error = found?.error ?? unknownTopic
    if (error === unknownTopic && wanted !== null) await create(wanted)
    if (found === undefined || error !== 0) throw topicError(topic, error)
    this.#note(found)
    if (found.partitions.some(({ leader }) => leader < 0)) throw topicError(topic, noLeader)
  }

  /** Asks anew for all topics, and makes those that were deleted under records on their way. What fails is left to the next time. */
  async refresh(): Promise<void> {
    const { cluster, newTopic } = this.#parts
    const { topics } = await cluster.metadata([...this.#known.keys()], false)
    const missing: string[] = []
    for (const found of topics) {
      const { topic, error } = found
      if (error === 0) this.#note(found)
      else if (error === unknownTopic) missing.push(topic)
      else if (!topicError(topic, error).retriable) throw topicError(topic, error)
    }
    for (const topic of missing) {
      const queues = this.#known.get(topic) ?? []
      for (const queue of queues) queue.leader = -1
      // Who has deleted it wants it no more, unless there are records for it.
      if (queues.every(({ empty }) => empty)) continue
      logger('rowtap.broker.kafka').warn(`The topic ${topic} is not there any more; it is made anew`)
      await this.#lookUp(topic, newTopic(topic))
    }
  }

  #note({ topic, partitions }: TopicMetadata): void {
    const queues = this.#known.get(topic) ?? []
    const known = queues.length
    if (partitions.length < known)
      throw new ConnectError(
        `The topic ${topic} was made anew with ${partitions.length} partitions; it had ${known}, and records may be on their way to each of them.`,
        { remedy: 'Restart the task: its records are divided among the partitions that are there.' },
      )
    for (const { partition, leader } of partitions) {
      const queue = (queues[partition] ??= new PartitionQueue(topic, partition))
      queue.leader = leader
    }
    this.#known.set(topic, queues)
    if (queues.length > known) this.#parts.changed(topic, queues)
  }
}

function topicError(topic: string, code: number): KafkaError {
  const error = new KafkaError(code, `Kafka does not say who leads the topic ${topic}`)
  if (error.code !== 'TOPIC_AUTHORIZATION_FAILED') return error
  return new KafkaError(code, `The principal of the worker may not use the topic ${topic}`, {
    remedy: 'Grant it DESCRIBE and WRITE on the topic.',
  })
}

function notMade(topic: string, wanted: NewTopic | null, cause: KafkaError): UnknownTopicError {
  const why = wanted === null ? 'the brokers do not make it' : 'it does not appear after it was made'
  return new UnknownTopicError(`The topic ${topic} does not exist, and ${why}.`, {
    remedy:
      'Make the topic, or let the connector make it (topic.creation.default.partitions and topic.creation.default.replication.factor, with topic.creation.enable=true), or set auto.create.topics.enable=true at the brokers.',
    cause,
  })
}
