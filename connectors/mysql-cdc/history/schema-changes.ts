/**
 * From what a statement changed to what is told of it: one record per part of the statement, as Debezium divides it, for
 * the schema history and for the topic of schema changes.
 */
import type { Catalog, Change, TableId } from '../ddl/index.ts'
import type { TableChange } from './table-json.ts'

export interface SchemaChange {
  readonly databaseName: string
  /** null: no statement told it (the signal `schema-changes`). */
  readonly ddl: string | null
  /** `source.table`: the tables of the whole statement, empty for one that shapes none, null for databases. */
  readonly sourceTable: string | null
  /** The table that it is about; null: none that is known. */
  readonly table: TableId | null
  readonly tableChanges: readonly TableChange[]
}

/** Which tables are captured, and whether DDL of others is kept. */
export interface CaptureFilter {
  /** schema.history.internal.store.only.captured.tables.ddl */
  readonly onlyTables: boolean
  /** schema.history.internal.store.only.captured.databases.ddl */
  readonly onlyDatabases: boolean
  hasDatabase(name: string): boolean
  hasTable(id: TableId): boolean
}

/** Statements of a log that are none of its DDL. */
const transactional = new Set(['BEGIN', 'END', 'COMMIT', 'FLUSH PRIVILEGES'])

export function isTransactional(sql: string): boolean {
  return transactional.has(sql.toUpperCase())
}

/** `catalog`: after the statement. TRUNCATE is told as an event of its table, not here. */
export function schemaChanges(
  sql: string,
  databaseName: string,
  changes: readonly Change[],
  catalog: Catalog,
  filter: CaptureFilter,
): readonly SchemaChange[] {
  if (
    filter.onlyTables &&
    !isGlobalSet(sql, databaseName) &&
    !changes.some((change) => isCaptured(change, filter))
  )
    return []
  const found =
    changes.length === 0
      ? [{ databaseName, ddl: sql, sourceTable: '', table: null, tableChanges: [] }]
      : groups(changes).flatMap((group) => groupChanges(group, catalog, filter))
  return found.filter(
    (change) =>
      !filter.onlyDatabases || change.databaseName === '' || filter.hasDatabase(change.databaseName),
  )
}

/** Whether the schema history keeps it. */
export function isRecorded(change: SchemaChange, filter: CaptureFilter): boolean {
  if (!filter.onlyTables || isGlobalSet(change.ddl, change.databaseName)) return true
  return change.table !== null && filter.hasTable(change.table)
}

function isGlobalSet(sql: string | null, databaseName: string): boolean {
  return databaseName === '' && sql !== null && /^set /i.test(sql)
}

function isCaptured(change: Change, filter: CaptureFilter): boolean {
  return change.kind === 'database' ? filter.hasDatabase(change.database) : filter.hasTable(change.id)
}

function databaseOf(change: Change): string {
  return change.kind === 'database' ? change.database : change.id.database
}

/** Neighbours of one database. */
function groups(changes: readonly Change[]): readonly (readonly Change[])[] {
  const found: Change[][] = []
  for (const change of changes) {
    const group = found.at(-1)
    if (group !== undefined && databaseOf(group[0] as Change) === databaseOf(change)) group.push(change)
    else found.push([change])
  }
  return found
}

function groupChanges(group: readonly Change[], catalog: Catalog, filter: CaptureFilter): SchemaChange[] {
  const databaseName = databaseOf(group[0] as Change)
  if (filter.onlyTables && databaseName !== '' && !filter.hasDatabase(databaseName)) return []
  const ids = group.flatMap((change) => (change.kind === 'database' ? [] : [change.id]))
  const sourceTable = ids.length === 0 ? null : inHashOrder(ids).join(',')
  return group
    .filter(({ kind }) => kind !== 'truncate')
    .map((change) => {
      const changed = tableChange(change, catalog)
      return {
        databaseName,
        ddl: change.ddl,
        sourceTable,
        table: changed?.id ?? null,
        tableChanges: changed === null ? [] : [changed],
      }
    })
}

function tableChange(change: Change, catalog: Catalog): TableChange | null {
  if (change.kind === 'drop') return { type: 'DROP', id: change.id, previousId: null, table: null }
  if (change.kind !== 'create' && change.kind !== 'alter') return null
  const table = catalog.get(change.id)
  if (table === null) return null
  return change.kind === 'alter'
    ? { type: 'ALTER', id: change.id, previousId: change.previous, table }
    : { type: 'CREATE', id: change.id, previousId: null, table }
}

/** Names in the order of a hash set of Java. */
function inHashOrder(ids: readonly TableId[]): readonly string[] {
  const names = new Map(ids.map(({ database, table }) => [`${database}.${table}`, table]))
  let buckets = 16
  while (names.size > buckets * 0.75) buckets *= 2
  const bucket = (name: string) => {
    const hash = javaHash(name)
    return (hash ^ (hash >>> 16)) & (buckets - 1)
  }
  return [...names].sort(([a], [b]) => bucket(a) - bucket(b)).map(([, table]) => table)
}

function javaHash(text: string): number {
  let hash = 0
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0
  return hash
}
