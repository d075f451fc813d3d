/**
 * The checks of `config/validate` that need more than one property, or the live database. Every problem names the
 * property, the cause and the statement that mends it.
 */
import {
  columnRuleProblems,
  converterProblems,
  postProcessorProblems,
  refused,
  signalProblems,
  topicNames,
} from '#cdc'
import { ConfigError, messageOf } from '#errors'
import { type ConfigFields, type ConfigProblem, parseConfig, type RawConfig } from '#plugin'
import { loginOf } from './config/login.ts'
import { type MysqlConfig, mysqlFields, unsupportedFields } from './config/servers.ts'
import { chunkMultiplier, gtidSources, multipliedTables, typeOptions } from './config/settings.ts'
import {
  type Client,
  connect,
  ConnectionFailure,
  type Privileges,
  privileges,
  type Server,
  serverFacts,
  type ServerFacts,
  serverName,
} from './server/index.ts'
import { converterClasses } from './converters/index.ts'
import { parseHistorySettings } from './history/settings.ts'
import { Capture } from './tables/capture.ts'

export async function check(
  server: Server,
  fields: ConfigFields,
  raw: RawConfig,
  signal: AbortSignal,
): Promise<readonly ConfigProblem[]> {
  const config = parseConfig(fields, raw) as unknown as MysqlConfig
  const offline = [
    ...refused(unsupportedFields, raw, []),
    ...columnRuleProblems(raw),
    ...converterProblems(raw, converterClasses),
    ...postProcessorProblems(raw),
    ...signalProblems(config),
    ...combinations(config, raw),
  ]
  if (offline.length > 0) return offline
  signal.throwIfAborted()
  try {
    const client = await connect(loginOf(server, config, config['connection.validation.timeout.ms']))
    const stop = () => client.destroy()
    signal.addEventListener('abort', stop, { once: true })
    try {
      return await live(server, client, config)
    } finally {
      signal.removeEventListener('abort', stop)
      client.destroy()
    }
  } catch (error) {
    // Whatever keeps the server out of reach is told of its name, as Debezium does; the text names the property at fault.
    if (error instanceof ConnectionFailure) return [problem('database.hostname', error.message)]
    if (error instanceof ConfigError) return [problem('database.ssl.mode', error.message)]
    return [problem('database.hostname', `The database cannot be checked: ${messageOf(error)}.`)]
  }
}

function problem(field: string, message: string): ConfigProblem {
  return { field, message }
}

/** Without the database. */
function combinations(config: MysqlConfig, raw: RawConfig): readonly ConfigProblem[] {
  const problems: ConfigProblem[] = []
  const exclusive = (include: keyof MysqlConfig, exclude: keyof MysqlConfig) => {
    if (config[include] !== null && config[exclude] !== null)
      problems.push(
        problem(exclude, `"${include}" and "${exclude}" cannot be set together: keep one of them.`),
      )
  }
  exclusive('database.include.list', 'database.exclude.list')
  exclusive('table.include.list', 'table.exclude.list')
  exclusive('column.include.list', 'column.exclude.list')
  exclusive('gtid.source.includes', 'gtid.source.excludes')
  for (const property of ['snapshot.mode', 'snapshot.locking.mode'] as const)
    if (config[property] === 'custom')
      problems.push(
        problem(
          property,
          `${property}=custom is not supported: rowtap loads no classes of Java. Choose one of the other modes.`,
        ),
      )
  if (config['max.queue.size'] <= config['max.batch.size'])
    problems.push(
      problem(
        'max.queue.size',
        `max.queue.size (${config['max.queue.size']}) must be more than max.batch.size (${config['max.batch.size']}).`,
      ),
    )
  for (const [field, read] of [
    ['schema.history.internal', () => parseHistorySettings(raw)],
    ['table.include.list', () => new Capture(config)],
    ['topic.naming.strategy', () => topicNames(config, 'Default')],
    ['unavailable.value.placeholder', () => typeOptions(config)],
    ['gtid.source.includes', () => gtidSources(config)],
    ['snapshot.max.threads.multiplier', () => multipliers(config, raw)],
  ] as const)
    try {
      read()
    } catch (error) {
      problems.push(problem(propertyIn(messageOf(error), raw) ?? field, messageOf(error)))
    }
  return problems
}

function multipliers(config: MysqlConfig, raw: RawConfig): readonly number[] {
  return multipliedTables(raw).map((table) => chunkMultiplier(config, raw, table))
}

/** The property that a message begins with. */
function propertyIn(message: string, raw: RawConfig): string | null {
  const word = /^[^\s=]+/.exec(message)?.[0] ?? ''
  return Object.hasOwn(raw, word) || Object.hasOwn(mysqlFields, word) ? word : null
}

async function live(server: Server, client: Client, config: MysqlConfig): Promise<readonly ConfigProblem[]> {
  const facts = await serverFacts(client)
  if (facts.server !== server)
    return [
      problem(
        'database.hostname',
        `The server is ${serverName(facts.server)} ${facts.version}: use the connector ${facts.server}-cdc for it.`,
      ),
    ]
  const streams = config['snapshot.mode'] !== 'initial_only'
  const granted = await privileges(client, facts)
  return [...(streams ? logProblems(facts) : []), ...privilegeProblems(config, granted, streams)]
}

function logProblems(facts: ServerFacts): readonly ConfigProblem[] {
  if (!facts.logs)
    return [
      problem(
        'database.hostname',
        'The server writes no binlog (log_bin is OFF). Set log_bin in its configuration and restart it.',
      ),
    ]
  if (facts.format === 'ROW') return []
  return [
    problem(
      'database.hostname',
      `The server's binlog_format is ${facts.format}: its log does not hold the rows. Run SET GLOBAL binlog_format = 'ROW'; and set it in the server's configuration; sessions that are open keep the old one.`,
    ),
  ]
}

function privilegeProblems(
  config: MysqlConfig,
  granted: Privileges,
  streams: boolean,
): readonly ConfigProblem[] {
  const user = config['database.user']
  const missing: string[] = []
  if (streams) {
    if (!granted.has('REPLICATION SLAVE')) missing.push('REPLICATION SLAVE')
    if (!granted.has('REPLICATION CLIENT')) missing.push('REPLICATION CLIENT')
  }
  const reads = config['snapshot.mode'] !== 'no_data'
  if (reads && !granted.hasSomewhere('SELECT')) missing.push('SELECT')
  if (missing.length === 0) return []
  return [
    problem(
      'database.user',
      `The user "${user}" lacks ${missing.join(', ')}. Run GRANT ${missing.join(', ')} ON *.* TO the user.`,
    ),
  ]
}
