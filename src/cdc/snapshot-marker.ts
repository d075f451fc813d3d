/**
 * Marks the rows of a snapshot: first, first_in_data_collection, true, last_in_data_collection, last. Whether a row is
 * the last one of its table, or of all, is known when the next comes or none, so the last row of each table is held
 * back; tables without rows leave no trace. Tables may be read side by side.
 */
import type { SourceRecord } from '#data'
import type { ChangeEvent } from './change-event.ts'

/** A record whose value is the event that gets the mark. */
export interface SnapshotRecord extends SourceRecord {
  readonly value: ChangeEvent
}

/** Of all tables of one snapshot. */
export class SnapshotMarking<R extends SnapshotRecord> {
  /** The last rows of tables that ended: some other row will come, or the last of these is the last of all. */
  #ended: R[] = []
  #anyReleased = false

  table(): TableMarking<R> {
    return new TableMarking(this)
  }

  /** The first row of all was given out before, or there is none. */
  begun(): void {
    this.#anyReleased = true
  }

  /** Some row comes behind all those whose tables ended: they go `out`, marked. */
  rowComes(out: R[]): void {
    for (const record of this.#ended) this.release(record, 'last_in_data_collection', out)
    if (this.#ended.length > 0) this.#ended = []
  }

  /** Takes the last row of a table. */
  tableEnded(record: R): void {
    this.#ended.push(record)
  }

  release(record: R, mark: 'first_in_data_collection' | 'true' | 'last_in_data_collection', out: R[]): void {
    record.value.snapshot = this.#anyReleased ? mark : 'first'
    this.#anyReleased = true
    out.push(record)
  }

  /** All tables ended. Returns the last row of all, marked so; null if there was none. What is before it goes `out`. */
  finish(out: R[]): R | null {
    const last = this.#ended.pop() ?? null
    this.rowComes(out)
    if (last !== null) last.value.snapshot = 'last'
    return last
  }
}

/** The rows of one table. */
export class TableMarking<R extends SnapshotRecord> {
  readonly #all: SnapshotMarking<R>
  #held: R | null = null
  #heldIsFirst = true

  constructor(all: SnapshotMarking<R>) {
    this.#all = all
  }

  /** Takes a row; what was held back before it goes `out`, marked. */
  push(record: R, out: R[]): void {
    this.#all.rowComes(out)
    const held = this.#held
    this.#held = record
    if (held === null) return
    this.#all.release(held, this.#heldIsFirst ? 'first_in_data_collection' : 'true', out)
    this.#heldIsFirst = false
  }

  end(): void {
    if (this.#held !== null) this.#all.tableEnded(this.#held)
    this.#held = null
  }
}
