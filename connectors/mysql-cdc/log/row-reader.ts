/** From the rows of one event to records: each has its place, and those that were given out before a restart go by. */
import { CellSlab, type TableVersion } from '#cdc'
import { DecodeError } from '#errors'
import { decodePartialRows } from '../decode/partial-update.ts'
import { decodeRows, isPresent, type RowOperation, type RowSink, type RowsEvent } from '../decode/rows.ts'
import type { TableMap } from '../decode/table-map.ts'
import type { TransactionPlace } from '../offset.ts'
import type { MysqlSource } from '../source-block.ts'
import { currentOperation } from '../tables/row-end.ts'
import type { RowOutput, RowsInHand } from './row-output.ts'

/** The rows of an event, not decoded yet. */
export interface EventRows {
  readonly event: RowsEvent
  readonly table: TableMap
  readonly version: TableVersion
  /** The cell that says until when a row was the current one; null: all are. */
  readonly rowEnd: number | null
  readonly source: MysqlSource
  /** Microseconds since 1970. */
  readonly time: number
}

/** Where the rows stand. */
export interface RowsPlace {
  readonly open: TransactionPlace
  /** Events of the transaction before this one. */
  readonly event: number
  /** Rows that count to this event and stand before its first. */
  readonly before: number
  /** How many of all these were given out before a restart. */
  readonly given: number
}

/**
 * A new value that an update leaves out needs something that stands for it; for a number that is not NULL there is
 * nothing. What an insert leaves out has its default.
 */
function checkAbsent({ operation, present, presentAfter }: RowsEvent, version: TableVersion): void {
  if (operation !== 'update' || presentAfter === null) return
  for (const { name, cell, type } of version.row.columns) {
    const isKnown = isPresent(presentAfter, cell) || isPresent(present, cell)
    if (!isKnown && type.unavailable === null && !type.schema.optional) throw leftOut(name, version)
  }
}

function leftOut(column: string, { database, table }: TableVersion): DecodeError {
  return new DecodeError(
    `The log leaves out the column ${column} of ${database}.${table}, which has a type that unavailable.value.placeholder cannot stand for: binlog_row_image is MINIMAL or NOBLOB.`,
    {
      remedy:
        "Run SET GLOBAL binlog_row_image = 'FULL' (sessions that are open keep the old one) and take a new snapshot, or leave the column out with column.exclude.list.",
    },
  )
}

export class RowReader implements RowSink {
  /** The last row's number in its event. */
  lastRow = 0
  readonly #output: RowOutput
  #rows: RowsInHand | null = null
  #operation: RowOperation = 'insert'
  #rowEnd: number | null = null
  #place: RowsPlace | null = null
  #row = 0

  constructor(output: RowOutput) {
    this.#output = output
  }

  /** Returns how many there are. `slab`: the chunk that the event came in; null: it has bytes of its own. */
  read(
    { event, table, version, rowEnd, source, time }: EventRows,
    slab: CellSlab | null,
    place: RowsPlace,
  ): number {
    checkAbsent(event, version)
    this.#output.time = time
    this.#place = place
    this.#row = 0
    this.#operation = event.operation
    this.#rowEnd = rowEnd
    const rows = { table: version, source, full: event.present === null }
    if (event.partial) {
      const images: (readonly [before: number, after: number])[] = []
      const sink: RowSink = { row: (before, after) => void images.push([before, after]) }
      this.#rows = { ...rows, chunk: decodePartialRows(event, table, sink) }
      for (const [before, after] of images) this.row(before, after)
    } else {
      const chunk = event.bytes === slab?.bytes ? slab : new CellSlab(event.bytes)
      this.#rows = { ...rows, chunk }
      decodeRows(event, table, chunk, this)
    }
    return this.#row
  }

  row(before: number, after: number): void {
    const [rows, place] = [this.#rows, this.#place]
    const row = this.#row++
    if (rows === null || place === null) return
    const count = place.before + this.#row
    if (count <= place.given) return
    this.lastRow = row
    const operation =
      this.#rowEnd === null
        ? this.#operation
        : currentOperation(this.#operation, rows.chunk, before, after, this.#rowEnd)
    if (operation === null) return
    const from = this.#output.offset(place.open, place.event, count)
    this.#output.row(rows, operation, before, after, row, from)
  }
}
