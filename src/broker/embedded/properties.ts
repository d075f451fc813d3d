/** The embedded broker's own properties, by Kafka's names. A property that is not listed here is refused by name. */
import { ConfigError } from '#errors'

export interface BrokerDefaults {
  readonly partitions: number
  readonly autoCreate: boolean
  readonly cleanupPolicy: string
  readonly retentionMs: number
  /** Of what a partition takes in the store, compressed. */
  readonly retentionBytes: number
  readonly maxMessageBytes: number
  /** How often old records are looked for. */
  readonly retentionCheckMs: number
  /** How often topics are looked through for something to compact. */
  readonly compactionCheckMs: number
}

/** Timers that are to wait longer do not wait at all. */
const longestTimerMs = 2 ** 31 - 1
const hour = 3_600_000

export function brokerDefaults(properties: Readonly<Record<string, string>>): BrokerDefaults {
  const read = new Set<string>()
  const number = (name: string, preset: number, least: number): number => {
    read.add(name)
    const text = properties[name]
    if (text === undefined) return preset
    const value = Number(text)
    if (!/^-?\d+$/.test(text.trim()) || value < least)
      throw new ConfigError(
        `Invalid value ${text} for configuration ${name}: it must be a whole number from ${least} on.`,
      )
    return value === -1 || value > Number.MAX_SAFE_INTEGER ? Number.POSITIVE_INFINITY : value
  }
  const text = (name: string, preset: string, allowed: RegExp): string => {
    read.add(name)
    const value = properties[name] ?? preset
    if (!allowed.test(value)) throw new ConfigError(`Invalid value ${value} for configuration ${name}.`)
    return value
  }
  const retentionHours = number('log.retention.hours', 168, -1)
  const defaults: BrokerDefaults = {
    partitions: number('num.partitions', 1, 1),
    autoCreate: text('auto.create.topics.enable', 'true', /^(true|false)$/) === 'true',
    cleanupPolicy: text('log.cleanup.policy', 'delete', /^(delete|compact|delete,compact|compact,delete)$/),
    retentionMs: number('log.retention.ms', retentionHours * hour, -1),
    retentionBytes: number('log.retention.bytes', Number.POSITIVE_INFINITY, -1),
    // Kafka's default of 1 MiB bounds what goes over its network; here a row may be as large as SQLite takes it.
    maxMessageBytes: number('message.max.bytes', 64 << 20, 1),
    retentionCheckMs: Math.min(number('log.retention.check.interval.ms', 300_000, 1), longestTimerMs),
    compactionCheckMs: Math.min(number('log.cleaner.backoff.ms', 15_000, 1), longestTimerMs),
  }
  for (const name of Object.keys(properties))
    if (!read.has(name))
      throw new ConfigError(
        `The embedded broker does not know the property ${name}. Known are: ${[...read].sort().join(', ')}.`,
      )
  return defaults
}
