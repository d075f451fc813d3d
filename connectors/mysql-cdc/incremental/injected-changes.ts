/**
 * What `schema-changes` says that tables look like, in the form of the schema history:
 *
 *   {"database": name, "changes": [{"type": "CREATE" | "ALTER" | "DROP", "id": "\\"database\\".\\"table\\"", "table": {…}}, …]}
 */
import { type Signal, SignalProblem } from '#cdc'
import type { SourceOffset } from '#data'
import { messageOf } from '#errors'
import { readTableChange, type TableChange } from '../history/index.ts'

export interface InjectedChanges {
  readonly database: string
  readonly changes: readonly TableChange[]
  /** Where the signal stands in the log, or where the stream was when it came. */
  readonly at: SourceOffset
}

export function injectedChanges({ data }: Signal, at: SourceOffset): InjectedChanges {
  const { database, changes } = data
  if (typeof database !== 'string' || database === '') throw new SignalProblem('it names no database')
  if (!Array.isArray(changes) || changes.length === 0) throw new SignalProblem('it has no changes')
  try {
    return { database, changes: changes.map(readTableChange), at }
  } catch (error) {
    throw new SignalProblem(`its changes cannot be read: ${messageOf(error)}`)
  }
}
