/** What is told of initial and blocking snapshots: a notification at every step, each with an id of its own. */
import type { NotificationType, Notifier } from './notification.ts'

export class SnapshotNotices {
  readonly #notifier: Notifier
  /** Without the signal table, in the order of a Java HashMap. */
  #tables: readonly string[] = []
  #withSignals: readonly string[] = []

  constructor(notifier: Notifier) {
    this.#notifier = notifier
  }

  #tell(type: NotificationType, data: Readonly<Record<string, string>> = {}): void {
    this.#notifier.notify('Initial Snapshot', type, data)
  }

  started(): void {
    this.#tell('STARTED')
  }

  /** There is nothing to do. */
  skipped(): void {
    this.#tell('SKIPPED')
  }

  /** `inHashOrder` leaves the signal table out, `all` has it, in the order in which tables are read. */
  tables(inHashOrder: readonly string[], all: readonly string[]): void {
    this.#tables = inHashOrder
    this.#withSignals = all
  }

  reading(table: string): void {
    this.#tell('IN_PROGRESS', {
      data_collections: this.#tables.join(','),
      current_collection_in_progress: table,
    })
  }

  read(table: string, rows: number): void {
    this.#tell('TABLE_SCAN_COMPLETED', {
      data_collections: this.#withSignals.join(','),
      scanned_collection: table,
      total_rows_scanned: String(rows),
      status: rows === 0 ? 'EMPTY' : 'SUCCEEDED',
    })
  }

  aborted(): void {
    this.#tell('ABORTED')
  }

  completed(): void {
    this.#tell('COMPLETED')
  }
}
