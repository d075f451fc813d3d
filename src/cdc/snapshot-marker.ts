/**
 * Marks the rows of a snapshot: first, first_in_data_collection, true, last_in_data_collection, last. Whether a row is
 * the last one is known when the next comes or none, so one record is held back; tables without rows leave no trace.
 */
import type { SourceRecord } from '#data'
import type { ChangeEvent, SnapshotMarker } from './change-event.ts'

/** A record whose value is the event that gets the mark. */
export interface SnapshotRecord extends SourceRecord {
  readonly value: ChangeEvent
}

export class SnapshotMarking<R extends SnapshotRecord> {
  #held: R | null = null
  #heldIsFirstOfTable = false
  #newTable = true
  #anyReleased = false

  /** The rows that come now are of another table. */
  nextTable(): void {
    this.#newTable = true
  }

  /** Takes a row; returns the one before it, marked. */
  push(record: R): R | null {
    const released = this.#release(this.#newTable)
    this.#held = record
    this.#heldIsFirstOfTable = this.#newTable
    this.#newTable = false
    return released
  }

  /** The last row of all, marked so; null if there was none. */
  finish(): R | null {
    const held = this.#held
    if (held !== null) held.value.snapshot = 'last'
    this.#held = null
    return held
  }

  #release(tableEnded: boolean): R | null {
    const held = this.#held
    if (held !== null) held.value.snapshot = this.#mark(tableEnded)
    if (held !== null) this.#anyReleased = true
    return held
  }

  #mark(tableEnded: boolean): SnapshotMarker {
    if (!this.#anyReleased) return 'first'
    if (tableEnded) return 'last_in_data_collection'
    return this.#heldIsFirstOfTable ? 'first_in_data_collection' : 'true'
  }
}
