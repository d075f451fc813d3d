/**
 * The worker's own properties: a file in Java's form, over it `CONNECT_…` environment variables in the way of the
 * well-known images, under both the defaults. Unknown keys are kept: they may be a converter's or a client's.
 */
import { ConfigError } from '#errors'
import type { RawConfig } from '#plugin'
import { overridePolicy } from './override-policy.ts'
import { refuseUnsupported } from './unsupported.ts'

export type WorkerMode = 'distributed' | 'standalone'

/** Names that must be said on Kafka, where other workers may use them. */
const embeddedDefaults: RawConfig = {
  'group.id': 'connect-cluster',
  'config.storage.topic': 'connect-configs',
  'offset.storage.topic': 'connect-offsets',
  'status.storage.topic': 'connect-status',
}

const defaults: RawConfig = {
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

/** File, environment and defaults put together; refuses by name what is missing and what cannot be done. */
export function workerProperties(
  file: RawConfig,
  environment: RawConfig,
  mode: WorkerMode = 'distributed',
): RawConfig {
  const given = { ...file, ...environment }
  refuseUnsupported(given, usesKafka(given), mode)
  if (!usesKafka(given)) return { ...embeddedDefaults, ...defaults, ...given }
  for (const key of Object.keys(embeddedDefaults))
    if ((given[key] ?? '').trim() === '')
      throw new ConfigError(`Missing required configuration "${key}" which has no default value.`)
  return { ...defaults, ...given }
}

/** Whether the worker keeps everything in a Kafka. */
export function usesKafka(properties: RawConfig): boolean {
  return (properties['bootstrap.servers'] ?? '').trim() !== ''
}

/** Where the embedded broker keeps its data. */
export function dataDirectory(properties: RawConfig): string {
  return properties['data.dir'] ?? properties['rowtap.data.dir'] ?? '.rowtap'
}

export function workerLimits(properties: RawConfig): WorkerLimits {
  overridePolicy(properties) // refused now, not at the first connector
  return {
    offsetFlushIntervalMs: number(properties, 'offset.flush.interval.ms', 'LONG', 1),
    offsetFlushTimeoutMs: number(properties, 'offset.flush.timeout.ms', 'LONG', 1),
    gracefulTimeoutMs: number(properties, 'task.shutdown.graceful.timeout.ms', 'LONG', 0),
    topicCreation: flag(properties, 'topic.creation.enable'),
    topicTracking: flag(properties, 'topic.tracking.enable'),
    topicTrackingReset: flag(properties, 'topic.tracking.allow.reset'),
  }
}

function number(properties: RawConfig, key: string, type: 'LONG', least: number): number {
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
