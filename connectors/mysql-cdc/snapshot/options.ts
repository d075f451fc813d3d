/** What a snapshot is given: the parts of the task, what to do, and how. */
import type { NameFilter } from '#cdc'
import type { Headers, OffsetMap, SourceOffset, SourceRecord } from '#data'
import type { Logger, Metrics } from '#observe'
import type { LogPlace, OffsetExtras, ResumePoint } from '../offset.ts'
import type { SchemaKeeper } from '../schema-keeper.ts'
import type { Client } from '../server/index.ts'
import type { ServerFacts } from '../server/index.ts'
import type { SourceIdentity } from '../source-block.ts'
import type { Capture } from '../tables/capture.ts'
import type { TableVersions } from '../tables/table-versions.ts'
import type { StoredProgress } from './progress.ts'

export type LockingMode =
  | 'minimal'
  | 'extended'
  | 'none'
  | 'minimal_percona'
  | 'minimal_percona_no_table_locks'

export interface SnapshotSettings {
  readonly user: string
  readonly locking: LockingMode
  readonly lockTimeoutMs: number
  readonly delayMs: number
  /** How many sessions read at the same time. */
  readonly threads: number
  /** Into how many chunks for each session a table is divided; by `database.table`. */
  readonly multiplier: (path: string) => number
  /** legacy.snapshot.max.threads: tables are not divided. */
  readonly wholeTables: boolean
  readonly rowCountOrder: 'disabled' | 'ascending' | 'descending'
  /** Tables that are read. */
  readonly included: NameFilter
  /** Tables of signals, by their paths: of them only the stream is read. */
  readonly signalTables?: ReadonlySet<string>
  /** Statements in place of our own, by `database.table`. */
  readonly selects: ReadonlyMap<string, string>
  readonly recordsPerPoll: number
  /** Negative: without end. */
  readonly retries: number
  readonly retryWaitMs: number
}

/** Reading the log up to a place. */
export interface CatchUp extends AsyncDisposable {
  poll(deadline: number, signal: AbortSignal): Promise<readonly SourceRecord[]>
  /** All before the place was given out. */
  readonly arrived: boolean
  /** As far as records were given out. */
  readonly resumePoint: ResumePoint
}

/** Is told of the steps of a snapshot: notifications. */
export interface SnapshotListener {
  started(): void
  /** The tables whose rows are read, in this order. */
  tables(paths: readonly string[]): void
  reading(path: string): void
  read(path: string, rows: number): void
  completed(): void
}

export interface SnapshotParts {
  connect(): Promise<Client>
  readonly facts: ServerFacts
  readonly partition: OffsetMap
  readonly identity: SourceIdentity
  readonly headers: Headers
  readonly capture: Capture
  readonly versions: Pick<TableVersions, 'ofSnapshot' | 'forget'>
  readonly schema: Pick<SchemaKeeper, 'snapshot'>
  /** Where schema changes go; null: nowhere (include.schema.changes=false). */
  readonly schemaTopic: string | null
  /** include.schema.comments */
  readonly comments: boolean
  /** Reads the log from there up to `until`; its offsets carry `extras`. */
  catchUp(from: ResumePoint, until: LogPlace, extras: OffsetExtras): CatchUp
  readonly settings: SnapshotSettings
  readonly listener?: SnapshotListener
  readonly log: Logger
  readonly metrics: Metrics
}

/** What one snapshot does. */
export interface SnapshotTask {
  /** A blocking snapshot reads tables anew between two changes of the stream. */
  readonly kind: 'initial' | 'blocking'
  /** The schema is read from the server. */
  readonly schema: boolean
  readonly data: boolean
  /** Where the log is read from before the tables; null: nothing of it was given out. */
  readonly from: ResumePoint | null
  /** Of a schema that is read anew without rows: the stored offset, which stays. null: that of the snapshot. */
  readonly offset: SourceOffset | null
  /** Of the attempt that was cut off. */
  readonly progress: StoredProgress | null
  /** Of a blocking snapshot: the tables, and statements by `database.table`. */
  readonly tables: readonly string[]
  readonly selects: ReadonlyMap<string, string>
}
