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
  #refreshing: Promise<void> | null = null

  constructor(parts: TopicsParts) {
    this.#parts = parts
  }

  /** Resolves once the topic is there, each of its partitions has a leader, and `changed` was called. */
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
    this.#parts.changed(topic, this.#known.get(topic) ?? [])
  }

  /** Asks anew for all topics. What fails in passing is left to the next time. */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = null
    })
    return this.#refreshing
  }

  async #refresh(): Promise<void> {
    const { cluster, newTopic, changed } = this.#parts
    const { topics } = await cluster.metadata([...this.#known.keys()], false)
    for (const found of topics) {
      const { topic, error } = found
      const count = this.#known.get(topic)?.length ?? 0
      if (error === 0) {
        this.#note(found)
        if (found.partitions.length > count) changed(topic, this.#known.get(topic) ?? [])
      } else if (error === unknownTopic) {
        logger('rowtap.broker.kafka').warn(`The topic ${topic} is not there any more; it is made anew`)
        for (const queue of this.#known.get(topic) ?? []) queue.leader = -1
        await this.#lookUp(topic, newTopic(topic))
      } else if (!topicError(topic, error).retriable) throw topicError(topic, error)
    }
  }

  #note({ topic, partitions }: TopicMetadata): void {
    const queues = this.#known.get(topic) ?? []
    for (const { partition, leader } of partitions) {
      const queue = (queues[partition] ??= new PartitionQueue(topic, partition))
      queue.leader = leader
    }
    for (const queue of queues.splice(partitions.length))
      if (!queue.empty)
        throw new ConnectError(
          `The topic ${topic} was made anew with ${partitions.length} partitions, but records are on their way to its partition ${queue.partition}.`,
          { remedy: 'Restart the task: its records are divided among the partitions that are there.' },
        )
    this.#known.set(topic, queues)
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
