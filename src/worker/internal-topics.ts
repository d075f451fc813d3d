/**
 * The three topics that a worker keeps its state in: what their properties say of them, and that they are as they must
 * be before anything is read from them. A topic that is not there is made as Connect makes it.
 */
import type { Admin, TopicConfig } from '#broker'
import { ConfigError, ConnectError, messageOf } from '#errors'
import { logger } from '#observe'
import type { RawConfig } from '#plugin'

export interface InternalTopic {
  /** The worker property that names it. */
  readonly property: string
  /** What would be lost if the topic were not compacted. */
  readonly purpose: string
  readonly topic: string
  /** -1: the broker's default. */
  readonly partitions: number
  /** -1: the broker's default. */
  readonly replicationFactor: number
  readonly config: TopicConfig
}

export interface InternalTopics {
  readonly configs: InternalTopic
  readonly offsets: InternalTopic
  readonly statuses: InternalTopic
}

const policy = 'cleanup.policy'

/** `replicated`: on Kafka; the embedded broker has one copy of everything, and topics without settings. */
export function internalTopics(properties: RawConfig, replicated: boolean): InternalTopics {
  const topicOf = (kind: string, purpose: string, partitions: number): InternalTopic => ({
    property: `${kind}.storage.topic`,
    purpose,
    topic: properties[`${kind}.storage.topic`] ?? '',
    partitions,
    replicationFactor: replicated ? replicationFactor(properties, kind) : -1,
    config: { ...(replicated ? settings(properties, kind) : {}), [policy]: 'compact' },
  })
  return {
    configs: topicOf('config', 'connector configurations', 1),
    offsets: topicOf('offset', 'source connector offsets', partitions(properties, 'offset', 25)),
    statuses: topicOf('status', 'connector and task statuses', partitions(properties, 'status', 5)),
  }
}

function partitions(properties: RawConfig, kind: string, fallback: number): number {
  const key = `${kind}.storage.partitions`
  return positive(
    properties,
    key,
    'INT',
    fallback,
    "Number of partitions must be positive, or -1 to use the broker's default",
  )
}

function replicationFactor(properties: RawConfig, kind: string): number {
  const key = `${kind}.storage.replication.factor`
  const rule =
    "Replication factor must be positive and not larger than the number of brokers in the Kafka cluster, or -1 to use the broker's default"
  return positive(properties, key, 'SHORT', 3, rule)
}

function positive(properties: RawConfig, key: string, type: string, fallback: number, rule: string): number {
  const text = (properties[key] ?? String(fallback)).trim()
  const invalid = `Invalid value ${text} for configuration ${key}`
  if (!/^[-+]?\d+$/.test(text)) throw new ConfigError(`${invalid}: Not a number of type ${type}`)
  const value = Number(text)
  if (value !== -1 && value < 1) throw new ConfigError(`${invalid}: ${rule}`)
  return value
}

/** Everything else below the prefix is the topic's own; compaction is not to be chosen. */
function settings(properties: RawConfig, kind: string): TopicConfig {
  const prefix = `${kind}.storage.`
  const own = ['topic', 'partitions', 'replication.factor', policy]
  if (properties[`${prefix}${policy}`] !== undefined)
    logger('worker').warn(`The worker property ${prefix}${policy} has no effect: the topic is compacted.`)
  return Object.fromEntries(
    Object.entries(properties)
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, value]): [string, string] => [key.slice(prefix.length), value])
      .filter(([key]) => !own.includes(key)),
  )
}

/** Makes the topic where it is not there; refuses one that would lose what is kept in it. */
export async function prepareTopic(admin: Admin, wanted: InternalTopic): Promise<void> {
  const found = (await admin.describe(wanted.topic)) ?? (await make(admin, wanted))
  if (found === null) return
  const { property, purpose, topic } = wanted
  const current = found.config[policy] ?? 'delete'
  if (current !== 'compact')
    throw new ConfigError(
      `Topic '${topic}' supplied via the '${property}' property is required to have '${policy}=compact' to guarantee consistency and durability of ${purpose}, but found the topic currently has '${policy}=${current}'.`,
      {
        remedy: `Continuing would likely result in eventually losing ${purpose}: set ${policy}=compact on it, or change the '${property}' property of the worker to use a topic with '${policy}=compact'.`,
      },
    )
  if (property === 'config.storage.topic' && found.partitions !== 1)
    throw new ConfigError(
      `Topic '${topic}' supplied via the '${property}' property is required to have a single partition in order to guarantee consistency of connector configurations, but found ${found.partitions} partitions.`,
      { remedy: 'Name a topic with one partition, or one that is not there: it will be made.' },
    )
}

/** null where it has been made; where another was faster, what that made. */
async function make(admin: Admin, { property, topic, partitions, replicationFactor, config }: InternalTopic) {
  try {
    if (await admin.create({ topic, partitions, replicationFactor, config })) return null
  } catch (cause) {
    const factor = property.replace(/topic$/, 'replication.factor')
    throw new ConnectError(
      `The topic '${topic}' (${property}) could not be made with ${factor}=${replicationFactor}: ${messageOf(cause)}`,
      {
        remedy: `Set ${factor} to no more than the cluster has brokers (-1: the broker's default), or make the topic beforehand with ${policy}=compact.`,
        cause,
      },
    )
  }
  return admin.describe(topic)
}
