/** `topic.creation.*`: how a topic that a source writes to is made, by the first group that its name belongs to. */
import type { NewTopic } from '#broker'
import { ConfigError } from '#errors'
import type { RawConfig } from '#plugin'
import { below, integerOf, listOf, wholeMatch } from '../settings.ts'

interface Group {
  readonly includes: (topic: string) => boolean
  readonly partitions: number
  readonly replicationFactor: number
  readonly config: Readonly<Record<string, string>>
}

const prefix = 'topic.creation.'
const ownKeys = ['include', 'exclude', 'partitions', 'replication.factor']

/** null for every topic (the broker's own defaults) where the connector has no such settings or the worker forbids it. */
export function topicCreation(config: RawConfig, allowed: boolean): (topic: string) => NewTopic | null {
  if (!allowed || !Object.keys(config).some((key) => key.startsWith(prefix))) return () => null
  const fallback = defaultGroup(config)
  const groups = listOf(config, `${prefix}groups`)
    .filter((name) => name !== 'default')
    .map((name) => groupOf(config, name, fallback))
  return (topic) => {
    const {
      partitions,
      replicationFactor,
      config: topicConfig,
    } = groups.find((group) => group.includes(topic)) ?? fallback
    return { topic, partitions, replicationFactor, config: topicConfig }
  }
}

function defaultGroup(config: RawConfig): Group {
  for (const key of ['replication.factor', 'partitions'])
    if (config[`${prefix}default.${key}`] === undefined)
      throw new ConfigError(
        `Missing required configuration "${prefix}default.${key}" which has no default value.`,
      )
  return groupOf(config, 'default', null)
}

function groupOf(config: RawConfig, name: string, fallback: Group | null): Group {
  const matches = (key: string): RegExp[] =>
    listOf(config, `${prefix}${name}.${key}`).map((each) => wholeMatch(each, `${prefix}${name}.${key}`))
  const include = matches('include')
  const exclude = matches('exclude')
  const topicConfig = Object.entries(below(config, `${prefix}${name}.`)).filter(
    ([key]) => !ownKeys.includes(key),
  )
  return {
    includes: (topic) =>
      include.some((each) => each.test(topic)) && !exclude.some((each) => each.test(topic)),
    partitions: count(config, `${prefix}${name}.partitions`, fallback?.partitions),
    replicationFactor: count(config, `${prefix}${name}.replication.factor`, fallback?.replicationFactor),
    config: Object.fromEntries(topicConfig),
  }
}

/** -1 is the broker's default. */
function count(config: RawConfig, property: string, fallback = -1): number {
  const value = integerOf(config, property, fallback)
  if (value === -1 || value >= 1) return value
  throw new ConfigError(
    `Invalid value ${value} for configuration ${property}: Value must be at least 1, or -1 for the broker's default`,
  )
}
