/** What a consumer, in a group or alone, works by. */
import type { ConnectionOptions } from '../connection-options.ts'
import type { ClientProperties } from './client-properties.ts'
import { connectionSettings } from './connection-settings.ts'
import { invalid, PropertyReader } from './property-reader.ts'

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

/** `clientId`: where no client.id is given. */
export function consumerSettings(properties: ClientProperties, clientId: string): ConsumerSettings {
  return readConsumerSettings(new PropertyReader('consumer', properties), clientId)
}

export function readConsumerSettings(reader: PropertyReader, clientId: string): ConsumerSettings {
  return {
    connection: connectionSettings(reader, clientId, reader.integer('default.api.timeout.ms', 60_000)),
    offsetReset: reader.choice('auto.offset.reset', ['earliest', 'latest', 'none']),
    maxRecords: reader.optionalInteger('max.poll.records', { least: 1 }),
    committedOnly:
      reader.choice('isolation.level', ['read_committed', 'read_uncommitted']) === 'read_committed',
    fetchMinBytes: reader.integer('fetch.min.bytes', 1),
    fetchMaxBytes: reader.integer('fetch.max.bytes', 52_428_800),
    fetchMaxWaitMs: reader.integer('fetch.max.wait.ms', 500),
    partitionFetchBytes: reader.integer('max.partition.fetch.bytes', 1_048_576),
    checkCrcs: reader.flag('check.crcs', true),
    rack: reader.text('client.rack') ?? '',
    assignors: assignors(reader),
    ...groupTimes(reader),
    groupInstanceId: reader.text('group.instance.id') || null,
    createTopics: reader.flag('allow.auto.create.topics', true),
    excludeInternal: reader.flag('exclude.internal.topics', true),
    metadataMaxAgeMs: reader.long('metadata.max.age.ms', 300_000),
  }
}

function groupTimes(
  reader: PropertyReader,
): Pick<ConsumerSettings, 'sessionTimeoutMs' | 'heartbeatMs' | 'maxPollIntervalMs'> {
  const sessionTimeoutMs = reader.integer('session.timeout.ms', 45_000, { least: 1 })
  const heartbeatMs = reader.integer('heartbeat.interval.ms', 3000, { least: 1 })
  if (heartbeatMs >= sessionTimeoutMs)
    throw invalid(
      'heartbeat.interval.ms',
      String(heartbeatMs),
      `it must be below session.timeout.ms, which is ${sessionTimeoutMs}`,
    )
  return {
    sessionTimeoutMs,
    heartbeatMs,
    maxPollIntervalMs: reader.integer('max.poll.interval.ms', 300_000, { least: 1 }),
  }
}

const assignorClasses: Readonly<Record<string, Assignor>> = {
  RangeAssignor: 'range',
  RoundRobinAssignor: 'roundrobin',
  StickyAssignor: 'sticky',
  CooperativeStickyAssignor: 'cooperative-sticky',
}

function assignors(reader: PropertyReader): readonly Assignor[] {
  const name = 'partition.assignment.strategy'
  const asked = reader.list(name).map((className) => {
    const known = assignorClasses[className.replace(/^org\.apache\.kafka\.clients\.consumer\./, '')]
    if (known === undefined)
      throw invalid(name, className, `known are ${Object.keys(assignorClasses).join(', ')}`)
    return known
  })
  return asked.length === 0 ? ['range', 'cooperative-sticky'] : asked
}
