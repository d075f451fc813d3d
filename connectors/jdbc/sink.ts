/**
 * `jdbc-sink`: records into tables by Confluent's rules and keys; `aiven-jdbc-sink` differs in a few keys and in the
 * text type of MySQL.
 */
import { ConfigError } from '#errors'
import {
  type ConfigProblem,
  parseConfig,
  type RawConfig,
  type SinkContext,
  type SinkPlugin,
  type SinkTask,
  version,
} from '#plugin'
import { parseJdbcUrl } from '#sql'
import { aivenSinkFields, confluentSinkFields } from './confluent-config.ts'
import { confluentReader, type ConfluentRecordSettings } from './confluent-records.ts'
import { ConfluentSinkTask, type ConfluentTaskSettings } from './confluent-sink.ts'
import { checkTarget } from './live-check.ts'
import { Session, type SessionSettings } from './session.ts'
import { normalized, parseMapping, parseTableName } from './table-names.ts'
import { Tables } from './tables.ts'
import { wallClock } from './time-zone.ts'

type Variant = 'confluent' | 'aiven'

/** All keys of both: one reading of the configuration, with the other's keys at their defaults. */
function settingsOf(variant: Variant, raw: RawConfig) {
  if (variant === 'confluent') {
    const config = parseConfig(confluentSinkFields, raw)
    return {
      ...config,
      quoted: config['quote.sql.identifiers'] === 'always',
      normalize: false,
      mapping: new Map<string, string>() as ReadonlyMap<string, string>,
    }
  }
  const config = parseConfig(aivenSinkFields, raw)
  const others = parseConfig(confluentSinkFields, { 'connection.url': config['connection.url'] })
  return {
    ...others,
    ...config,
    quoted: config['sql.quote.identifiers'],
    normalize: config['table.name.normalize'],
    mapping: parseMapping(config['topics.to.tables.mapping'] ?? []),
  }
}

type Settings = ReturnType<typeof settingsOf>

/** `connection.*` keys that are not the connector's own go to the driver, as with the original. */
function connectionOf(variant: Variant, raw: RawConfig, settings: Settings): Omit<SessionSettings, 'warn'> {
  const own = variant === 'aiven' ? aivenSinkFields : confluentSinkFields
  const properties = Object.entries(raw)
    .filter(([key]) => key.startsWith('connection.') && !Object.hasOwn(own, key))
    .map(([key, value]) => [key.slice('connection.'.length), value])
  return {
    url: settings['connection.url'],
    user: settings['connection.user'],
    password: settings['connection.password'],
    properties: Object.fromEntries(properties),
    attempts: settings['connection.attempts'],
    backoffMs: settings['connection.backoff.ms'],
  }
}

function recordSettings(settings: Settings): ConfluentRecordSettings {
  return {
    keyMode: settings['pk.mode'],
    keyFields: settings['pk.fields'],
    whitelist: settings['fields.whitelist'],
    deletes: settings['delete.enabled'],
    defaults: settings['replace.null.with.default'],
    epochFields: settings['timestamp.fields.list'],
    epochUnit: settings['timestamp.precision.mode'] === 'nanoseconds' ? 'ns' : 'us',
    textColumn: settings['string.output.value.column.name'],
  }
}

function tableNamer(settings: Settings): (topic: string) => string {
  return (topic) => {
    const mapped = settings.mapping.get(topic)
    if (mapped !== undefined) return mapped
    const name = settings.normalize ? normalized(topic) : topic
    return settings['table.name.format'].replaceAll(`\${topic}`, name)
  }
}

const engines: Readonly<Record<string, string>> = {
  PostgreSqlDatabaseDialect: 'postgres',
  MySqlDatabaseDialect: 'mysql',
  SqliteDatabaseDialect: 'sqlite',
}

const provider = 'jdbc.credentials.provider.class'

/** Rules over more than one key, each with the keys that it is about. */
function conflicts(settings: Settings, raw: RawConfig): ConfigProblem[] {
  const problems: ConfigProblem[] = []
  const problem = (field: string, message: string): void => void problems.push({ field, message })
  const mode = settings['pk.mode']
  if (settings['delete.enabled'] && mode !== 'record_key')
    for (const field of ['delete.enabled', 'pk.mode'])
      problem(field, 'Deletes are only supported for pk.mode record_key')
  if (mode === 'kafka' && ![0, 3].includes(settings['pk.fields'].length))
    problem(
      'pk.fields',
      'pk.mode kafka needs three names in pk.fields (for topic, partition and offset), or none',
    )
  if (settings['insert.mode'] === 'upsert' && mode === 'none')
    problem('pk.mode', 'insert.mode upsert needs a key: set pk.mode to record_key, record_value or kafka')
  const given = raw[provider]
  if (given !== undefined && !given.endsWith('.DefaultJdbcCredentialsProvider'))
    problem(provider, 'Java classes cannot be loaded: use connection.user and connection.password')
  return problems
}

function openTask(variant: Variant, raw: RawConfig, context: SinkContext): SinkTask {
  const settings = settingsOf(variant, raw)
  const [conflict] = conflicts(settings, raw)
  if (conflict !== undefined) throw new ConfigError(`${conflict.field}: ${conflict.message}.`)
  parseJdbcUrl(settings['connection.url'])
  const clock = wallClock(settings['db.timezone'])
  const session = new Session({
    ...connectionOf(variant, raw, settings),
    warn: (message) => context.log.warn(message),
  })
  const tables = new Tables({
    flavour: {
      types: variant,
      clock,
      dateClock: settings['date.timezone'] === 'UTC' ? (instant) => instant : clock,
    },
    evolution: {
      create: settings['auto.create'],
      alter: settings['auto.evolve'],
      missingTable: (table) => `Table ${table} is missing and auto-creation is disabled.`,
      missingColumns: (table, columns) =>
        `Table ${table} is missing fields (${columns.join(', ')}) and auto-evolution is disabled.`,
      createOption: 'auto.create=true',
      alterOption: 'auto.evolve=true',
      strictDefaults: false,
      changed: (sql) => context.log.info(sql),
    },
    mode: settings['insert.mode'],
    reduce: false,
    quoted: settings.quoted,
  })
  const task: ConfluentTaskSettings = {
    batchSize: settings['batch.size'],
    maxRetries: settings['max.retries'],
    retryBackoffMs: settings['retry.backoff.ms'],
    views: settings['table.types'].some((type) => type.toUpperCase() === 'VIEW'),
    engine: engines[settings['dialect.name']] ?? null,
    tableOf: tableNamer(settings),
    read: confluentReader(recordSettings(settings)),
  }
  return new ConfluentSinkTask(task, session, tables, context)
}

async function check(variant: Variant, raw: RawConfig): Promise<readonly ConfigProblem[]> {
  const settings = settingsOf(variant, raw)
  const found = conflicts(settings, raw)
  if (found.length > 0) return found
  const namer = tableNamer(settings)
  const topics = (raw['topics'] ?? '')
    .split(',')
    .map((topic) => topic.trim())
    .filter((topic) => topic !== '')
  return checkTarget(connectionOf(variant, raw, settings), {
    userField: 'connection.user',
    keyField: 'pk.fields',
    tables: topics.map((topic) => parseTableName(namer(topic))),
    keys: settings['pk.mode'] === 'kafka' ? [] : settings['pk.fields'],
    upsert: settings['insert.mode'] === 'upsert',
    quoted: settings.quoted,
  })
}

function plugin(variant: Variant, javaClass: string, aliases: readonly string[]): SinkPlugin {
  return {
    kind: 'sink',
    javaClass,
    aliases,
    version,
    config: variant === 'aiven' ? aivenSinkFields : confluentSinkFields,
    taskClass: javaClass.replace(
      /\.JdbcSinkConnector$/,
      variant === 'aiven' ? '.sink.JdbcSinkTask' : '.sink.JdbcSinkTask',
    ),
    check: (config) => check(variant, config),
    taskConfigs: (config, maxTasks) => Array.from({ length: maxTasks }, () => config),
    open: async (config, context) => openTask(variant, config, context),
  }
}

export const jdbcSink = plugin('confluent', 'io.confluent.connect.jdbc.JdbcSinkConnector', [
  'jdbc-sink',
  'JdbcSinkConnector',
  'JdbcSink',
])
export const aivenJdbcSink = plugin('aiven', 'io.aiven.connect.jdbc.JdbcSinkConnector', ['aiven-jdbc-sink'])
