/**
 * Tables as their definitions say, in the terms of Debezium's schema history. Columns and tables are values: whatever
 * changes one makes another.
 */
import type { DefaultLiteral } from '../column-types/default-literal.ts'

export interface TableId {
  readonly database: string
  readonly table: string
}

export interface Column {
  readonly name: string
  /** As Debezium writes the name: it leaves back quotes doubled that ALTER TABLE names. */
  readonly recordedName: string
  readonly jdbcType: number
  /** In capitals, with UNSIGNED, SIGNED, ZEROFILL and BINARY behind it. */
  readonly typeName: string
  readonly length: number | null
  readonly scale: number | null
  /** Null for a type without characters. */
  readonly charset: string | null
  readonly optional: boolean
  /** Also, as Debezium has it on MySQL: set to the current time when the row is updated. */
  readonly autoIncremented: boolean
  /** False: an insert must name the column. */
  readonly hasDefault: boolean
  readonly default: DefaultLiteral | null
  /** The default as the history has it. */
  readonly defaultExpression: string | null
  /** Of ENUM and SET: with their quotes and escapes. */
  readonly labels: readonly string[]
  readonly comment: string | null
  /** Of a system-versioned table of MariaDB: until when the row was the current one. */
  readonly isRowEnd: boolean
}

export interface Table {
  readonly id: TableId
  readonly charset: string | null
  /** The primary key, or the first unique one of columns that are not null. */
  readonly key: readonly string[]
  /** The key is the primary one, whose columns are not null; of a table out of a history as far as its columns tell. */
  readonly keyIsPrimary: boolean
  readonly columns: readonly Column[]
  readonly comment: string | null
}

export function sameName(a: string, b: string): boolean {
  return a === b || a.toLowerCase() === b.toLowerCase()
}

function columnIndex(columns: readonly Column[], name: string): number {
  return columns.findIndex((column) => sameName(column.name, name))
}

/** With this key; what is in a primary key is not null. */
export function withKey(table: Table, names: readonly string[], keyIsPrimary: boolean): Table {
  const key = names.map((name) => table.columns[columnIndex(table.columns, name)]?.name ?? name)
  return { ...(keyIsPrimary ? withNotNull(table, key) : table), key, keyIsPrimary }
}

export function withoutKey(table: Table): Table {
  return { ...table, key: [], keyIsPrimary: false }
}

export function withNotNull(table: Table, names: readonly string[]): Table {
  const columns = table.columns.map((column) =>
    column.optional && names.some((name) => sameName(name, column.name))
      ? { ...column, optional: false, hasDefault: column.defaultExpression !== null }
      : column,
  )
  return { ...table, columns }
}

/** Whether a unique key of these columns tells rows apart: none of them is nullable. */
export function isUniqueKey(table: Table, names: readonly string[]): boolean {
  return names.every((name) => {
    const column = table.columns[columnIndex(table.columns, name)]
    return column !== undefined && !column.optional
  })
}
