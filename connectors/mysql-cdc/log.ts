/** How the reading of the log is put together, out of what all parts of a task share. */
import { RowEvents, type RowEventOptions, type TableVersion, type TransactionTracker } from '#cdc'
import type { Headers, OffsetMap, SourceRecord } from '#data'
import type { Logger, Metrics } from '#observe'
import type { TableId } from './ddl/index.ts'
import type { TableMap } from './decode/table-map.ts'
import { type FailureMode, Failures } from './log/failures.ts'
import { LogReader } from './log/log-reader.ts'
import { concernsCaptured } from './log/statement-kind.ts'
import { ChangeStream, type StreamOptions } from './log/stream.ts'
import type { LogPlace, OffsetExtras, ResumePoint } from './offset.ts'
import type { SourceIdentity } from './source-block.ts'

export interface LogParts {
  readonly partition: OffsetMap
  readonly identity: SourceIdentity
  readonly headers: Headers
  /** Tombstones, skipped operations, and what else decides which records a row has. */
  readonly rows: Omit<RowEventOptions, 'headers' | 'transactions'>
  readonly capture: { database(name: string): boolean; table(id: TableId): boolean }
  readonly versions: {
    ofLog(map: TableMap): TableVersion | null
    rowEnd(map: TableMap): number | null
    ofTable(id: TableId): TableVersion | null
    forget(ids: readonly TableId[]): void
  }
  readonly schema: StreamOptions['schema']
  /** Where schema changes go; null: nowhere (include.schema.changes=false). */
  readonly schemaTopic: string | null
  /** include.schema.comments */
  readonly comments: boolean
  /** include.query */
  readonly query: boolean
  /** gtid.source.filter.dml.events: rows of sources that do not count go by. */
  readonly filtersRows: boolean
  /** Makes the counter of transactions; null: they are not counted (provide.transaction.metadata). */
  readonly transactions: (() => TransactionTracker) | null
  /** event.processing.failure.handling.mode */
  readonly failures: FailureMode
  readonly stream: Pick<
    StreamOptions,
    | 'login'
    | 'binlog'
    | 'secondServerId'
    | 'usesGtids'
    | 'counts'
    | 'recordsPerPoll'
    | 'retries'
    | 'longestWaitMs'
  >
  readonly log: Logger
  readonly metrics: Metrics
}

export interface LogOptions {
  /** Reading ends before the first transaction that begins there or behind it; null: never. */
  readonly until?: LogPlace | null
  /** Kept in every offset. */
  readonly extras?: OffsetExtras | null
  /** Told of each place between transactions that was reached. */
  readonly reached?: ((place: LogPlace) => void) | null
}

export interface Log extends AsyncDisposable {
  readonly reader: LogReader
  readonly stream: ChangeStream
  /** The next records; waits for them until the deadline (of performance.now) or the signal. */
  poll(deadline: number, signal: AbortSignal): Promise<SourceRecord[]>
  /** `until` was reached, and all before it given out. */
  readonly arrived: boolean
  /** As far as records were given out. */
  readonly resumePoint: ResumePoint
}

/** Reads the log from there on. */
export function openLog(parts: LogParts, resume: ResumePoint, options: LogOptions = {}): Log {
  const { partition, identity, headers, capture, versions, schema, comments, query, log, metrics } = parts
  const { extras = null, reached = null } = options
  const until =
    options.until == null ? null : { ...options.until, gtids: options.until.gtids?.toString() ?? null }
  const transactions = parts.transactions?.() ?? null
  const events = new RowEvents({ ...parts.rows, headers, transactions })
  const { counts } = parts.stream
  const reader = new LogReader(
    {
      ...{ partition, identity, events, versions, transactions, query, until, extras, reached },
      counts: parts.filtersRows ? counts : null,
      concerns: (statement) => concernsCaptured(statement, (database) => capture.database(database)),
      failures: new Failures(parts.failures, log, metrics),
    },
    resume,
  )
  const versionOf = (id: TableId) => (capture.table(id) ? versions.ofTable(id) : null)
  const stream = new ChangeStream({
    ...parts.stream,
    ...{ reader, schema, versions, log },
    schemaEvents: { identity, events, topic: parts.schemaTopic, headers, comments, versionOf },
  })
  return {
    reader,
    stream,
    poll: (deadline, signal) => stream.poll(deadline, signal),
    get arrived() {
      return reader.arrived
    },
    get resumePoint() {
      return reader.resumePoint
    },
    [Symbol.asyncDispose]: () => stream[Symbol.asyncDispose](),
  }
}
