/** Which topics a sink reads, and in which group. */
import type { ConsumerOptions, RebalanceListener } from '#broker'
import { ConfigError } from '#errors'
import type { TaskSpec } from '../runner.ts'
import { clientSettings, integerOf, listOf, wholeMatch } from '../settings.ts'

/** Settings that the subscription answers itself. */
const own = ['group.id', 'max.poll.records']

export function subscription(spec: TaskSpec, listener: RebalanceListener): ConsumerOptions {
  const config = spec.connectorConfig
  const settings = clientSettings(spec, 'consumer')
  const maxRecords = integerOf(settings, 'max.poll.records', 500)
  if (maxRecords < 1)
    throw new ConfigError(
      `Invalid value ${maxRecords} for configuration max.poll.records: Value must be at least 1`,
    )
  return {
    group: sinkGroup(spec.connector, config),
    topics: topicsOf(spec),
    from: settings['auto.offset.reset']?.trim() === 'latest' ? 'latest' : 'earliest',
    maxRecords,
    overrides: Object.fromEntries(Object.entries(settings).filter(([name]) => !own.includes(name))),
    listener,
  }
}

/** The group of a sink connector: `connect-NAME` unless it chooses another. */
export function sinkGroup(connector: string, config: Readonly<Record<string, string>>): string {
  return config['consumer.override.group.id'] ?? `connect-${connector}`
}

function topicsOf(spec: TaskSpec): readonly string[] | RegExp {
  const config = spec.connectorConfig
  const topics = [...new Set(listOf(config, 'topics'))]
  const pattern = config['topics.regex']?.trim() ?? ''
  if (topics.length > 0 && pattern !== '')
    throw new ConfigError('topics and topics.regex are mutually exclusive options, but both are set.')
  if (topics.length === 0 && pattern === '')
    throw new ConfigError('Must configure one of topics or topics.regex')
  return topics.length > 0 ? topics : wholeMatch(pattern, 'topics.regex')
}
