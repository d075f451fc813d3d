/**
 * WRITE_ROWS, UPDATE_ROWS and DELETE_ROWS, versions 1 and 2, PARTIAL_UPDATE_ROWS, and MariaDB's compressed forms. Values
 * are not touched; a row becomes ranges in a slab.
 *
 *   body   := tableId:6 flags:2 extra? count:packed present present? rows
 *   extra  := size:2 …                        version 2; the size counts itself
 *   present:= a bit per column, lowest first: the columns in the row images (before, after)
 *   rows   := (image | before after)*         compressed in MariaDB's compressed events, see compressed.ts
 *   image  := null cell*                      null: a bit per present column, lowest first
 *   cell   := bytes, or a length and so many bytes, as the table map says
 *
 * In PARTIAL_UPDATE_ROWS an after image begins with options:packed, and if bit 0 of it is set, a bit per JSON column of
 * the table: those with the bit have a list of differences in place of their value, see partial-update.ts.
 */
import { type CellSlab, NO_ROW, NULL_CELL, UNAVAILABLE_CELL } from '#cdc'
import { DecodeError } from '#errors'
import { decompress } from './compressed.ts'
import { EventReader } from './event-reader.ts'
import { eventName, eventType as E } from './event-types.ts'
import type { TableMap } from './table-map.ts'

export type RowOperation = 'insert' | 'update' | 'delete'

/** One rows event whose rows have not been read. */
export interface RowsEvent {
  readonly operation: RowOperation
  readonly tableId: number
  /** No further rows event belongs to the statement. */
  readonly endsStatement: boolean
  readonly columns: number
  /** Of images before the change; of the one image of an insert or a delete. */
  readonly present: Presence
  /** Of images after an update. */
  readonly presentAfter: Presence
  readonly partial: boolean
  /** What the rows are in: the chunk that was read, or what was decompressed. A slab of these bytes takes the rows. */
  readonly bytes: Buffer
  readonly from: number
  readonly to: number
}

/** Which columns an image has; null: all of them. */
export type Presence = Uint8Array | null

interface RowsKind {
  readonly operation: RowOperation
  readonly version: 1 | 2
  readonly compressed?: true
  readonly partial?: true
}

const kinds = new Map<number, RowsKind>([
  [E.WRITE_ROWS_V1, { operation: 'insert', version: 1 }],
  [E.UPDATE_ROWS_V1, { operation: 'update', version: 1 }],
  [E.DELETE_ROWS_V1, { operation: 'delete', version: 1 }],
  [E.WRITE_ROWS, { operation: 'insert', version: 2 }],
  [E.UPDATE_ROWS, { operation: 'update', version: 2 }],
  [E.DELETE_ROWS, { operation: 'delete', version: 2 }],
  [E.PARTIAL_UPDATE_ROWS, { operation: 'update', version: 2, partial: true }],
  [E.MARIADB_WRITE_ROWS_COMPRESSED_V1, { operation: 'insert', version: 1, compressed: true }],
  [E.MARIADB_UPDATE_ROWS_COMPRESSED_V1, { operation: 'update', version: 1, compressed: true }],
  [E.MARIADB_DELETE_ROWS_COMPRESSED_V1, { operation: 'delete', version: 1, compressed: true }],
  [E.MARIADB_WRITE_ROWS_COMPRESSED, { operation: 'insert', version: 2, compressed: true }],
  [E.MARIADB_UPDATE_ROWS_COMPRESSED, { operation: 'update', version: 2, compressed: true }],
  [E.MARIADB_DELETE_ROWS_COMPRESSED, { operation: 'delete', version: 2, compressed: true }],
])

const endOfStatement = 0x01

/** Reads all of the event but its rows; null if the type is none of rows. */
export function decodeRowsHead(type: number, bytes: Buffer, from: number, to: number): RowsEvent | null {
  const kind = kinds.get(type)
  if (kind === undefined) return null
  const reader = new EventReader(bytes, from, to, eventName(type))
  const tableId = reader.uint48()
  const flags = reader.uint16()
  if (kind.version === 2) reader.take(reader.uint16() - 2)
  const columns = reader.packed()
  const present = presence(reader, columns)
  const presentAfter = kind.operation === 'update' ? presence(reader, columns) : present
  const head = {
    operation: kind.operation,
    tableId,
    endsStatement: (flags & endOfStatement) !== 0,
    columns,
    present,
    presentAfter,
    partial: kind.partial === true,
  }
  if (kind.compressed === undefined) return { ...head, bytes, from: reader.at, to }
  const rows = decompress(reader)
  return { ...head, bytes: rows, from: 0, to: rows.length }
}

function presence(reader: EventReader, columns: number): Presence {
  const { bytes } = reader
  const at = reader.take((columns + 7) >> 3)
  for (let i = 0; i < columns; i++)
    if (((bytes[at + (i >> 3)] as number) & (1 << (i & 7))) === 0)
      return Uint8Array.from(bytes.subarray(at, reader.at))
  return null
}

export interface RowSink {
  /** Rows as where they start in the slab's `cells`, NO_ROW for none. */
  row(before: number, after: number): void
}

/** Throws unless the table map describes the rows of the event. */
export function checkColumns(event: RowsEvent, table: TableMap): void {
  if (event.columns !== table.columns.length)
    throw new DecodeError(
      `Rows of ${table.schema}.${table.table} have ${event.columns} columns, its table map has ${table.columns.length}.`,
    )
}

/** Notes the cells of all rows of an event that is not partial; `slab` is one of `event.bytes`. */
export function decodeRows(event: RowsEvent, table: TableMap, slab: CellSlab, sink: RowSink): void {
  checkColumns(event, table)
  const { operation, from, to, present, presentAfter } = event
  const columns = table.columns.length
  let at = from
  // A row of defaults only (binlog_row_image=MINIMAL) takes no bytes: there is one in such an event.
  do {
    const start = at
    const first = slab.reserve(columns)
    at = decodeImage(slab, at, to, first, table, present)
    if (operation === 'insert') sink.row(NO_ROW, first)
    else if (operation === 'delete') sink.row(first, NO_ROW)
    else {
      const second = slab.reserve(columns)
      at = decodeImage(slab, at, to, second, table, presentAfter)
      sink.row(first, second)
    }
    if (at === start && at < to) throw malformed(table, 'a row of at least one column')
  } while (at < to)
}

/** Notes the cells of the image at `at`; returns where it ends. */
export function decodeImage(
  slab: CellSlab,
  at: number,
  to: number,
  row: number,
  table: TableMap,
  present: Presence,
): number {
  const end =
    present === null
      ? denseImage(slab, at, row, table.widths)
      : sparseImage(slab, at, row, table.widths, present)
  // A length that is far too large may have wrapped around.
  if (end > to || end < at) throw malformed(table, 'more bytes')
  return end
}

/** May run behind the event's end, or the chunk's: the caller looks. What is there reads as undefined, so as 0. */
function denseImage(slab: CellSlab, at: number, row: number, widths: Int32Array): number {
  const { bytes, cells } = slab
  const columns = widths.length
  let position = (at + ((columns + 7) >> 3)) | 0
  for (let i = 0, cell = row; i < columns; i++, cell += 2) {
    if (((bytes[at + (i >> 3)] as number) & (1 << (i & 7))) !== 0) {
      cells[cell] = NULL_CELL
      cells[cell + 1] = NULL_CELL
      continue
    }
    const width = widths[i] as number
    let size = width
    if (width < 0) {
      size = lengthAt(bytes, position, width)
      position = (position - width) | 0
    }
    cells[cell] = position
    position = (position + size) | 0
    cells[cell + 1] = position
  }
  return position
}

function sparseImage(
  slab: CellSlab,
  at: number,
  row: number,
  widths: Int32Array,
  present: Uint8Array,
): number {
  const { bytes, cells } = slab
  let count = 0
  for (let i = 0; i < widths.length; i++) if (isPresent(present, i)) count++
  let position = at + ((count + 7) >> 3)
  for (let i = 0, bit = 0, cell = row; i < widths.length; i++, cell += 2) {
    const absent = !isPresent(present, i)
    const isNull = !absent && ((bytes[at + (bit >> 3)] as number) & (1 << (bit & 7))) !== 0
    if (!absent) bit++
    if (absent || isNull) {
      cells[cell] = absent ? UNAVAILABLE_CELL : NULL_CELL
      cells[cell + 1] = cells[cell] as number
      continue
    }
    const width = widths[i] as number
    const size = width < 0 ? lengthAt(bytes, position, width) : width
    position = (position + (width < 0 ? -width : 0)) | 0
    cells[cell] = position
    position = (position + size) | 0
    cells[cell + 1] = position
  }
  return position
}

/** The length in as many bytes as `width` says, negated; one of 2^31 and more is too long, as is the largest below. */
function lengthAt(bytes: Uint8Array, at: number, width: number): number {
  const first = bytes[at] as number
  if (width === -1) return first | 0
  const two = first | ((bytes[at + 1] as number) << 8)
  if (width === -2) return two
  const three = two | ((bytes[at + 2] as number) << 16)
  if (width === -3) return three
  const four = three | ((bytes[at + 3] as number) << 24)
  return four < 0 ? 0x7fffffff : four
}

export function isPresent(present: Presence, column: number): boolean {
  return present === null || ((present[column >> 3] as number) & (1 << (column & 7))) !== 0
}

export function malformed(table: TableMap, expected: string): DecodeError {
  return new DecodeError(
    `A rows event of ${table.schema}.${table.table} is malformed: expected ${expected} at the end of a row.`,
  )
}
