export { type CellChunk, NO_ROW, NULL_CELL, UNAVAILABLE_CELL } from './cells.ts'
export {
  ChangeEvent,
  type Operation,
  processingTime,
  RowKey,
  type SnapshotMarker,
  type SourceBlock,
} from './change-event.ts'
export type { CellReader, Column, ColumnType } from './column.ts'
export { type RowLayout, type TableShape, type TableVersion, tableVersion } from './table.ts'
