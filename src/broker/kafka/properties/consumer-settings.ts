/** What a consumer, in a group or alone, works by. */
import type { ConnectionOptions } from '../connection-options.ts'

export type Assignor = 'range' | 'roundrobin' | 'sticky' | 'cooperative-sticky'

export interface ConsumerSettings {
  readonly connection: ConnectionOptions
  /** auto.offset.reset; null: not given, the consumer's own options decide. `none`: no offset is an error. */
  readonly offsetReset: 'earliest' | 'latest' | 'none' | null
  /** max.poll.records; null: not given, the consumer's own options decide. */
  readonly maxRecords: number | null
  /** isolation.level=read_committed */
  readonly committedOnly: boolean
  /** fetch.min.bytes */
  readonly fetchMinBytes: number
  /** fetch.max.bytes: of one answer. */
  readonly fetchMaxBytes: number
  /** fetch.max.wait.ms: how long the broker may hold an answer back. */
  readonly fetchMaxWaitMs: number
  /** max.partition.fetch.bytes */
  readonly partitionFetchBytes: number
  /** check.crcs */
  readonly checkCrcs: boolean
  /** client.rack: '' where none is given. */
  readonly rack: string
  /** partition.assignment.strategy, the preferred one first. */
  readonly assignors: readonly Assignor[]
  /** session.timeout.ms */
  readonly sessionTimeoutMs: number
  /** heartbeat.interval.ms */
  readonly heartbeatMs: number
  /** max.poll.interval.ms: also how long a rebalance may take. */
  readonly maxPollIntervalMs: number
  /** group.instance.id: static membership; null: none. */
  readonly groupInstanceId: string | null
  /** allow.auto.create.topics */
  readonly createTopics: boolean
  /** exclude.internal.topics: a pattern does not match Kafka's own topics. */
  readonly excludeInternal: boolean
  /** metadata.max.age.ms */
  readonly metadataMaxAgeMs: number
}
