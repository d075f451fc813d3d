/**
 * Which column of a table's definition each cell of a row belongs to. The log's rows are held against the definition:
 * their number of columns and, as far as binlog_row_metadata tells them, names and signs. What contradicts it is an
 * error, so that no value ever appears under the name of another column. A character set that the log tells is the one
 * in which the row's text is written, whatever the definition says.
 */
import { charsetOfCollation } from '../charsets/collations.ts'
import { canonicalType, type DeclaredColumn } from '../column-types/declared-column.ts'
import { type Column, declaredColumn, type Dialect, type Table, type TableId } from '../ddl/index.ts'
import { columnTypes, eventColumnName } from '../decode/log-columns.ts'
import type { LogColumn, TableMap } from '../decode/table-map.ts'
import { DecodeError } from '#errors'
import { pathOf } from './capture.ts'

export interface RowColumn {
  readonly column: Column
  readonly declared: DeclaredColumn
  /** Its place in the row. */
  readonly cell: number
  /** null: of a query's row. */
  readonly logged: LogColumn | null
}

/** Of a SELECT of these columns. */
export function selectedColumns(table: Table, wanted: (name: string) => boolean): readonly RowColumn[] {
  return table.columns
    .filter(({ recordedName }) => wanted(recordedName))
    .map((column, cell) => ({ column, declared: declaredColumn(column), cell, logged: null }))
}

export function loggedColumns(map: TableMap, table: Table, server: Dialect['server']): readonly RowColumn[] {
  const { id, columns } = table
  const cells = server === 'mariadb' ? toldCells(map, columns) : [...map.columns.keys()]
  if (cells.length !== columns.length)
    throw contradiction(
      id,
      `The history has ${columns.length} columns (${columns.map(({ name }) => name).join(', ')}), the log ${shownColumns(map)}.`,
    )
  return columns.map((column, index) => {
    const cell = cells[index] as number
    const logged = map.columns[cell] as LogColumn
    const declared = declaredColumn(column)
    if (contradicts(column, declared, logged))
      throw contradiction(
        id,
        `Column ${index + 1} is ${column.name} ${column.typeName} in the history, and ${shownColumn(logged)} in the log.`,
      )
    return { column, declared: { ...declared, charset: charsetOf(declared, logged) }, cell, logged }
  })
}

const untoldNames = /^(?:row_start|row_end|DB_ROW_HASH_\d+)$/i
const untoldTypes: readonly number[] = [columnTypes.TIMESTAMP2, columnTypes.LONGLONG]

/**
 * MariaDB's rows have columns that no definition tells: those of implicit system versioning, and the hashes of long unique
 * keys. Where the log has no names, they are the last ones beyond the definition, if they are of the types of such.
 */
export function toldCells({ columns: logged }: TableMap, columns: readonly Column[]): readonly number[] {
  const all = [...logged.keys()]
  if (logged.length <= columns.length) return all
  const names = new Set(columns.map(({ name }) => name.toLowerCase()))
  return all.filter((cell) => {
    const { name, type } = logged[cell] as LogColumn
    if (name !== null) return !untoldNames.test(name) || names.has(name.toLowerCase())
    return cell < columns.length || !untoldTypes.includes(type)
  })
}

const signed = new Set(['TINYINT', 'SMALLINT', 'MEDIUMINT', 'INT', 'BIGINT'])

function contradicts(column: Column, declared: DeclaredColumn, logged: LogColumn): boolean {
  if (logged.name !== null && logged.name.toLowerCase() !== column.name.toLowerCase()) return true
  const { type, unsigned } = canonicalType(declared.declaredType)
  return logged.unsigned !== null && signed.has(type) && logged.unsigned !== unsigned
}

function charsetOf({ charset }: DeclaredColumn, { collation }: LogColumn): string | null {
  if (charset === null || collation === null) return charset
  const logged = charsetOfCollation(collation)
  return logged === null || logged === 'binary' ? charset : logged
}

function shownColumns({ columns }: TableMap): string {
  const names = columns.flatMap(({ name }) => name ?? [])
  return names.length === 0 ? `${columns.length}` : `${columns.length} (${names.join(', ')})`
}

function shownColumn(column: LogColumn): string {
  const sign = column.unsigned === true ? ' UNSIGNED' : ''
  return `${column.name === null ? '' : `${column.name} `}${eventColumnName(column)}${sign}`
}

/** The schema history and the log do not agree on a table. */
export class InconsistentTableError extends DecodeError {
  /** The message without what to do. */
  readonly what: string

  constructor(what: string, cause?: unknown) {
    super(what, { remedy, ...(cause === undefined ? {} : { cause }) })
    this.what = what
  }
}

const remedy =
  'Take the definitions of all tables anew with snapshot.mode=recovery, if none was altered since the stored offset, else take a new snapshot; or pass over the events of such tables with inconsistent.schema.handling.mode=warn or skip.'

export function unknownTable(id: TableId): InconsistentTableError {
  return new InconsistentTableError(
    `The table ${pathOf(id)} is captured, but the schema history does not know it.`,
  )
}

export function contradiction(id: TableId, what: string, cause?: unknown): InconsistentTableError {
  return new InconsistentTableError(
    `The schema history does not fit the log at the table ${pathOf(id)}. ${what}`,
    cause,
  )
}
