/**
 * Names of topics: the prefix, then the table's own names, joined by the delimiter. What Kafka does not allow in a
 * topic becomes `_`; schema names are made of the sanitized name, as Debezium's are.
 */

const MAX_LENGTH = 249

/** One `_` for each UTF-16 unit that Kafka does not allow. */
export function sanitizeTopic(name: string): string {
  const clean = name.replace(/[^A-Za-z0-9._-]/g, '_').slice(0, MAX_LENGTH)
  return clean === '.' || clean === '..' ? clean.replaceAll('.', '_') : clean
}

export interface TopicSettings {
  readonly 'topic.prefix': string
  readonly 'topic.delimiter': string
  readonly 'topic.heartbeat.prefix': string
  readonly 'topic.heartbeat.name': string | null
  readonly 'topic.transaction': string
}

export interface TopicNames {
  table(...path: readonly string[]): string
  readonly heartbeat: string
  readonly message: string
}

export function topicNames(settings: TopicSettings): TopicNames {
  const { 'topic.prefix': prefix, 'topic.delimiter': delimiter } = settings
  const join = (...parts: readonly string[]) => sanitizeTopic(parts.join(delimiter))
  return {
    table: (...path) => join(prefix, ...path),
    heartbeat: settings['topic.heartbeat.name'] ?? join(settings['topic.heartbeat.prefix'], prefix),
    message: join(prefix, 'message'),
  }
}
