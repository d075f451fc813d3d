/** Which tables are read, in which order, and what the server guesses of their sizes. */
import type { TableId } from '../ddl/index.ts'
import type { Client } from '../server/index.ts'
import { pathOf } from '../tables/capture.ts'
import type { PlannedTable } from './chunks.ts'
import type { SnapshotParts, SnapshotTask } from './options.ts'
import { definitionMark, keyOf } from './progress.ts'
import { inSnapshotOrder } from './structure.ts'
import type { SnapshotView } from './view.ts'

export async function planTables(
  parts: SnapshotParts,
  view: SnapshotView,
  task: Pick<SnapshotTask, 'kind' | 'tables' | 'progress'>,
): Promise<readonly PlannedTable[]> {
  const { capture, settings } = parts
  const definitions = new Map(view.structure.definitions.map((each) => [keyOf(each.id), each.statement]))
  const wanted = new Set(task.tables)
  const done = new Set(task.progress?.done.map(keyOf))
  const open = new Map(task.progress?.open.map((each) => [keyOf(each.id), each]))
  const chosen = (id: TableId) =>
    capture.table(id) &&
    settings.signalTables?.has(pathOf(id)) !== true &&
    (task.kind === 'blocking' ? wanted.has(pathOf(id)) : settings.included(pathOf(id))) &&
    !done.has(keyOf(id))
  const ids = inSnapshotOrder(view.structure.definitions.map(({ id }) => id).filter(chosen), capture)
  const estimates = await estimatedRows(view.sessions[0] as Client, ids)
  const tables = ids.map((id) => ({
    id,
    path: pathOf(id),
    estimatedRows: estimates.get(keyOf(id)) ?? null,
    definition: definitionMark(definitions.get(keyOf(id)) ?? ''),
    open: open.get(keyOf(id)) ?? null,
  }))
  return inOrderOfRows(tables, parts, task)
}

async function estimatedRows(
  client: Client,
  ids: readonly TableId[],
): Promise<ReadonlyMap<string, number | null>> {
  const databases = [...new Set(ids.map(({ database }) => database))]
  if (databases.length === 0) return new Map()
  const rows = await client.query(
    `SELECT TABLE_SCHEMA AS db, TABLE_NAME AS name, TABLE_ROWS AS guess FROM information_schema.TABLES
      WHERE TABLE_SCHEMA IN (${databases.map(() => '?').join(', ')})`,
    databases,
  )
  return new Map(
    rows.map(({ db, name, guess }) => [
      keyOf({ database: db ?? '', table: name ?? '' }),
      (guess ?? null) === null ? null : Number(guess),
    ]),
  )
}

/** As Debezium, which does not guess how many rows a statement of the user gives. */
function inOrderOfRows(
  tables: readonly PlannedTable[],
  { settings }: SnapshotParts,
  { kind }: Pick<SnapshotTask, 'kind'>,
): readonly PlannedTable[] {
  const { rowCountOrder, selects } = settings
  if (rowCountOrder === 'disabled') return tables
  const sign = rowCountOrder === 'ascending' ? 1 : -1
  const rows = ({ path, estimatedRows }: PlannedTable) =>
    kind === 'initial' && selects.has(path) ? 0 : (estimatedRows ?? 0)
  return tables.toSorted((a, b) => sign * (rows(a) - rows(b)))
}
