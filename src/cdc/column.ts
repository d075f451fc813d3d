/**
 * One captured column, and how its cells become values (invariant 6: one SQL type, one definition). A connector's
 * type table makes a `ColumnType` per column of a table version; rows of the snapshot and of the stream go through
 * the same one.
 */
import type { Schema, ValueWriter } from '#data'

/**
 * Pushes the value of one cell, `bytes[from, to)`, in the database's own form; never called for NULL. Exactly one
 * value (see ValueWriter). Bytes that do not fit the type are a DataError that says what was expected, without the
 * value.
 */
export type CellReader = (bytes: Uint8Array, from: number, to: number, writer: ValueWriter) => void

export interface ColumnType {
  /** With the column's optionality, default, and propagated parameters. */
  readonly schema: Schema
  readonly read: CellReader
  /** What stands for a NOT NULL column that an old row image leaves out: the default, else 0, "", the epoch, … */
  readonly fallback: unknown
  /** What stands for a value that the log does not carry (unchanged TOAST): a placeholder, or null. */
  readonly unavailable: unknown
  /** What stands for NULL (a mask); absent: null, or the fallback where the schema allows none. */
  readonly ofNull?: unknown
}

export interface Column {
  readonly name: string
  readonly type: ColumnType
  /** Position in the log's rows: cells of columns that are not captured are passed over. */
  readonly cell: number
  /** As the database names it; absent: as it is named here. */
  readonly sourceName?: string
  /** The same for all rows, whatever the cell holds. */
  readonly constant?: true
}
