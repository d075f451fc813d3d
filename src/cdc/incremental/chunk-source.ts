/** What an incremental snapshot needs of a database: the rows of a table in parts, and marks in the log around them. */
import type { CellChunk } from '../cells.ts'
import type { ChangeEvent, SourceBlock } from '../change-event.ts'
import type { TableVersion } from '../table.ts'
import type { SnapshotTable } from './incremental-offset.ts'
import type { Key } from './java-object.ts'

/** One row, and where it is in the order that the table is read in. */
export interface ChunkRow {
  readonly version: TableVersion
  readonly chunk: CellChunk
  readonly at: number
  readonly key: Key
}

export interface ChunkSource {
  /**
   * The columns by which the table is read: its surrogate key, else the key of its records. null: no such table is
   * captured; empty: it has none, or no records of its rows could tell which is which.
   */
  keyColumns(table: SnapshotTable): readonly string[] | null
  /** Of the rows that fulfil the condition; null: there are none. */
  maximumKey(table: SnapshotTable): Promise<Key | null>
  /** The next rows behind `after` up to `maximum`, in order; at least `limit` where there are so many. */
  chunk(table: SnapshotTable, after: Key | null, maximum: Key, limit: number): Promise<readonly ChunkRow[]>
  /** Whether the same may succeed later: the connection was lost. */
  isPassing(error: unknown): boolean
}

export type WindowEdge = 'open' | 'close'

/** Marks in the log, by which the stream knows what it has to hold the rows of a chunk against. */
export interface Watermarks {
  /** Sets the mark; everything that committed before is in front of it in the log. */
  set(window: string, edge: WindowEdge): Promise<void>
  /** Whether this change of a signal table is that mark. */
  isMark(event: ChangeEvent, window: string, edge: WindowEdge): boolean
  /** Whether all that is in front of the mark set last has been given out, where no change tells it. */
  passed(): boolean
}

/** Where released rows say that they come from. `mark`: the change that closed the window, if a change did. */
export type RowOrigin = (mark: ChangeEvent | null) => {
  readonly source: SourceBlock
  readonly position: number
}
