/** What the reading of transactions is given. */
import type { RowEvents, TableVersion, TransactionTracker } from '#cdc'
import type { OffsetMap } from '#data'
import type { TableMap } from '../decode/table-map.ts'
import type { LogPlace, OffsetExtras, StoredPlace } from '../offset.ts'
import type { SourceIdentity } from '../source-block.ts'

export interface TransactionReaderOptions {
  readonly partition: OffsetMap
  readonly identity: SourceIdentity
  readonly events: RowEvents
  readonly versions: {
    ofLog(map: TableMap): TableVersion | null
    rowEnd(map: TableMap): number | null
  }
  /** provide.transaction.metadata: what `events` counts with; null: transactions are not counted. */
  readonly transactions: TransactionTracker | null
  /** gtid.source.includes and excludes with gtid.source.filter.dml.events; null: rows of all sources count. */
  readonly counts: ((source: string) => boolean) | null
  /** Reading ends before the first transaction that begins there or behind it. null: never. */
  readonly until: StoredPlace | null
  /** Kept in every offset. */
  readonly extras: OffsetExtras | null
  /** Told of each place between transactions that was reached: GTID watermarks, lag. */
  readonly reached: ((place: LogPlace) => void) | null
}
