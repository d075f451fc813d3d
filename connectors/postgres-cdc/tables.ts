/** Which tables there are, which of them are captured, and what the catalogue says of their columns and keys. */
import {
  type KeyRule,
  listEntries,
  nameFilter,
  namePattern,
  namePatterns,
  type NameFilter,
  parseKeyRules,
  ruledKey,
} from '#cdc'
import { columnQuery, type PgColumn, type PgColumnRow } from './column-types/catalog.ts'
import type { PostgresConfig } from './config.ts'
import type { Client } from './connection.ts'

export interface TableId {
  readonly schema: string
  readonly name: string
}

export interface FoundTable extends TableId {
  readonly oid: number
  /** r: a table, p: a partitioned one. */
  readonly kind: 'r' | 'p'
  /** False: unlogged, not in the log. */
  readonly logged: boolean
  /** Of the server's statistics; null: never analyzed. */
  readonly estimatedRows: number | null
}

/** What the catalogue says of one table now. */
export interface TableFacts {
  readonly columns: readonly PgColumn[]
  /** Columns of the primary key, else of the first unique index by name; empty: none. */
  readonly key: readonly string[]
}

export class Capture {
  readonly #schemas: NameFilter
  readonly #tables: NameFilter
  readonly #columns: NameFilter
  readonly #typedColumns: NameFilter | null
  readonly #typedTypes: NameFilter | null
  readonly #keyRules: readonly KeyRule[]
  readonly #builtin: boolean
  readonly #order: readonly RegExp[]

  constructor(config: PostgresConfig) {
    const lists = (kind: 'schema' | 'table' | 'column') =>
      nameFilter({
        includeProperty: `${kind}.include.list`,
        include: config[`${kind}.include.list`],
        excludeProperty: `${kind}.exclude.list`,
        exclude: config[`${kind}.exclude.list`],
      })
    this.#schemas = lists('schema')
    this.#tables = lists('table')
    this.#columns = lists('column')
    this.#typedColumns = anyOf('column.propagate.source.type', config)
    this.#typedTypes = anyOf('datatype.propagate.source.type', config)
    this.#keyRules = parseKeyRules(config['message.key.columns'])
    this.#builtin = !config['table.ignore.builtin']
    this.#order = listEntries(config['table.include.list']).map((each) =>
      namePattern('table.include.list', each),
    )
  }

  table(table: TableId): boolean {
    const system = /^pg_/.test(table.schema) || table.schema === 'information_schema'
    if (system && !this.#builtin) return false
    return this.#schemas(table.schema) && this.#tables(`${table.schema}.${table.name}`)
  }

  column(table: TableId, column: string): boolean {
    return this.#columns(`${table.schema}.${table.name}.${column}`)
  }

  /** Whether the column's schema tells its type. `type` is the type's name in the catalogue. */
  tellsType(table: TableId, column: string, type: string): boolean {
    const place = `${table.schema}.${table.name}`
    return (
      (this.#typedColumns?.(`${place}.${column}`) ?? false) ||
      (this.#typedTypes?.(`${place}.${type}`) ?? false)
    )
  }

  /** The key columns that message.key.columns gives the table; null: its own. */
  ruledKey(table: TableId, columns: readonly string[]): readonly string[] | null {
    return ruledKey(this.#keyRules, `${table.schema}.${table.name}`, columns)
  }

  /** Where the table stands in a snapshot: by the entry of table.include.list that it matches. */
  rank(table: TableId): number {
    return this.#order.findIndex((each) => each.test(`${table.schema}.${table.name}`))
  }
}

/** null: the list is not set. */
function anyOf(
  property: 'column.propagate.source.type' | 'datatype.propagate.source.type',
  config: PostgresConfig,
): NameFilter | null {
  const patterns = namePatterns(property, config[property])
  return patterns === null ? null : (name) => patterns.some((each) => each.test(name))
}

/** The captured tables, in the order in which a snapshot reads them. */
export async function capturedTables(client: Client, capture: Capture): Promise<readonly FoundTable[]> {
  const { rows } = await client.query<FoundTable>(
    `SELECT c.oid, n.nspname AS schema, c.relname AS name, c.relkind AS kind, c.relpersistence = 'p' AS logged,
            CASE WHEN c.reltuples >= 0 THEN c.reltuples::float8 END AS "estimatedRows"
       FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't'`,
  )
  const path = (table: TableId) => `${table.schema}.${table.name}`
  return rows
    .filter((table) => capture.table(table))
    .sort((a, b) => capture.rank(a) - capture.rank(b) || (path(a) < path(b) ? -1 : path(a) > path(b) ? 1 : 0))
}

/** The key's columns in key order; the primary key first, then unique indexes of plain columns by their name. */
const keyQuery = `
  SELECT i.indrelid AS table,
         ARRAY(SELECT a.attname::text
                 FROM unnest(i.indkey::int2[]) WITH ORDINALITY k(number, position)
                 JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number
                WHERE k.position <= i.indnkeyatts ORDER BY k.position) AS columns
    FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
   WHERE i.indrelid = ANY($1::oid[]) AND i.indisunique AND i.indpred IS NULL AND i.indexprs IS NULL
   ORDER BY i.indrelid, i.indisprimary DESC, x.relname COLLATE "C"`

/** By oid; tables that are gone are missing. */
export async function tableFacts(
  client: Client,
  oids: readonly number[],
): Promise<ReadonlyMap<number, TableFacts>> {
  const columns = await client.query<PgColumnRow>(columnQuery, [oids])
  const keys = await client.query<{ table: number; columns: string[] }>(keyQuery, [oids])
  const facts = new Map<number, { columns: PgColumn[]; key: readonly string[] }>()
  for (const { table, number: _, ...column } of columns.rows) {
    const known = facts.get(table)
    if (known === undefined) facts.set(table, { columns: [column], key: [] })
    else known.columns.push(column)
  }
  for (const key of keys.rows) {
    const known = facts.get(key.table)
    if (known !== undefined && known.key.length === 0) known.key = key.columns
  }
  return facts
}
