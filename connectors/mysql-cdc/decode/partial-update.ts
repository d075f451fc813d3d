/**
 * Rows of PARTIAL_UPDATE_ROWS: like those of UPDATE_ROWS once the differences are applied. The new documents stand
 * behind the event's rows in bytes of their own.
 */
import { type CellChunk, CellSlab, UNAVAILABLE_CELL } from '#cdc'
import { EventReader } from './event-reader.ts'
import { applyJsonDiff } from './json-diff.ts'
import { columnTypes } from './log-columns.ts'
import { checkColumns, decodeImage, isPresent, malformed, type RowSink, type RowsEvent } from './rows.ts'
import type { TableMap } from './table-map.ts'

const partialJson = 1

interface Document {
  /** The cell in the after image. */
  readonly cell: number
  readonly bytes: Buffer
}

/** Notes the cells of all rows of a partial event; returns the chunk that they are in. */
export function decodePartialRows(event: RowsEvent, table: TableMap, sink: RowSink): CellChunk {
  checkColumns(event, table)
  const rows = event.bytes.subarray(event.from, event.to)
  const slab = new CellSlab(rows, table.columns.length * 8)
  const images: (readonly [before: number, after: number])[] = []
  const documents: Document[] = []
  for (let at = 0; at < rows.length; ) {
    const before = slab.reserve(table.columns.length)
    at = decodeImage(slab, at, rows.length, before, table, event.present)
    const { partial, end } = readOptions(rows, at, table)
    const after = slab.reserve(table.columns.length)
    at = decodeImage(slab, end, rows.length, after, table, event.presentAfter)
    applyDiffs(slab, table, partial, before, after, documents)
    images.push([before, after])
  }
  const chunk = withDocuments(slab, documents)
  for (const [before, after] of images) sink.row(before, after)
  return chunk
}

/** Which columns hold differences, and where the after image begins. */
function readOptions(rows: Buffer, at: number, table: TableMap): { partial: readonly number[]; end: number } {
  const reader = new EventReader(rows, at, rows.length, 'PARTIAL_UPDATE_ROWS')
  const options = reader.packed()
  if ((options & ~partialJson) !== 0) throw reader.expected('options that are known')
  if (options === 0) return { partial: [], end: reader.at }
  const bits = reader.slice((table.jsonColumns + 7) >> 3)
  const partial: number[] = []
  let bit = 0
  table.columns.forEach(({ type }, column) => {
    if (type !== columnTypes.JSON) return
    if (isPresent(bits, bit++)) partial.push(column)
  })
  return { partial, end: reader.at }
}

function applyDiffs(
  slab: CellSlab,
  table: TableMap,
  partial: readonly number[],
  before: number,
  after: number,
  documents: Document[],
): void {
  const { bytes, cells } = slab
  for (const column of partial) {
    const cell = after + column * 2
    const from = cells[cell] as number
    if (from < 0) continue
    const old = before + column * 2
    const oldFrom = cells[old] as number
    if (oldFrom === UNAVAILABLE_CELL) {
      // binlog_row_image=MINIMAL: there is nothing that the differences could be applied to.
      cells[cell] = UNAVAILABLE_CELL
      cells[cell + 1] = UNAVAILABLE_CELL
      continue
    }
    if (oldFrom < 0) throw malformed(table, 'an old document for the differences of a new one')
    const document = bytes.subarray(oldFrom, cells[old + 1])
    documents.push({ cell, bytes: applyJsonDiff(document, bytes, from, cells[cell + 1] as number) })
  }
}

function withDocuments(slab: CellSlab, documents: readonly Document[]): CellChunk {
  const { bytes, cells } = slab
  let end = bytes.length
  for (const document of documents) {
    cells[document.cell] = end
    end += document.bytes.length
    cells[document.cell + 1] = end
  }
  return { bytes: Buffer.concat([bytes, ...documents.map((document) => document.bytes)]), cells }
}
