/** Snapshots of the test servers, and what they give. */
import { onTestFinished } from 'vitest'
import { nameAdjuster, topicNames } from '#cdc'
import type { OffsetMap, SourceRecord } from '#data'
import type { Logger, Metrics } from '#observe'
import { ddlFilter, defaultDdlFilter } from '../../../../../connectors/mysql-cdc/history/index.ts'
import { MemoryHistoryStore } from '../../../../../connectors/mysql-cdc/history/memory-store.ts'
import { type Log, type LogParts, openLog } from '../../../../../connectors/mysql-cdc/log.ts'
import type { LogPlace, ResumePoint } from '../../../../../connectors/mysql-cdc/offset.ts'
import { SchemaKeeper } from '../../../../../connectors/mysql-cdc/schema-keeper.ts'
import { connect, type Login, serverFacts } from '../../../../../connectors/mysql-cdc/server/index.ts'
import {
  SnapshotPhase,
  type SnapshotParts,
  type SnapshotSettings,
  type SnapshotTask,
} from '../../../../../connectors/mysql-cdc/snapshot/index.ts'
import {
  sourceIdentity,
  sourceNames,
  sourceSchema,
} from '../../../../../connectors/mysql-cdc/source-block.ts'
import type { ServerAddress } from '../../../../support/services/address.ts'
import { Capture, type CaptureSettings } from '../../../../../connectors/mysql-cdc/tables/capture.ts'
import { TableVersions } from '../../../../../connectors/mysql-cdc/tables/table-versions.ts'

/** In place of a server that there is none of: the tests that need it are skipped. */
export const nowhere: ServerAddress = { host: '127.0.0.1', port: 9, user: 'nobody', password: '' }

export interface StageOptions {
  readonly login: Login
  readonly capture: Partial<CaptureSettings>
  readonly settings?: Partial<SnapshotSettings>
  readonly lines?: string[]
  /** Of an earlier task. */
  readonly history?: MemoryHistoryStore
}

let serverId = 910_000 + (process.pid % 10_000) * 8

const quiet: Metrics = { counter: () => ({ inc: () => {} }), gauge: () => ({ set: () => {} }) }

const noCapture: CaptureSettings = {
  ...{ 'database.include.list': null, 'database.exclude.list': null },
  ...{ 'table.include.list': null, 'table.exclude.list': null },
  ...{ 'column.include.list': null, 'column.exclude.list': null },
  ...{ 'column.propagate.source.type': null, 'datatype.propagate.source.type': null },
  ...{ 'message.key.columns': null, 'signal.data.collection': null, 'table.ignore.builtin': true },
  'schema.history.internal.store.only.captured.tables.ddl': false,
  'schema.history.internal.store.only.captured.databases.ddl': true,
}

export interface Stage {
  readonly parts: SnapshotParts
  readonly history: MemoryHistoryStore
  readonly keeper: SchemaKeeper
  /** The log from there up to a place. */
  follow(from: ResumePoint, until: LogPlace): Log
}

/** A task's parts, with a history of its own. */
export async function stageOf(options: StageOptions): Promise<Stage> {
  const { login, lines = [], history = new MemoryHistoryStore() } = options
  const client = await connect(login)
  const facts = await serverFacts(client)
  await client.end()
  const tell = (fields: object, message: string) => void lines.push(`${message} ${JSON.stringify(fields)}`)
  const log = {
    trace: tell,
    debug: tell,
    info: tell,
    warn: tell,
    error: tell,
    fatal: tell,
  } as unknown as Logger
  const capture = new Capture({ ...noCapture, ...options.capture })
  const { server } = login
  const keeper = new SchemaKeeper({
    ...{ server, topicPrefix: 'test', foldsCase: facts.foldsCase, capture: capture.ddl },
    filter: ddlFilter(defaultDdlFilter),
    ...{ prefersDdl: false, skipsUnparseable: false, comments: false },
    ...{ store: history, log, metrics: quiet },
  })
  if ((await keeper.historyProblem()) === null) await keeper.recover(null)
  const versions = new TableVersions(keeper, {
    server,
    capture,
    topics: topicNames({
      ...{ 'topic.prefix': 'test', 'topic.delimiter': '.', 'topic.transaction': 'transaction' },
      ...{ 'topic.heartbeat.prefix': '__debezium-heartbeat', 'topic.heartbeat.name': null },
    }),
    types: {
      ...{ decimals: 'precise', bigintUnsigned: 'long', times: 'adaptive_time_microseconds' },
      ...{ binary: 'bytes', adjustYears: true, placeholder: Buffer.alloc(0), unrepresentable: 'fail' },
    },
    names: nameAdjuster('none', 'none'),
    comments: false,
    source: { schema: sourceSchema(server), names: sourceNames },
    convert: () => null,
    rules: { apply: (_path, _length, type) => type },
    inconsistent: 'fail',
    ...{ log, metrics: quiet },
  })
  const identity = sourceIdentity(server, '1', 'test')
  const shared = { partition: { server: 'test' }, identity, headers: [], capture, versions, schema: keeper }
  const logParts: LogParts = {
    ...shared,
    rows: { tombstones: false, skipped: new Set(['t']), skipUnchanged: false },
    ...{ schemaTopic: null, comments: false, query: false, filtersRows: false, transactions: null },
    failures: 'fail',
    stream: {
      ...{
        login,
        secondServerId: 9000 + Math.floor(Math.random() * 1000),
        usesGtids: true,
        counts: null,
        recordsPerPoll: 256,
        retries: 0,
        longestWaitMs: 1000,
      },
      binlog: {
        ...{ serverId: ++serverId, annotateRows: false, heartbeatMs: 1000, maxBytes: 1 << 20 },
        ...{ netWriteTimeoutSeconds: 0, netReadTimeoutSeconds: 0, nongracefulDisconnect: false },
      },
    },
    ...{ log, metrics: quiet },
  }
  const parts: SnapshotParts = {
    ...shared,
    connect: () => connect(login),
    ...{ facts, schemaTopic: 'test', comments: false },
    catchUp: (from, until, extras) => openLog(logParts, from, { until, extras }),
    settings: {
      ...{ user: login.user ?? '', locking: 'minimal', lockTimeoutMs: 10_000, delayMs: 0, threads: 1 },
      ...{ multiplier: () => 1, wholeTables: false, rowCountOrder: 'disabled', included: () => true },
      ...{ selects: new Map(), recordsPerPoll: 256, retries: 0, retryWaitMs: 0 },
      ...options.settings,
    },
    ...{ log, metrics: quiet },
  }
  return { parts, history, keeper, follow: (from, until) => openLog(logParts, from, { until }) }
}

export const initial: SnapshotTask = {
  ...{ kind: 'initial', schema: true, data: true, from: null, offset: null, progress: null },
  ...{ tables: [], selects: new Map() },
}

/** Runs it to its end, or until `enough`, as after kill -9. */
export async function taken(
  { parts }: Stage,
  task: SnapshotTask,
  enough: (record: SourceRecord) => boolean = () => false,
): Promise<{ records: SourceRecord[]; phase: SnapshotPhase }> {
  const phase = new SnapshotPhase(parts, task)
  onTestFinished(() => phase[Symbol.asyncDispose]())
  const records: SourceRecord[] = []
  const { signal } = new AbortController()
  while (phase.done === null) {
    const some = await phase.poll(performance.now() + 1000, signal)
    for (const record of some) {
      records.push(record)
      if (!enough(record)) continue
      await phase[Symbol.asyncDispose]()
      return { records, phase }
    }
  }
  return { records, phase }
}

export interface Seen {
  readonly topic: string
  readonly snapshot: string
  readonly row: Readonly<Record<string, unknown>>
  readonly ddl: string
}

export function seen(record: SourceRecord): Seen {
  const value = record.value.value() as { get(name: string): unknown }
  const source = value.get('source') as { get(name: string): unknown }
  const isRow = record.topic !== 'test'
  return {
    topic: record.topic,
    snapshot: String(source.get('snapshot')),
    row: isRow ? plain(value.get('after')) : {},
    ddl: isRow ? '' : String(value.get('ddl')),
  }
}

function plain(struct: unknown): Readonly<Record<string, unknown>> {
  const { schema, values } = struct as { schema: { fields: { name: string }[] }; values: unknown[] }
  return Object.fromEntries(schema.fields.map(({ name }, i) => [name, values[i]]))
}

export function offsetOf(record: SourceRecord): OffsetMap {
  return record.from.offset() ?? {}
}
