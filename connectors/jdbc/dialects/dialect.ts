/**
 * What differs from one database to another: column types, default values, how a value is bound, and how a batch of
 * rows is written. A dialect has two type tables: `confluent` and `debezium` create different columns.
 */
import type { Schema } from '#data'
import type { Engine, SqlClient, SqlValue, TableDefinition } from '#sql'
import type { WallClock } from '../time-zone.ts'

export interface Flavour {
  /** `aiven` is Confluent's with other text columns in MySQL. */
  readonly types: 'confluent' | 'aiven' | 'debezium'
  /** What the wall clock shows where timestamps without zone are written (`db.timezone`). */
  readonly clock: WallClock
  /** Likewise for Connect's Date (`date.timezone`). */
  readonly dateClock: WallClock
}

/** A column as records want it. */
export interface WantedColumn {
  readonly name: string
  readonly schema: Schema
  readonly key: boolean
}

/** A bound value in the dialect's own form: see `Dialect.binder`. */
export type Cell = SqlValue
export type Binder = (value: unknown) => Cell

/** A column that is written, with its place in the target. */
export interface TargetColumn {
  readonly wanted: WantedColumn
  /** As the database spells it. */
  readonly name: string
  /** Of the target column: `ColumnDefinition.base`. */
  readonly base: string
  /** The array element type that unnest takes it in, and whether it is cast to `base` afterwards (PostgreSQL). */
  readonly bind: Binder
}

export type WriteMode = 'insert' | 'upsert' | 'update' | 'delete'

export interface Batch {
  readonly mode: WriteMode
  readonly table: TableDefinition
  /** Key columns first; deletes have only those. */
  readonly columns: readonly TargetColumn[]
  readonly keys: number
  /** `DO UPDATE` leaves the other columns alone: a new row would lack a value that nobody knows. */
  readonly rows: readonly (readonly Cell[])[]
}

export interface Dialect {
  readonly engine: Engine
  /** The type of a new column; throws a DataError that says what to do where there is none. */
  columnType(column: WantedColumn, flavour: Flavour): string
  /** The value after DEFAULT, or null where this database takes no default for such a column. */
  defaultLiteral(client: SqlClient, column: WantedColumn, flavour: Flavour): string | null
  /** `base` is the target column's type. */
  binder(schema: Schema, base: string, flavour: Flavour): Binder
  /** `ALTER TABLE …`, one text per statement to run. */
  addColumns(table: string, definitions: readonly string[]): readonly string[]
  /** Writes the rows, in order where a key repeats; the number of rows affected. */
  write(client: SqlClient, batch: Batch): Promise<number>
  truncate(table: string): string
  /** Names of unquoted identifiers as the database stores them. */
  fold(identifier: string): string
}
