/** Where a schema history is kept: a log of records that is only ever appended to. */
import type { HistoryRecord } from './history-record.ts'

export interface HistoryStore extends AsyncDisposable {
  /** For messages: `topic a.history`, `file /data/history.dat`. */
  readonly name: string
  /** Whether the topic or file is there, be it empty. */
  exists(): Promise<boolean>
  /** Makes it where it is not there. */
  create(): Promise<void>
  /** All records, in batches that are never empty. A store that is not there has none. */
  records(): AsyncIterable<readonly HistoryRecord[]>
  /** Durable on return. */
  append(records: readonly HistoryRecord[]): Promise<void>
}
