/**
 * From rows in a slab to records, each with its offset. One object per batch describes the change in hand; it is never kept.
 */
import {
  type CellChunk,
  type ChangePlace,
  type ProcessingTime,
  processingTime,
  type RowEvents,
  type TableVersion,
  type TransactionTracker,
} from '#cdc'
import type { OffsetMap, SourceOffset, SourceRecord } from '#data'
import type { RowOperation } from '../decode/rows.ts'
import { BinlogOffset, type OffsetExtras, type TransactionPlace } from '../offset.ts'
import type { MysqlSource } from '../source-block.ts'

/** The rows of one event. */
export interface RowsInHand {
  readonly table: TableVersion
  readonly chunk: CellChunk
  readonly source: MysqlSource
  /** Old images are whole rows. */
  readonly full: boolean
}

type Change = { -readonly [Key in keyof ChangePlace]: ChangePlace[Key] }

export class RowOutput {
  /** Of the last record that was given out, or where reading began. */
  last: SourceOffset
  /** Microseconds since 1970 of the last change; null: none yet. */
  time: number | null = null
  readonly #extras: OffsetExtras | null
  readonly #partition: OffsetMap
  readonly #rows: RowEvents
  readonly #transactions: TransactionTracker | null
  #out: SourceRecord[] = []
  #processed: ProcessingTime = processingTime(0)
  #change: Change | null = null

  /** `transactions`: what `rows` counts events with. */
  constructor(
    partition: OffsetMap,
    rows: RowEvents,
    transactions: TransactionTracker | null,
    extras: OffsetExtras | null,
  ) {
    this.#partition = partition
    this.#rows = rows
    this.#transactions = transactions
    this.#extras = extras
    this.last = { partition, offset: () => null }
  }

  /** Records go there from now on. */
  begin(out: SourceRecord[]): void {
    this.#out = out
    this.#processed = processingTime(Math.round((performance.timeOrigin + performance.now()) * 1000))
  }

  /** Up to the `event`-th event of the transaction, and `row` rows of the one behind it. */
  offset(place: TransactionPlace, event: number, row: number): BinlogOffset {
    return new BinlogOffset(this.#partition, place, event, row, this.time, this.#extras)
  }

  /** `row`: its number in its event. */
  row(
    rows: RowsInHand,
    operation: RowOperation,
    before: number,
    after: number,
    row: number,
    from: BinlogOffset,
  ): void {
    const out = this.#out
    const count = out.length
    const change = this.#describe(rows, row, from)
    if (operation === 'insert') this.#rows.insert(change, after, out)
    else if (operation === 'update') this.#rows.update(change, before, after, rows.full, out)
    else this.#rows.delete(change, before, out)
    // A place that has no records is never reported: the next record stands for it.
    if (out.length === count) return
    this.last = from
    if (this.#transactions !== null) from.mark = this.#transactions.mark
  }

  truncate(rows: RowsInHand, row: number, from: BinlogOffset): void {
    const count = this.#out.length
    this.#rows.truncate(this.#describe(rows, row, from), this.#out)
    if (this.#out.length > count) this.last = from
  }

  push(record: SourceRecord): void {
    this.#out.push(record)
    this.last = record.from
  }

  #describe({ table, chunk, source }: RowsInHand, position: number, from: SourceOffset): Change {
    const time = this.#processed
    const previous = this.last
    const change = this.#change
    if (change === null) return (this.#change = { table, chunk, source, time, position, from, previous })
    change.table = table
    change.chunk = chunk
    change.source = source
    change.time = time
    change.position = position
    change.from = from
    change.previous = previous
    return change
  }
}
