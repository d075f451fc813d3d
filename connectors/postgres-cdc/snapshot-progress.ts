/** How far a snapshot is: metrics with every batch, a line in the log every few seconds and at the end of each table. */
import type { Logger, Metrics } from '#observe'
import type { FoundTable } from './tables.ts'

const EVERY_MS = 5000

export class SnapshotProgress {
  readonly #log: Logger
  readonly #tables: readonly FoundTable[]
  readonly #counter: { inc(by: number): void }
  readonly #remaining: { set(value: number): void }
  readonly #now: () => number
  readonly #began: number
  /** What the statistics of the server say of all tables; null: some were never analyzed. */
  readonly #expected: number | null
  #index = -1
  #rows = 0
  #rowsOfTable = 0
  #toldAt: number
  #toldRows = 0

  constructor(
    tables: readonly FoundTable[],
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
    this.#remaining = metrics.gauge(
      'rowtap_snapshot_tables_remaining',
      'Tables that the snapshot has still to finish; 0 when none runs',
    )
    const estimates = tables.map(({ estimatedRows }) => estimatedRows)
    const known = estimates.filter((each) => each !== null)
    this.#expected = known.length < estimates.length ? null : known.reduce((sum, each) => sum + each, 0)
    this.#remaining.set(tables.length)
    log.info({ tables: tables.length, estimatedRows: this.#expected }, 'the snapshot begins')
  }

  table(): void {
    this.#index++
    this.#rowsOfTable = 0
  }

  rows(count: number): void {
    this.#rows += count
    this.#rowsOfTable += count
    this.#counter.inc(count)
    const now = this.#now()
    const passed = now - this.#toldAt
    if (passed < EVERY_MS) return
    const rowsPerSecond = Math.round(((this.#rows - this.#toldRows) * 1000) / passed)
    this.#toldAt = now
    this.#toldRows = this.#rows
    this.#log.info(
      {
        ...this.#place(),
        totalRows: this.#rows,
        estimatedTotal: this.#expected,
        rowsPerSecond,
      },
      'reading a table',
    )
  }

  tableDone(): void {
    this.#remaining.set(this.#tables.length - this.#index - 1)
    const { estimatedRows: _, ...place } = this.#place()
    this.#log.info(place, 'read a table')
  }

  #place() {
    const table = this.#tables[this.#index]
    return {
      table: table === undefined ? '' : `${table.schema}.${table.name}`,
      index: this.#index + 1,
      of: this.#tables.length,
      rows: this.#rowsOfTable,
      estimatedRows: table?.estimatedRows ?? null,
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
    this.#remaining.set(0)
  }
}
