/**
 * From one change of a row to its records: a change of the key is a delete, its tombstone and a create, with headers
 * that name the other key; a delete has a tombstone behind it. All records of one change but the last carry the
 * position before the change: whoever stops between them starts again with the change, not behind it.
 */
import { isDeepStrictEqual } from 'node:util'
import { type Headers, nothing, type SourceOffset, type SourceRecord, Struct } from '#data'
import { type CellChunk, NO_ROW, NULL_CELL, UNAVAILABLE_CELL } from './cells.ts'
import { ChangeEvent, type Operation, type ProcessingTime, RowKey, type SourceBlock } from './change-event.ts'
import type { Column } from './column.ts'
import type { RowLayout, TableVersion } from './table.ts'
import type { TransactionTracker } from './transactions.ts'

export interface RowEventOptions {
  /** One array for all records. */
  readonly headers: Headers
  readonly tombstones: boolean
  readonly skipped: ReadonlySet<Operation>
  /**
   * Whether a change of the key is skipped as the update that it is (Debezium on the binlog), or only its delete and its
   * create as such (on PostgreSQL).
   */
  readonly skipsKeyChanges?: boolean
  /** Drops updates that change no captured column, where the full old row is known. */
  readonly skipUnchanged: boolean
  /** Counts the events of transactions; null: they are not counted. */
  readonly transactions?: TransactionTracker | null
}

/** Where a change is, and what it is of. */
export interface ChangePlace {
  readonly table: TableVersion
  readonly chunk: CellChunk
  readonly source: SourceBlock
  readonly time: ProcessingTime
  /** Where in the log the row is. */
  readonly position: number
  readonly from: SourceOffset
  /** The position before this change. */
  readonly previous: SourceOffset
}

export class RowEvents {
  readonly #options: RowEventOptions

  constructor(options: RowEventOptions) {
    this.#options = options
  }

  insert(place: ChangePlace, after: number, out: SourceRecord[]): void {
    if (!this.#options.skipped.has('c'))
      out.push(this.#change(place, 'c', NO_ROW, after, this.#options.headers, place.from))
  }

  /** `full`: the old image is the whole row, not only its key. */
  update(place: ChangePlace, before: number, after: number, full: boolean, out: SourceRecord[]): void {
    const { table, chunk } = place
    const { skipped, skipsKeyChanges = false, skipUnchanged, headers } = this.#options
    if (skipped.has('u') && skipsKeyChanges) return
    if (before !== NO_ROW && table.key !== null && !sameKey(table.key, chunk, before, after))
      return this.#changeKey(place, table.key, before, after, out)
    if (skipped.has('u')) return
    if (skipUnchanged && full && before !== NO_ROW && sameRow(table.row, chunk, before, after)) return
    out.push(this.#change(place, 'u', before, after, headers, place.from))
  }

  delete(place: ChangePlace, before: number, out: SourceRecord[]): void {
    if (!this.#options.skipped.has('d')) this.#delete(place, before, this.#options.headers, place.from, out)
  }

  truncate(place: ChangePlace, out: SourceRecord[]): void {
    if (!this.#options.skipped.has('t'))
      out.push(this.#change(place, 't', NO_ROW, NO_ROW, this.#options.headers, place.from))
  }

  #changeKey(
    place: ChangePlace,
    layout: RowLayout,
    before: number,
    after: number,
    out: SourceRecord[],
  ): void {
    const { chunk, previous, from } = place
    const { headers, skipped } = this.#options
    const [oldKey, newKey] = [new RowKey(layout, chunk, before), new RowKey(layout, chunk, after, before)]
    const created = !skipped.has('c')
    const deleted = [{ key: '__debezium.newkey', value: newKey }, ...headers]
    this.#delete(place, before, deleted, created ? previous : from, out)
    if (!created) return
    const inserted = [{ key: '__debezium.oldkey', value: oldKey }, ...headers]
    out.push(this.#change(place, 'c', NO_ROW, after, inserted, from, before))
  }

  #delete(
    place: ChangePlace,
    before: number,
    headers: Headers,
    from: SourceOffset,
    out: SourceRecord[],
  ): void {
    const { skipped, tombstones } = this.#options
    if (skipped.has('d')) return
    const deleted = this.#change(place, 'd', before, NO_ROW, headers, tombstones ? place.previous : from)
    out.push(deleted)
    if (tombstones) out.push({ ...deleted, value: nothing, from })
  }

  /** `old`: the old image to look into for what the new one does not carry. */
  #change(
    place: ChangePlace,
    operation: Operation,
    before: number,
    after: number,
    headers: Headers,
    from: SourceOffset,
    old: number = before,
  ): SourceRecord {
    const { table, chunk, source, position, time } = place
    const at = after === NO_ROW ? before : after
    const mark = this.#options.transactions?.event(`${table.schemaName}.${table.table}`, position) ?? null
    return {
      topic: table.topic,
      partition: null,
      key: table.key === null || at === NO_ROW ? nothing : new RowKey(table.key, chunk, at, old),
      value: new ChangeEvent(table, operation, chunk, before, after, source, position, time, old, mark),
      headers,
      timestamp: null,
      from,
    }
  }
}

/** Whether both images have the same key, as far as the log tells: what one of them does not carry has not changed. */
function sameKey(layout: RowLayout, chunk: CellChunk, before: number, after: number): boolean {
  const { slots, columns } = layout
  for (let i = 0; i < slots.length; i++) {
    const slot = slots[i] as number
    if (chunk.cells[before + slot] === UNAVAILABLE_CELL || sameCell(chunk, before + slot, after + slot))
      continue
    const column = columns[i] as Column
    if (column.constant) continue
    // An old image without this column stands for the column's fallback, which may be the very value.
    const absent = (chunk.cells[before + slot] as number) < 0
    if (!absent || column.type.schema.optional) return false
    const [old, now] = [new RowKey(layout, chunk, before), new RowKey(layout, chunk, after)]
    return isDeepStrictEqual(fieldsOf(old), fieldsOf(now))
  }
  return true
}

function fieldsOf(key: RowKey): readonly unknown[] {
  const value = key.value()
  return value instanceof Struct ? value.values : [value]
}

function sameRow(layout: RowLayout, chunk: CellChunk, before: number, after: number): boolean {
  const { slots } = layout
  for (let i = 0; i < slots.length; i++) {
    const slot = slots[i] as number
    if (!sameCell(chunk, before + slot, after + slot)) return false
  }
  return true
}

function sameCell(chunk: CellChunk, old: number, now: number): boolean {
  const { bytes, cells } = chunk
  const [oldFrom, oldTo] = [cells[old] as number, cells[old + 1] as number]
  const [nowFrom, nowTo] = [cells[now] as number, cells[now + 1] as number]
  if (nowFrom === UNAVAILABLE_CELL) return true
  if (oldFrom < 0 || nowFrom < 0) return oldFrom === NULL_CELL && nowFrom === NULL_CELL
  return bytes.compare(bytes, nowFrom, nowTo, oldFrom, oldTo) === 0
}
