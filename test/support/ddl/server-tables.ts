/** Tables as a server's information_schema shows them. */
import type { Connection, RowDataPacket } from 'mysql2/promise'

/** Name, type, whether nullable, character set, default (MariaDB's is SQL text), extra, comment. */
export type ServerColumn = readonly [
  name: string,
  type: string,
  nullable: boolean,
  charset: string | null,
  defaultValue: string | null,
  extra: string,
  comment: string,
]

export interface ServerTable {
  readonly columns: readonly ServerColumn[]
  readonly primary: readonly string[]
  readonly unique: readonly (readonly string[])[]
  readonly charset: string
  readonly comment: string
}

export async function serverTables(
  connection: Connection,
  database: string,
): Promise<Map<string, ServerTable>> {
  const tables = new Map<string, ServerTable>()
  const rows = async (sql: string) => (await connection.query<RowDataPacket[]>(sql, [database]))[0]
  for (const row of await rows(
    `SELECT TABLE_NAME n, TABLE_COMMENT c, SUBSTRING_INDEX(TABLE_COLLATION, '_', 1) s FROM information_schema.TABLES
     WHERE TABLE_SCHEMA = ? AND TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED')`,
  ))
    tables.set(row['n'], { columns: [], primary: [], unique: [], charset: row['s'], comment: row['c'] })
  for (const row of await rows(
    `SELECT TABLE_NAME t, COLUMN_NAME n, COLUMN_TYPE y, IS_NULLABLE i, CHARACTER_SET_NAME s, COLUMN_DEFAULT d, EXTRA e,
     COLUMN_COMMENT c FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? ORDER BY TABLE_NAME, ORDINAL_POSITION`,
  ))
    (tables.get(row['t'])?.columns as ServerColumn[] | undefined)?.push([
      row['n'],
      String(row['y']),
      row['i'] === 'YES',
      row['s'],
      row['d'] === null ? null : String(row['d']),
      row['e'],
      row['c'],
    ])
  const indexes = await rows(
    `SELECT TABLE_NAME t, INDEX_NAME i, COLUMN_NAME n FROM information_schema.STATISTICS
     WHERE TABLE_SCHEMA = ? AND NON_UNIQUE = 0 ORDER BY TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX`,
  )
  for (const row of indexes) addToIndex(tables.get(row['t']), indexes, row)
  return tables
}

function addToIndex(
  table: ServerTable | undefined,
  indexes: readonly RowDataPacket[],
  row: RowDataPacket,
): void {
  if (table === undefined) return
  const columns = indexes.filter(({ t, i }) => t === row['t'] && i === row['i']).map(({ n }) => n as string)
  if (columns[0] !== row['n']) return
  if (row['i'] === 'PRIMARY') (table.primary as string[]).push(...columns)
  else (table.unique as (readonly string[])[]).push(columns)
}
