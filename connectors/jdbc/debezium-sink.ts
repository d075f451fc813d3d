/** `debezium-jdbc-sink`: change events and rows into tables by the rules and keys of Debezium's JDBC sink. */
import { ConfigError } from '#errors'
import {
  type ConfigProblem,
  javaRegex,
  parseConfig,
  type RawConfig,
  type SinkContext,
  type SinkPlugin,
  type SinkTask,
  version,
} from '#plugin'
import { parseJdbcUrl } from '#sql'
import { debeziumSinkFields } from './debezium-config.ts'
import { type DebeziumRecordSettings, debeziumReader } from './debezium-records.ts'
import { DebeziumSinkTask, type DebeziumTaskSettings } from './debezium-task.ts'
import { checkTarget } from './live-check.ts'
import { requireUrl, Session, type SessionSettings } from './session.ts'
import { formatCollection, parseTableName } from './table-names.ts'
import { Tables } from './tables.ts'

const javaClass = 'io.debezium.connector.jdbc.JdbcSinkConnector'

function settingsOf(raw: RawConfig) {
  const config = parseConfig(debeziumSinkFields, raw)
  const fields = config['primary.key.fields'] ?? ''
  return {
    ...config,
    keyFields: fields
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
    // The older names stand in for the newer ones.
    format:
      raw['collection.name.format'] === undefined
        ? config['table.name.format']
        : config['collection.name.format'],
    strategy:
      raw['collection.naming.strategy'] === undefined
        ? config['table.naming.strategy']
        : config['collection.naming.strategy'],
  }
}

type Settings = ReturnType<typeof settingsOf>

function connectionOf(settings: Settings): Omit<SessionSettings, 'warn'> {
  return {
    url: requireUrl(settings['connection.url']),
    user: settings['connection.username'],
    password: settings['connection.password'],
    properties: {},
    attempts: 1,
    backoffMs: 0,
  }
}

function fieldFilter(settings: Settings): (topic: string, field: string) => boolean {
  const patterns = (list: readonly string[] | null): RegExp[] =>
    (list ?? [])
      .filter((text) => text !== '')
      .map((text) => javaRegex(text, { whole: true, ignoreCase: true }))
  const include = patterns(settings['field.include.list'])
  const exclude = patterns(settings['field.exclude.list'])
  return (topic, field) => {
    const matches = (pattern: RegExp): boolean => pattern.test(`${topic}:${field}`) || pattern.test(field)
    return include.length > 0 ? include.some(matches) : !exclude.some(matches)
  }
}

function recordSettings(settings: Settings): DebeziumRecordSettings {
  const cloudEvents = javaRegex(settings['cloud.events.schema.name.pattern'], { whole: true })
  return {
    keyMode: settings['primary.key.mode'],
    keyFields: settings.keyFields,
    deletes: settings['delete.enabled'],
    truncates: settings['truncate.enabled'],
    accepts: fieldFilter(settings),
    cloudEvent: (name) => cloudEvents.test(name),
  }
}

function topicNamer(settings: Settings): (topic: string) => string {
  return settings.strategy.includes('Passthrough') ? (topic) => topic : (topic) => topic.replaceAll('.', '_')
}

function conflicts(settings: Settings): ConfigProblem[] {
  const problems: ConfigProblem[] = []
  const problem = (field: string, message: string): void => void problems.push({ field, message })
  const mode = settings['primary.key.mode']
  if (settings['insert.mode'] !== 'insert' && mode === 'none')
    problem('primary.key.mode', `insert.mode ${settings['insert.mode']} needs a key: set primary.key.mode`)
  if (settings['delete.enabled'] && (mode === 'none' || mode === 'kafka'))
    problem('delete.enabled', 'Deletes need primary.key.mode record_key, record_value or record_header')
  if (settings['field.include.list'] !== null && settings['field.exclude.list'] !== null)
    problem('field.exclude.list', 'Set field.include.list or field.exclude.list, not both')
  return problems
}

/** Keys that mean nothing here: named once, at the start. */
function warnOfIgnored(raw: RawConfig, context: SinkContext): void {
  const without = [
    'connection.pool.min_size',
    'connection.pool.max_size',
    'connection.pool.timeout',
    'connection.provider',
  ]
  for (const key of Object.keys(raw))
    if (without.includes(key) || key.startsWith('hibernate.'))
      context.log.warn(
        `The property '${key}' has no effect: a task has one connection, and there is no Hibernate.`,
      )
  const zone = raw['use.time.zone'] ?? raw['database.time_zone'] ?? 'UTC'
  if (zone !== 'UTC')
    context.log.warn(
      `The property 'use.time.zone' has no effect: instants are written with their zone, local times as they are.`,
    )
}

function openTask(raw: RawConfig, context: SinkContext): SinkTask {
  const settings = settingsOf(raw)
  const [conflict] = conflicts(settings)
  if (conflict !== undefined) throw new ConfigError(`${conflict.field}: ${conflict.message}.`)
  const connection = connectionOf(settings)
  parseJdbcUrl(connection.url)
  warnOfIgnored(raw, context)
  const basic = settings['schema.evolution'] === 'basic'
  const same = <T>(instant: T): T => instant
  const tables = new Tables({
    flavour: { types: 'debezium', clock: same, dateClock: same },
    evolution: {
      create: basic,
      alter: basic,
      missingTable: (table) => `Could not find table: ${table}, and schema evolution is disabled.`,
      missingColumns: (table, columns) =>
        `Cannot alter table ${table} because schema evolution is disabled: it has no column ${columns.join(', ')}.`,
      createOption: 'schema.evolution=basic',
      alterOption: 'schema.evolution=basic',
      strictDefaults: true,
      changed: (sql) => context.log.info(sql),
    },
    mode: settings['insert.mode'],
    reduce: settings['use.reduction.buffer'],
    quoted: settings['quote.identifiers'],
  })
  const task: DebeziumTaskSettings = {
    batchSize: settings['batch.size'],
    maxRetries: settings['flush.max.retries'],
    retryDelayMs: settings['flush.retry.delay.ms'],
    restartOnErrors: settings['connection.restart.on.errors'],
    reduce: settings['use.reduction.buffer'],
    format: settings.format,
    topicName: topicNamer(settings),
    read: debeziumReader(recordSettings(settings)),
  }
  const session = new Session({ ...connection, warn: (message) => context.log.warn(message) })
  return new DebeziumSinkTask(task, session, tables, context)
}

async function check(raw: RawConfig): Promise<readonly ConfigProblem[]> {
  const settings = settingsOf(raw)
  const found = conflicts(settings)
  // Without a URL the answer is that of the original: no error before the start.
  if (found.length > 0 || settings['connection.url'] === null) return found
  const topics = (raw['topics'] ?? '')
    .split(',')
    .map((topic) => topic.trim())
    .filter((topic) => topic !== '')
  const names = topics.map((topic) => formatCollection(settings.format, topicNamer(settings)(topic), null))
  const { url, user, password, properties } = connectionOf(settings)
  return checkTarget(
    { url, user, password, properties },
    {
      userField: 'connection.username',
      keyField: 'primary.key.fields',
      tables: names.filter((name) => name !== null).map(parseTableName),
      keys: /^record_(key|value)$/.test(settings['primary.key.mode']) ? settings.keyFields : [],
      upsert: settings['insert.mode'] === 'upsert',
      quoted: settings['quote.identifiers'],
    },
  )
}

export const debeziumJdbcSink: SinkPlugin = {
  kind: 'sink',
  javaClass,
  aliases: ['debezium-jdbc-sink'],
  version,
  config: debeziumSinkFields,
  taskClass: 'io.debezium.connector.jdbc.JdbcSinkConnectorTask',
  check,
  taskConfigs: (config, maxTasks) => Array.from({ length: maxTasks }, () => config),
  open: async (config, context) => openTask(config, context),
}
