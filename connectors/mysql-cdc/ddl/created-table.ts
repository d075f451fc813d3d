/** CREATE TABLE, and which of its keys becomes the table's. */
import type { ColumnDefinition } from './column-definition.ts'
import { type ColumnContext, makeColumn } from './make-column.ts'
import type { Key, TableElement } from './statement.ts'
import { type Column, isUniqueKey, type Table, type TableId, withKey, withNotNull } from './table.ts'

export type TableContext = Omit<ColumnContext, 'charset' | 'isAltered'>

export interface Creation {
  readonly id: TableId
  readonly charset: string | null
  readonly comment: string | null
  readonly elements: readonly TableElement[]
}

export function createdTable({ id, charset, comment, elements }: Creation, context: TableContext): Table {
  const columns: Column[] = []
  const keys: Key[] = []
  for (const element of elements) {
    if (element.element === 'key') keys.push(element.key)
    if (element.element !== 'column') continue
    const { definition } = element
    columns.push(makeColumn(definition, { ...context, charset, isAltered: false }))
    if (definition.key !== null) keys.push({ kind: definition.key, columns: [definition.name] })
  }
  const inline = elements.flatMap((element) => (element.element === 'column' ? [element.definition] : []))
  const table: Table = { id, charset, key: [], keyIsPrimary: false, columns, comment }
  const periods = elements.flatMap((element) => (element.element === 'period' ? element.columns : []))
  return keyed(withNotNull(table, periods), keys, inline)
}

/** The primary key, or the first unique one: inline ones count even where they are nullable, as in Debezium. */
function keyed(table: Table, keys: readonly Key[], inline: readonly ColumnDefinition[]): Table {
  const primary = keys.find(({ kind }) => kind === 'primary')
  if (primary !== undefined) return withKey(table, primary.columns, true)
  const first = inline.find(({ key }) => key === 'unique')
  if (first !== undefined) return withKey(table, [first.name], false)
  const unique = keys.find(({ columns }) => isUniqueKey(table, columns))
  return unique === undefined ? table : withKey(table, unique.columns, false)
}

/** A unique key becomes the table's where it has none, if none of its columns is nullable. */
export function withUniqueKey(table: Table, { columns }: Key): Table {
  return table.key.length === 0 && isUniqueKey(table, columns) ? withKey(table, columns, false) : table
}
