/**
 * The worker's own properties: a file in Java's form, over it `CONNECT_…` environment variables in the way of the
 * well-known images, under both the defaults. Unknown keys are kept: they may be a converter's or a client's.
 */
import { ConfigError } from '#errors'
import type { RawConfig } from '#plugin'
import { refuseUnsupported } from './unsupported.ts'

/** What a worker on the embedded broker uses where nothing is said. */
const defaults: RawConfig = {
  'group.id': 'connect-cluster',
  'config.storage.topic': 'connect-configs',
  'offset.storage.topic': 'connect-offsets',
  'status.storage.topic': 'connect-status',
  'offset.storage.partitions': '25',
  'status.storage.partitions': '5',
  'key.converter': 'org.apache.kafka.connect.json.JsonConverter',
  'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
  'header.converter': 'org.apache.kafka.connect.storage.SimpleHeaderConverter',
  'offset.flush.interval.ms': '60000',
  'offset.flush.timeout.ms': '5000',
  'task.shutdown.graceful.timeout.ms': '5000',
  'topic.creation.enable': 'true',
  'topic.tracking.enable': 'true',
  'topic.tracking.allow.reset': 'true',
}

/** The numbers and flags among the properties; each is read once, so that a bad one is refused by name at start. */
export interface WorkerLimits {
  readonly offsetFlushIntervalMs: number
  readonly offsetFlushTimeoutMs: number
  readonly gracefulTimeoutMs: number
  readonly offsetPartitions: number
  readonly statusPartitions: number
  readonly topicCreation: boolean
  readonly topicTracking: boolean
  readonly topicTrackingReset: boolean
}

/**
 * `CONNECT_OFFSET_FLUSH_INTERVAL_MS` is `offset.flush.interval.ms`: lower case, `_` is a dot, `__` an underscore and
 * `___` a dash.
 */
export function propertiesOfEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): RawConfig {
  const found: Record<string, string> = {}
  for (const [name, value] of Object.entries(environment)) {
    const [, rest] = /^CONNECT_(.+)$/.exec(name) ?? []
    if (rest === undefined || value === undefined) continue
    const key = rest
      .toLowerCase()
      .replace(/_{1,3}/g, (run) => (run.length === 1 ? '.' : run.length === 2 ? '_' : '-'))
    found[key] = value
  }
  return found
}

/** File, environment and defaults put together; refuses by name what this version cannot do. */
export function workerProperties(file: RawConfig, environment: RawConfig): RawConfig {
  const merged = { ...defaults, ...file, ...environment }
  refuseUnsupported(merged)
  return merged
}

/** Where the embedded broker keeps its data. */
export function dataDirectory(properties: RawConfig): string {
  return properties['data.dir'] ?? properties['rowtap.data.dir'] ?? '.rowtap'
}

export function workerLimits(properties: RawConfig): WorkerLimits {
  return {
    offsetFlushIntervalMs: number(properties, 'offset.flush.interval.ms', 'LONG', 1),
    offsetFlushTimeoutMs: number(properties, 'offset.flush.timeout.ms', 'LONG', 1),
    gracefulTimeoutMs: number(properties, 'task.shutdown.graceful.timeout.ms', 'LONG', 0),
    offsetPartitions: number(properties, 'offset.storage.partitions', 'INT', 1),
    statusPartitions: number(properties, 'status.storage.partitions', 'INT', 1),
    topicCreation: flag(properties, 'topic.creation.enable'),
    topicTracking: flag(properties, 'topic.tracking.enable'),
    topicTrackingReset: flag(properties, 'topic.tracking.allow.reset'),
  }
}

function number(properties: RawConfig, key: string, type: 'INT' | 'LONG', least: number): number {
  const text = (properties[key] ?? '').trim()
  if (!/^[-+]?\d+$/.test(text))
    throw new ConfigError(`Invalid value ${text} for configuration ${key}: Not a number of type ${type}`)
  const value = Number(text)
  if (value < least)
    throw new ConfigError(`Invalid value ${text} for configuration ${key}: Value must be at least ${least}`)
  return value
}

function flag(properties: RawConfig, key: string): boolean {
  const text = (properties[key] ?? '').trim().toLowerCase()
  if (text !== 'true' && text !== 'false')
    throw new ConfigError(
      `Invalid value ${properties[key]} for configuration ${key}: Expected value to be either true or false`,
    )
  return text === 'true'
}
