/** Tables of PostgreSQL, from the catalogues: what information_schema shows depends on privileges, pg_class does not. */
import type { ColumnDefinition, SqlClient, TableDefinition, TableKind, TableName } from './client.ts'

const tableQuery = `
SELECT c.oid::text, n.nspname, c.relname, c.relkind::text
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relname = $2 AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
  AND CASE WHEN $1::text IS NULL THEN pg_catalog.pg_table_is_visible(c.oid) ELSE n.nspname = $1 END`

// format_type(…, -1) spells the type without a length, in a form that `::` and `[]` can follow.
const columnQuery = `
SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), pg_catalog.format_type(a.atttypid, -1),
  a.attnotnull OR (t.typtype = 'd' AND t.typnotnull), a.atthasdef OR a.attidentity <> '', a.attgenerated <> '',
  a.attidentity = 'a'
FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum`

const keyQuery = `
SELECT a.attname
FROM pg_catalog.pg_index i
CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, position)
JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
WHERE i.indrelid = $1::oid AND i.indisprimary
ORDER BY k.position`

const kinds: Readonly<Record<string, TableKind>> = {
  r: 'TABLE',
  f: 'TABLE',
  p: 'PARTITIONED TABLE',
  v: 'VIEW',
  m: 'VIEW',
}

export async function postgresTable(client: SqlClient, name: TableName): Promise<TableDefinition | null> {
  const found = (await client.query(tableQuery, [name.schema, name.table])).rows[0]
  if (found === undefined) return null
  const [oid = null, schema, table, kind] = found
  const columns = (await client.query(columnQuery, [oid])).rows.map(
    ([name, type, base, notNull, hasDefault, generated, alwaysIdentity]): ColumnDefinition => ({
      name: String(name),
      type: String(type),
      base: String(base),
      nullable: notNull !== true,
      hasDefault: hasDefault === true && generated !== true,
      generated: generated === true,
      alwaysIdentity: alwaysIdentity === true,
    }),
  )
  const key = await client.query(keyQuery, [oid])
  return {
    name: { schema: String(schema), table: String(table) },
    kind: kinds[String(kind)] ?? 'TABLE',
    columns,
    primaryKey: key.rows.map(([column]) => String(column)),
  }
}
