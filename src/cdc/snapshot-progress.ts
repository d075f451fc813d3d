/**
 * How far a snapshot is: metrics with every batch, a line in the log every few seconds and at the end of each table.
 * Tables may be read side by side.
 */
import type { Logger, Metrics } from '#observe'

const EVERY_MS = 5000

/** A table by its identity. */
export interface ProgressTable {
  /** As the log names it. */
  readonly path: string
  /** Of the server's statistics; null: it has none. */
  readonly estimatedRows: number | null
}

export class SnapshotProgress {
  readonly #log: Logger
  readonly #tables: readonly ProgressTable[]
  readonly #counter: { inc(by: number): void }
  readonly #gauge: { set(value: number): void }
  readonly #now: () => number
  readonly #began: number
  /** What the statistics of the server say of all tables; null: some were never analyzed. */
  readonly #expected: number | null
  readonly #rowsOf = new Map<ProgressTable, number>()
  #remaining: number
  #rows = 0
  #toldAt: number
  #toldRows = 0

  constructor(
    tables: readonly ProgressTable[],
    log: Logger,
    metrics: Metrics,
    now: () => number = () => performance.now(),
  ) {
    this.#log = log
    this.#tables = tables
    this.#now = now
    this.#began = now()
    this.#toldAt = this.#began
    this.#counter = metrics.counter('rowtap_snapshot_rows_total', 'Rows read by snapshots')
    this.#gauge = metrics.gauge(
      'rowtap_snapshot_tables_remaining',
      'Tables that the snapshot has still to finish; 0 when none runs',
    )
    const estimates = tables.map(({ estimatedRows }) => estimatedRows)
    const known = estimates.filter((each) => each !== null)
    this.#expected = known.length < estimates.length ? null : known.reduce((sum, each) => sum + each, 0)
    this.#remaining = tables.length
    this.#gauge.set(this.#remaining)
    log.info({ tables: tables.length, estimatedRows: this.#expected }, 'the snapshot begins')
  }

  rows(table: ProgressTable, count: number): void {
    this.#rows += count
    this.#rowsOf.set(table, (this.#rowsOf.get(table) ?? 0) + count)
    this.#counter.inc(count)
    const now = this.#now()
    const passed = now - this.#toldAt
    if (passed < EVERY_MS) return
    const rowsPerSecond = Math.round(((this.#rows - this.#toldRows) * 1000) / passed)
    this.#toldAt = now
    this.#toldRows = this.#rows
    this.#log.info(
      {
        ...this.#place(table),
        estimatedRows: table.estimatedRows,
        totalRows: this.#rows,
        estimatedTotal: this.#expected,
        rowsPerSecond,
      },
      'reading a table',
    )
  }

  /** Read of the table so far. */
  rowsOf(table: ProgressTable): number {
    return this.#rowsOf.get(table) ?? 0
  }

  tableDone(table: ProgressTable): void {
    this.#remaining -= 1
    this.#gauge.set(this.#remaining)
    this.#log.info(this.#place(table), 'read a table')
    this.#rowsOf.delete(table)
  }

  #place(table: ProgressTable) {
    return {
      table: table.path,
      index: this.#tables.indexOf(table) + 1,
      of: this.#tables.length,
      rows: this.rowsOf(table),
    }
  }

  done(): void {
    const seconds = (this.#now() - this.#began) / 1000
    this.#log.info(
      {
        rows: this.#rows,
        seconds: Math.round(seconds * 10) / 10,
        rowsPerSecond: Math.round(this.#rows / Math.max(seconds, 0.001)),
      },
      'the snapshot is complete',
    )
  }

  /** Also of a snapshot that was cut off: none runs. */
  end(): void {
    this.#gauge.set(0)
  }
}
