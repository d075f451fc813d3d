/** Where a schema history is kept: a log of records that is only ever appended to. */
import type { HistoryRecord } from './history-record.ts'

export interface HistoryStore extends AsyncDisposable {
  /** For messages: `the topic a.history`, `the file /data/history.dat`. */
  readonly name: string
  state(): Promise<'missing' | 'empty' | 'filled'>
  /** Makes it where it is missing. */
  create(): Promise<void>
  /** All records, in batches that are never empty; none of a store that is missing. */
  records(): AsyncIterable<readonly HistoryRecord[]>
  /** Durable on return. */
  append(records: readonly HistoryRecord[]): Promise<void>
}
