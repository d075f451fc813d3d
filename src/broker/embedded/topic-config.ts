/**
 * What a topic of the embedded broker can be told. Kafka's names; a property is either honoured, or is about segments
 * and replicas that do not exist here and changes nothing, or is refused by name.
 */
import type { NewTopic, TopicConfig } from '../broker.ts'
import { InvalidRequestError } from '../errors.ts'
import type { Compression } from '../record/compression.ts'
import type { BrokerDefaults } from './properties.ts'

export interface TopicPolicy {
  /** Old records go by age and size. */
  readonly delete: boolean
  /** Only the newest record of each key stays. */
  readonly compact: boolean
  /** Infinity: no bound, as for all numbers here. */
  readonly retentionMs: number
  /** Of what a partition takes in the store, compressed. */
  readonly retentionBytes: number
  readonly maxMessageBytes: number
  /** How long a tombstone stays to be seen. */
  readonly tombstoneMs: number
  /** How batches are stored; `producer`: as who writes them has it. */
  readonly compression: 'producer' | Compression
}

/** About segments, caches and replicas: nothing that a reader or writer could notice. */
const withoutEffect = new Set([
  ...['segment.bytes', 'segment.ms', 'segment.jitter.ms', 'segment.index.bytes', 'file.delete.delay.ms'],
  ...['flush.messages', 'flush.ms', 'index.interval.bytes', 'preallocate', 'min.cleanable.dirty.ratio'],
  ...['max.compaction.lag.ms', 'unclean.leader.election.enable'],
])
/** Honoured with these values only. */
const onlyValues: Readonly<Record<string, readonly string[]>> = {
  'compression.type': ['producer', 'uncompressed', 'zstd'],
  'message.timestamp.type': ['CreateTime'],
  'min.insync.replicas': ['1'],
  'min.compaction.lag.ms': ['0'],
}

/** What SQLite takes in one row, with room for what else is in it. */
const largestBatch = 999_000_000

const compressions: Readonly<Record<string, TopicPolicy['compression']>> = {
  uncompressed: 'none',
  zstd: 'zstd',
}

/** The policy that a configuration means; what cannot be honoured is an InvalidRequestError that names it. */
export function policyOf(topic: string, config: TopicConfig, defaults: BrokerDefaults): TopicPolicy {
  for (const [name, value] of Object.entries(config)) {
    const allowed = onlyValues[name]
    if (allowed !== undefined && !allowed.includes(value))
      throw refused(topic, `${name}=${value}`, `only ${allowed.join(', ')} can be honoured`)
    if (allowed === undefined && !withoutEffect.has(name) && !honoured.has(name))
      throw refused(topic, name, 'the property is not known to it')
  }
  const policies = (config['cleanup.policy'] ?? defaults.cleanupPolicy).split(',').map((each) => each.trim())
  for (const policy of policies)
    if (policy !== 'delete' && policy !== 'compact')
      throw refused(topic, `cleanup.policy=${policy}`, 'a policy is delete, compact or both')
  const number = (name: string, preset: number) => bound(topic, name, config[name], preset)
  return {
    delete: policies.includes('delete'),
    compact: policies.includes('compact'),
    retentionMs: number('retention.ms', defaults.retentionMs),
    retentionBytes: number('retention.bytes', defaults.retentionBytes),
    maxMessageBytes: Math.min(number('max.message.bytes', defaults.maxMessageBytes), largestBatch),
    tombstoneMs: number('delete.retention.ms', 86_400_000),
    compression: compressions[config['compression.type'] ?? 'producer'] ?? 'producer',
  }
}

const honoured = new Set([
  ...['cleanup.policy', 'retention.ms', 'retention.bytes', 'max.message.bytes', 'delete.retention.ms'],
])

/** A whole number; -1 and what exceeds every clock and disk mean no bound. */
function bound(topic: string, name: string, text: string | undefined, preset: number): number {
  if (text === undefined) return preset
  if (!/^-?\d{1,19}$/.test(text.trim())) throw refused(topic, `${name}=${text}`, 'it must be a whole number')
  const value = Number(text)
  if (value < -1) throw refused(topic, `${name}=${text}`, 'it must be -1 or more')
  return value === -1 || value > Number.MAX_SAFE_INTEGER ? Number.POSITIVE_INFINITY : value
}

/** Checks a topic to be made: its name, and that one broker can hold it. */
export function checkNewTopic({ topic, partitions, replicationFactor }: NewTopic): void {
  checkTopicName(topic)
  if (partitions !== -1 && !(Number.isInteger(partitions) && partitions > 0 && partitions <= 10_000))
    throw refused(topic, `${partitions} partitions`, 'it must be -1 for the default, or between 1 and 10000')
  if (replicationFactor !== -1 && replicationFactor !== 1)
    throw refused(
      topic,
      `a replication factor of ${replicationFactor}`,
      'there is one broker only; use 1 or -1',
    )
}

export function checkTopicName(topic: string): void {
  if (topic === '.' || topic === '..' || !/^[A-Za-z0-9._-]{1,249}$/.test(topic))
    throw new InvalidRequestError(
      `The topic name ${JSON.stringify(topic)} cannot be used: a name has up to 249 letters, digits, '.', '_' or '-'.`,
    )
}

function refused(topic: string, what: string, why: string): InvalidRequestError {
  return new InvalidRequestError(`The embedded broker cannot make the topic ${topic} with ${what}: ${why}.`)
}
