/**
 * Changes of one table, waiting to be written together. They are written in their order: rows with the same columns
 * and the same kind of statement that follow each other go in one batch. With `reduce`, only the last change of each
 * key is kept.
 */
import { ConnectError, messageOf } from '#errors'
import { type SqlClient, SqlError, type TableDefinition } from '#sql'
import { type Change, coordinates } from './change.ts'
import type { Cell, Dialect, TargetColumn, WriteMode } from './dialects/dialect.ts'
import type { Resolved, TargetTable } from './target-table.ts'

export interface BufferedRow {
  readonly mode: WriteMode
  readonly target: Resolved
  readonly keys: number
  readonly cells: readonly Cell[]
  readonly change: Change
  /** The row must be there already: it lacks a value that a new row would need. */
  readonly mustExist: boolean
}

export class TableBuffer {
  readonly target: TargetTable
  readonly #writeMode: Exclude<WriteMode, 'delete'>
  readonly #reduce: boolean
  #rows: BufferedRow[] = []

  constructor(target: TargetTable, writeMode: Exclude<WriteMode, 'delete'>, reduce: boolean) {
    this.target = target
    this.#writeMode = writeMode
    this.#reduce = reduce
  }

  get size(): number {
    return this.#rows.length
  }

  add(change: Change, target: Resolved): void {
    const lacking = change.partial && this.#writeMode === 'upsert' && lacksRequired(target)
    this.#rows.push({
      mode: change.kind === 'delete' ? 'delete' : lacking ? 'update' : this.#writeMode,
      target,
      keys: change.layout.keys,
      cells: bindRow(target.columns, change),
      change,
      mustExist: lacking,
    })
  }

  /** Writes and empties the buffer. */
  async flush(client: SqlClient, dialect: Dialect): Promise<void> {
    const rows = this.take()
    for (const run of runsOf(this.#reduce ? reduced(rows) : rows)) await writeRun(client, dialect, run)
  }

  take(): BufferedRow[] {
    const rows = this.#rows
    this.#rows = []
    return rows
  }
}

export async function writeRun(
  client: SqlClient,
  dialect: Dialect,
  run: readonly BufferedRow[],
): Promise<void> {
  const [first] = run
  if (first === undefined) return
  const { mode, target, keys } = first
  // A table of nothing but keys: there is no column to update.
  if (mode === 'update' && target.columns.length === keys) return
  const affected = await dialect.write(client, {
    mode,
    table: target.table,
    columns: target.columns,
    keys,
    rows: run.map((row) => row.cells),
  })
  if (!first.mustExist || affected >= run.length) return
  for (const row of run) await mustExist(client, row)
}

/** Which of the rows is not there decides the error; MySQL counts only rows that an update changed. */
async function mustExist(client: SqlClient, row: BufferedRow): Promise<void> {
  const { table, columns } = row.target
  const names = columns.slice(0, row.keys).map((column) => client.quote(column.name))
  const terms = names.map((name, i) => `${name}=${client.literal(row.cells[i] ?? null)}`)
  const name =
    table.name.schema === null
      ? client.quote(table.name.table)
      : `${client.quote(table.name.schema)}.${client.quote(table.name.table)}`
  const { rows } = await client.query(`SELECT 1 FROM ${name} WHERE ${terms.join(' AND ')}`)
  if (rows.length > 0) return
  throw new ConnectError(
    `The record at ${coordinates(row.change.record)} lacks the value of a TOAST column that is NOT NULL in the table ` +
      `"${table.name.table}", and the row it changes is not there.`,
    { remedy: 'Take a new snapshot of the table, or set REPLICA IDENTITY FULL at the source.' },
  )
}

function lacksRequired(target: Resolved): boolean {
  const written = new Set(target.columns.map((column) => column.name))
  return target.table.columns.some((column) => !written.has(column.name) && isRequired(column))
}

function isRequired(column: TableDefinition['columns'][number]): boolean {
  return !column.nullable && !column.hasDefault && !column.generated
}

export function runsOf(rows: readonly BufferedRow[]): BufferedRow[][] {
  const runs: BufferedRow[][] = []
  let run: BufferedRow[] = []
  for (const row of rows) {
    const [first] = run
    if (
      first !== undefined &&
      (first.mode !== row.mode || first.target !== row.target || first.mustExist !== row.mustExist)
    ) {
      runs.push(run)
      run = []
    }
    run.push(row)
  }
  if (run.length > 0) runs.push(run)
  return runs
}

/** The last change of each key. A row that lacks values does not stand for the ones before it. */
export function reduced(rows: readonly BufferedRow[]): BufferedRow[] {
  const last = new Map<string, number>()
  const kept = new Set<number>()
  rows.forEach((row, index) => {
    const key = JSON.stringify(row.cells.slice(0, row.keys).map(String))
    const before = last.get(key)
    if (before !== undefined && !row.change.partial) kept.delete(before)
    kept.add(index)
    last.set(key, index)
  })
  return rows.filter((_, index) => kept.has(index))
}

function bindRow(columns: readonly TargetColumn[], change: Change): Cell[] {
  const { values } = change
  const cells = new Array<Cell>(columns.length)
  for (let i = 0; i < columns.length; i++) {
    const value = values[i]
    const column = columns[i] as TargetColumn
    try {
      cells[i] = value === null || value === undefined ? null : column.bind(value)
    } catch (error) {
      throw new ConnectError(
        `The field '${column.wanted.name}' of the record at ${coordinates(change.record)} cannot be written: ${messageOf(error)}`,
        { cause: error },
      )
    }
  }
  return cells
}

/** The first row that the database refuses on its own, found by writing them one by one and taking it all back. */
export async function locate(
  client: SqlClient,
  dialect: Dialect,
  rows: readonly BufferedRow[],
): Promise<{ row: BufferedRow; error: SqlError } | null> {
  const found: { row: BufferedRow; error: SqlError }[] = []
  const undo = new Error('rolled back')
  try {
    await client.transaction(async () => {
      for (const row of rows) {
        try {
          await writeRun(client, dialect, [row])
        } catch (error) {
          if (error instanceof SqlError) found.push({ row, error })
          throw undo
        }
      }
      throw undo
    })
  } catch (error) {
    if (error !== undo && found.length === 0) return null
  }
  return found[0] ?? null
}
