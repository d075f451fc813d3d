/** The parts that a task consists of, made once out of its configuration and what the server is. */
import {
  columnConverter,
  ColumnRules,
  contextHeaders,
  nameAdjuster,
  newRunId,
  signalTables,
  type TopicNames,
  topicNames,
  TransactionTracker,
} from '#cdc'
import type { Headers, OffsetMap } from '#data'
import { ConfigError } from '#errors'
import { type RawConfig, type SourceContext, version } from '#plugin'
import { loginOf } from './config/login.ts'
import type { MysqlConfig } from './config/servers.ts'
import {
  chunkMultiplier,
  gtidSources,
  includedInSnapshot,
  logBytes,
  logHeartbeatMs,
  onBadEvent,
  onInconsistentSchema,
  recordsPerPoll,
  selectOverrides,
  skippedOperations,
  typeOptions,
} from './config/settings.ts'
import { converterClasses } from './converters/index.ts'
import {
  ddlFilter,
  defaultDdlFilter,
  type HistoryStore,
  openHistoryStore,
  parseHistorySettings,
} from './history/index.ts'
import { type Log, type LogOptions, type LogParts, openLog } from './log.ts'
import type { ResumePoint } from './offset.ts'
import { SchemaKeeper } from './schema-keeper.ts'
import { connect, type Login, type Server, type ServerFacts } from './server/index.ts'
import type { LockingMode, SnapshotParts } from './snapshot/index.ts'
import { sourceIdentity, type SourceIdentity, sourceNames, sourceSchema } from './source-block.ts'
import { Capture } from './tables/capture.ts'
import { TableVersions } from './tables/table-versions.ts'

/** What all parts of a task share. */
export interface TaskParts {
  readonly raw: RawConfig
  readonly config: MysqlConfig
  readonly context: SourceContext
  readonly server: Server
  readonly login: Login
  readonly facts: ServerFacts
  readonly partition: OffsetMap
  readonly capture: Capture
  readonly topics: TopicNames
  readonly identity: SourceIdentity
  readonly headers: Headers
  readonly schema: SchemaKeeper
  readonly versions: TableVersions
}

export interface PartsOptions {
  readonly raw: RawConfig
  readonly config: MysqlConfig
  readonly context: SourceContext
  readonly server: Server
  readonly facts: ServerFacts
}

export function taskParts({ raw, config, context, server, facts }: PartsOptions): TaskParts {
  const capture = new Capture(config)
  return partsWith(
    { raw, config, context, server, facts },
    capture,
    schemaKeeper(config, context, facts, capture, historyStore(raw, context)),
  )
}

/** With a capture and a schema of one's own. */
export function partsWith(
  { raw, config, context, server, facts }: PartsOptions,
  capture: Capture,
  schema: SchemaKeeper,
): TaskParts {
  const { log, metrics } = context
  const prefix = config['topic.prefix']
  const topics = topicNames(config, 'Default')
  const headers = contextHeaders(config['extended.headers.enabled'], {
    logicalName: prefix,
    task: context.task,
    kind: server,
    runId: newRunId(),
  })
  const versions = new TableVersions(schema, {
    server,
    capture,
    topics,
    types: typeOptions(config),
    names: nameAdjuster(config['schema.name.adjustment.mode'], config['field.name.adjustment.mode']),
    comments: config['include.schema.comments'],
    source: { schema: sourceSchema(server), names: sourceNames },
    convert: columnConverter(raw, converterClasses),
    rules: new ColumnRules(raw),
    inconsistent: onInconsistentSchema(config),
    ...{ log, metrics },
  })
  const identity = sourceIdentity(server, version, prefix)
  const partition: OffsetMap = { server: prefix }
  const login = loginOf(server, config)
  return {
    raw,
    config,
    context,
    server,
    login,
    facts,
    partition,
    capture,
    topics,
    identity,
    headers,
    schema,
    versions,
  }
}

const history = 'schema.history.internal'

export function historyStore(raw: RawConfig, { topicLog, log }: SourceContext): HistoryStore {
  return openHistoryStore(parseHistorySettings(raw), topicLog, log)
}

export function schemaKeeper(
  config: MysqlConfig,
  { log, metrics }: SourceContext,
  facts: ServerFacts,
  capture: Capture,
  store: HistoryStore,
): SchemaKeeper {
  return new SchemaKeeper({
    server: facts.server,
    topicPrefix: config['topic.prefix'],
    foldsCase: facts.foldsCase,
    capture: capture.ddl,
    filter: ddlFilter(config[`${history}.ddl.filter`] ?? defaultDdlFilter),
    prefersDdl: config[`${history}.prefer.ddl`],
    skipsUnparseable: config[`${history}.skip.unparseable.ddl`],
    comments: config['include.schema.comments'],
    ...{ store, log, metrics },
  })
}

/** Where schema changes go; null: nowhere. */
export function schemaTopic(config: MysqlConfig): string | null {
  return config['include.schema.changes'] ? config['topic.prefix'] : null
}

function logParts(parts: TaskParts): LogParts {
  const { config, context, topics, login } = parts
  return {
    ...parts,
    rows: {
      tombstones: config['tombstones.on.delete'],
      skipped: skippedOperations(config),
      skipsKeyChanges: true,
      skipUnchanged: config['skip.messages.without.change'],
    },
    schemaTopic: schemaTopic(config),
    comments: config['include.schema.comments'],
    query: config['include.query'],
    filtersRows: config['gtid.source.filter.dml.events'],
    transactions: config['provide.transaction.metadata']
      ? () => new TransactionTracker(topics.transaction)
      : null,
    failures: onBadEvent(config),
    stream: {
      login,
      binlog: {
        serverId: config['database.server.id'],
        annotateRows: config['include.query'],
        heartbeatMs: logHeartbeatMs(config),
        maxBytes: logBytes(config),
        netWriteTimeoutSeconds: config['binlog.net.write.timeout'],
        netReadTimeoutSeconds: config['binlog.net.read.timeout'],
        nongracefulDisconnect: config['use.nongraceful.disconnect'],
      },
      // A replay has the number between them.
      secondServerId: config['database.server.id'] + 2 * config['database.server.id.offset'],
      usesGtids: !config['gtid.ignore.on.recovery'],
      counts: gtidSources(config),
      recordsPerPoll: recordsPerPoll(config),
      retries: config['errors.max.retries'],
      longestWaitMs: config['retriable.restart.connector.wait.ms'],
    },
    log: context.log,
    metrics: context.metrics,
  }
}

/** Reads the log from there on. */
export function readLog(parts: TaskParts, resume: ResumePoint, options: LogOptions = {}): Log {
  return openLog(logParts(parts), resume, options)
}

function lockingMode(config: MysqlConfig): LockingMode {
  const mode = config['snapshot.locking.mode']
  if (mode !== 'custom') return mode
  throw new ConfigError('snapshot.locking.mode=custom is not supported: there are no lockers to load.', {
    remedy: 'Choose minimal, extended or none.',
  })
}

export function snapshotParts(parts: TaskParts): SnapshotParts {
  const { raw, config, context, login } = parts
  return {
    ...parts,
    connect: () => connect(login),
    schemaTopic: schemaTopic(config),
    comments: config['include.schema.comments'],
    catchUp: (from, until, extras) => readLog(parts, from, { until, extras }),
    settings: {
      user: config['database.user'],
      locking: lockingMode(config),
      lockTimeoutMs: config['snapshot.lock.timeout.ms'],
      delayMs: config['snapshot.delay.ms'],
      threads: config['snapshot.max.threads'],
      multiplier: (path) => chunkMultiplier(config, raw, path),
      wholeTables: config['legacy.snapshot.max.threads'] || config['internal.legacy.snapshot.max.threads'],
      rowCountOrder: config['snapshot.tables.order.by.row.count'],
      included: includedInSnapshot(config),
      signalTables: signalTables(config),
      selects: selectOverrides(raw),
      recordsPerPoll: recordsPerPoll(config),
      retries: config['errors.max.retries'],
      retryWaitMs: config['retriable.restart.connector.wait.ms'],
    },
    log: context.log,
    metrics: context.metrics,
  }
}
