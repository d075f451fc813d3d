/**
 * ALTER TABLE, applied to a table's definition as the servers do it, whatever the order of its clauses: clauses name
 * columns as they were before the statement; what stays is dropped, changed and renamed in its place; then the added and
 * the moved columns find their places, in the order of their clauses; then the keys follow, dropped ones first.
 *
 * A clause of a column that is not there is an error: the server took it, so the table is not as it is known here.
 */
import { DecodeError } from '#errors'
import { type TableContext, withUniqueKey } from './created-table.ts'
import { makeColumn, withDefault, withoutDefault } from './make-column.ts'
import type { AlterAction, Place } from './statement.ts'
import { type Column, sameName, type Table, withKey, withNotNull, withoutKey } from './table.ts'

type Action<Name extends AlterAction['action']> = Extract<AlterAction, { action: Name }>

/** A column of the table that is being made; `before`: the name of the one that it was, null for an added one. */
interface Entry {
  readonly before: string | null
  readonly column: Column
}

/** `databaseCharset`: what DEFAULT means where a character set is told. Renames of the table are not made here. */
export function alteredTable(
  table: Table,
  actions: readonly AlterAction[],
  context: TableContext,
  databaseCharset: string | null,
): Table {
  const charset = tableCharset(table, actions, databaseCharset)
  const entries = alteredColumns(table, actions, { ...context, charset, isAltered: true })
  const comment = actions.findLast((action): action is Action<'comment'> => action.action === 'comment')
  const conversion = actions.findLast((action): action is Action<'convert'> => action.action === 'convert')
  const columns = entries.map(({ column }) => column)
  const after = {
    ...table,
    charset,
    comment: comment?.comment ?? table.comment,
    columns: conversion === undefined ? columns : converted(columns, conversion.charset ?? databaseCharset),
  }
  return withKeys(after, table, entries, actions)
}

function tableCharset(
  table: Table,
  actions: readonly AlterAction[],
  databaseCharset: string | null,
): string | null {
  const told = actions.findLast(
    (action): action is Action<'charset' | 'convert'> =>
      action.action === 'charset' || action.action === 'convert',
  )
  if (told === undefined) return table.charset
  return told.charset === null || told.charset === 'default' ? databaseCharset : told.charset
}

type MakeContext = Parameters<typeof makeColumn>[1]

function alteredColumns(
  table: Table,
  actions: readonly AlterAction[],
  context: MakeContext,
): readonly Entry[] {
  let entries: readonly Entry[] = table.columns.map((column) => ({ before: column.name, column }))
  for (const action of actions) {
    const column = alteredColumn(action)
    if (column !== null && !table.columns.some(({ name }) => sameName(name, column)))
      throw unknownColumn(table, column)
    entries = alteredInPlace(entries, action, context)
  }
  for (const action of actions)
    if (!isThere(action, table, entries)) entries = placed(entries, action, context, table)
  return entries
}

/** The column that a clause takes for granted. */
function alteredColumn(action: AlterAction): string | null {
  switch (action.action) {
    case 'drop':
    case 'set-default':
      return action.ifExists ? null : action.column
    case 'change':
    case 'rename-column':
      return action.ifExists ? null : action.from
    default:
      return null
  }
}

function unknownColumn({ id }: Table, column: string): DecodeError {
  return new DecodeError(
    `The log has a statement that alters the column ${column} of ${id.database}.${id.table}, which the schema history does not know.`,
    {
      remedy:
        'The history does not fit the log: take a new one with snapshot.mode=recovery, or a new snapshot.',
    },
  )
}

function alteredInPlace(
  entries: readonly Entry[],
  action: AlterAction,
  context: MakeContext,
): readonly Entry[] {
  switch (action.action) {
    case 'drop':
      return entries.filter(({ before }) => before === null || !sameName(before, action.column))
    case 'change':
      return replaced(entries, action.from, () => makeColumn(action.definition, context))
    case 'rename-column':
      return replaced(entries, action.from, (column) => ({
        ...column,
        name: action.to,
        recordedName: action.to.replaceAll('`', '``'),
      }))
    case 'set-default': {
      const clause = action.default
      return replaced(entries, action.column, (column) =>
        clause === null ? withoutDefault(column) : withDefault(column, clause),
      )
    }
    default:
      return entries
  }
}

function replaced(
  entries: readonly Entry[],
  name: string,
  replacement: (column: Column) => Column,
): readonly Entry[] {
  const index = entries.findIndex(({ before }) => before !== null && sameName(before, name))
  const entry = entries[index]
  return entry === undefined ? entries : entries.with(index, { ...entry, column: replacement(entry.column) })
}

/** ADD COLUMN IF NOT EXISTS of a column that the table had, be it dropped by the same statement, or was given. */
function isThere(action: AlterAction, table: Table, entries: readonly Entry[]): boolean {
  if (action.action !== 'add' || !action.ifNotExists) return false
  const { name } = action.definition
  return (
    table.columns.some((column) => sameName(column.name, name)) ||
    entries.some(({ column }) => sameName(column.name, name))
  )
}

function placed(
  entries: readonly Entry[],
  action: AlterAction,
  context: MakeContext,
  table: Table,
): readonly Entry[] {
  if (action.action === 'add') {
    const column = makeColumn(action.definition, context)
    return inserted(entries, { before: null, column }, action.place, table)
  }
  if (action.action !== 'change' || action.place === null) return entries
  const index = entries.findIndex(({ before }) => before !== null && sameName(before, action.from))
  const entry = entries[index]
  return entry === undefined ? entries : inserted(entries.toSpliced(index, 1), entry, action.place, table)
}

function inserted(entries: readonly Entry[], entry: Entry, place: Place, table: Table): readonly Entry[] {
  if (place === 'first') return [entry, ...entries]
  if (place === 'last') return [...entries, entry]
  const index = entries.findIndex(({ column }) => sameName(column.name, place.after))
  if (index < 0) throw unknownColumn(table, place.after)
  return entries.toSpliced(index + 1, 0, entry)
}

function converted(columns: readonly Column[], charset: string | null): readonly Column[] {
  return columns.map((column) =>
    column.charset === null || column.charset === 'binary' ? column : { ...column, charset },
  )
}

function withKeys(
  after: Table,
  before: Table,
  entries: readonly Entry[],
  actions: readonly AlterAction[],
): Table {
  const isDropped = actions.some(({ action }) => action === 'drop-primary-key')
  const kept = before.key.flatMap((name) => {
    // A column that is dropped and added anew stays in its keys.
    const entry =
      entries.find((each) => each.before === name) ??
      entries.find((each) => each.before === null && sameName(each.column.name, name))
    return entry === undefined ? [] : [entry.column.name]
  })
  let table = isDropped ? withoutKey(after) : withKey(after, kept, before.keyIsPrimary)
  for (const action of actions) {
    if ((action.action === 'add' || action.action === 'change') && action.definition.key === 'primary')
      table = withKey(table, [action.definition.name], true)
    else if (action.action === 'period') table = withNotNull(table, action.columns)
    else if (action.action === 'key')
      table =
        action.key.kind === 'primary'
          ? withKey(table, action.key.columns, true)
          : withUniqueKey(table, action.key)
  }
  return table
}
