/**
 * The tables that there are and their definitions, as statements that make a schema what the server has. Views and
 * sequences are no tables.
 */
import { ConnectError, messageOf } from '#errors'
import type { Logger } from '#observe'
import type { TableId } from '../ddl/index.ts'
import type { Client } from '../server/index.ts'
import { errorNumber } from '../server/index.ts'
import type { ServerFacts } from '../server/index.ts'
import { type Capture, pathOf } from '../tables/capture.ts'
import { quotedName } from '../tables/select-expression.ts'
import type { SchemaStatement } from '../schema-keeper.ts'
import { keyOf } from './progress.ts'

export interface TableDefinition {
  readonly id: TableId
  /** What SHOW CREATE TABLE says. */
  readonly statement: string
}

export interface Structure {
  /** Of all tables whose definitions are kept; the captured ones are among them. */
  readonly definitions: readonly TableDefinition[]
  /** CHARSET and COLLATE by database. */
  readonly databases: ReadonlyMap<string, string>
  /** Captured databases that have no tables yet. */
  readonly empty: readonly string[]
}

export function byName(a: TableId, b: TableId): number {
  return order(a.database, b.database) || order(a.table, b.table)
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** In the order in which a snapshot reads them: by the entry of table.include.list, then by name. */
export function inSnapshotOrder(tables: readonly TableId[], capture: Capture): readonly TableId[] {
  const ranks = new Map(tables.map((id) => [id, capture.rank(id)]))
  // The signal table is captured without an entry.
  const rank = (id: TableId) => {
    const found = ranks.get(id) ?? -1
    return found < 0 ? Number.POSITIVE_INFINITY : found
  }
  return tables.toSorted((a, b) => (rank(a) === rank(b) ? byName(a, b) : rank(a) - rank(b)))
}

/** All tables but the server's own. */
export async function listTables(client: Client, capture: Capture): Promise<readonly TableId[]> {
  const rows = await client.query(
    `SELECT TABLE_SCHEMA AS db, TABLE_NAME AS name FROM information_schema.TABLES
      WHERE TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED')`,
  )
  return rows
    .map(({ db, name }) => ({ database: db ?? '', table: name ?? '' }))
    .filter((id) => !capture.isBuiltin(id.database))
}

/** The tables whose definitions go into the history, in its order. */
export function recordedTables(tables: readonly TableId[], capture: Capture): readonly TableId[] {
  if (capture.ddl.onlyTables)
    return inSnapshotOrder(
      tables.filter((id) => capture.table(id)),
      capture,
    )
  return tables
    .filter((id) => capture.table(id) || !capture.ddl.onlyDatabases || capture.database(id.database))
    .toSorted(byName)
}

const REFUSED: ReadonlySet<number> = new Set([1044, 1045, 1142, 1227])

export async function readStructure(
  client: Client,
  tables: readonly TableId[],
  capture: Capture,
  log: Logger,
): Promise<Structure> {
  const definitions: TableDefinition[] = []
  for (const id of tables)
    try {
      definitions.push({ id, statement: await showCreate(client, id) })
    } catch (error) {
      const number = errorNumber(error)
      if (number === null || !REFUSED.has(number)) throw error
      if (capture.table(id)) throw unreadable(id, error)
      log.warn({ table: pathOf(id) }, 'the definition of a table that is not captured may not be read')
    }
  const rows = await client.query(
    `SELECT SCHEMA_NAME AS name, DEFAULT_CHARACTER_SET_NAME AS charset, DEFAULT_COLLATION_NAME AS collation
       FROM information_schema.SCHEMATA`,
  )
  const databases = new Map(
    rows.map(({ name, charset, collation }) => [name ?? '', ` CHARSET ${charset} COLLATE ${collation}`]),
  )
  const filled = new Set(definitions.map(({ id }) => id.database))
  const empty = [...databases.keys()].filter((name) => capture.database(name) && !filled.has(name)).sort()
  return { definitions, databases, empty }
}

export async function showCreate(client: Client, id: TableId): Promise<string> {
  const [row] = await client.query(`SHOW CREATE TABLE ${quotedTable(id)}`)
  return row?.['Create Table'] ?? ''
}

export function quotedTable({ database, table }: TableId): string {
  return `${quotedName(database)}.${quotedName(table)}`
}

export function unreadable(id: TableId, error: unknown): ConnectError {
  return new ConnectError(`The table ${pathOf(id)} cannot be read: ${messageOf(error)}`, {
    cause: error,
    remedy: `GRANT SELECT ON ${quotedTable(id)} to the user of the connector, or leave the table out.`,
  })
}

/** In the order in which Debezium records them; databases without tables, which it leaves out, are recorded behind. */
export function schemaStatements(structure: Structure, facts: ServerFacts): readonly SchemaStatement[] {
  const { definitions, databases, empty } = structure
  const names = new Set(definitions.map(({ id }) => id.database))
  return [
    {
      database: '',
      ddl: `SET character_set_server=${facts.serverCharset}, collation_server=${facts.serverCollation}`,
    },
    ...definitions.map(dropped),
    ...[...names].flatMap((database) => [
      ...remade(database, databases),
      { database, ddl: `USE ${quotedName(database)}` },
      ...definitions.filter(({ id }) => id.database === database).map(created),
    ]),
    ...empty
      .flatMap((database) => remade(database, databases))
      .map((statement) => ({ ...statement, untold: true as const })),
  ]
}

function remade(database: string, databases: Structure['databases']): readonly SchemaStatement[] {
  return [
    { database, ddl: `DROP DATABASE IF EXISTS ${quotedName(database)}` },
    { database, ddl: `CREATE DATABASE ${quotedName(database)}${databases.get(database) ?? ''}` },
  ]
}

/** Of some tables only. */
export function tableStatements(
  { definitions }: Structure,
  tables: readonly TableId[],
): readonly SchemaStatement[] {
  const wanted = new Set(tables.map(keyOf))
  const found = definitions.filter(({ id }) => wanted.has(keyOf(id)))
  return [...found.map(dropped), ...found.map(created)]
}

function dropped({ id }: TableDefinition): SchemaStatement {
  return { database: id.database, ddl: `DROP TABLE IF EXISTS ${quotedTable(id)}` }
}

function created({ id, statement }: TableDefinition): SchemaStatement {
  return { database: id.database, ddl: statement }
}
