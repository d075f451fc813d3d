/** The properties schema.history.internal.* that say where the history is kept. */
import { ConfigError } from '#errors'
import type { RawConfig } from '#plugin'

export type HistorySettings =
  | {
      readonly kind: 'topic'
      readonly topic: string
      /** null: in the worker's own broker. */
      readonly bootstrapServers: string | null
      readonly producer: Readonly<Record<string, string>>
      readonly consumer: Readonly<Record<string, string>>
    }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'memory' }

const property = 'schema.history.internal'
const topicProperty = `${property}.kafka.topic`
const serversProperty = `${property}.kafka.bootstrap.servers`
const fileProperty = `${property}.file.filename`

/** Also found by the last part of a class's name: Debezium has moved them from package to package. */
export function parseHistorySettings(raw: RawConfig): HistorySettings {
  const kind = settingOf(raw, property) ?? 'KafkaSchemaHistory'
  switch (kind.slice(kind.lastIndexOf('.') + 1)) {
    case 'KafkaSchemaHistory':
      return topicSettings(raw)
    case 'FileSchemaHistory': {
      const path = settingOf(raw, fileProperty)
      if (path === null) throw missing(fileProperty, 'FileSchemaHistory')
      return { kind: 'file', path }
    }
    case 'MemorySchemaHistory':
      return { kind: 'memory' }
    default:
      throw new ConfigError(`${property}=${kind} is not supported.`, {
        remedy:
          'Use io.debezium.storage.kafka.history.KafkaSchemaHistory, io.debezium.storage.file.history.FileSchemaHistory or io.debezium.relational.history.MemorySchemaHistory; a history that is kept elsewhere is made anew with snapshot.mode=recovery.',
      })
  }
}

function topicSettings(raw: RawConfig): HistorySettings {
  const [topic, bootstrapServers] = [settingOf(raw, topicProperty), settingOf(raw, serversProperty)]
  // A Kafka that is named is one that others know: there no name is made up.
  if (topic === null && bootstrapServers !== null) throw missing(topicProperty, serversProperty)
  return {
    kind: 'topic',
    topic: topic ?? `${raw['topic.prefix'] ?? ''}.schema-history`,
    bootstrapServers,
    producer: below(raw, `${property}.producer.`),
    consumer: below(raw, `${property}.consumer.`),
  }
}

function settingOf(raw: RawConfig, name: string): string | null {
  const value = raw[name]?.trim() ?? ''
  return value === '' ? null : value
}

function below(raw: RawConfig, prefix: string): Record<string, string> {
  const found = Object.entries(raw).filter(([name]) => name.startsWith(prefix))
  return Object.fromEntries(found.map(([name, value]) => [name.slice(prefix.length), value]))
}

function missing(name: string, because: string): ConfigError {
  return new ConfigError(`${name} is not set, which ${because} needs.`)
}
