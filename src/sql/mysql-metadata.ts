/** Tables of MySQL and MariaDB, from information_schema. */
import type { ColumnDefinition, SqlClient, TableDefinition, TableName } from './client.ts'

const tableQuery = `
SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE FROM information_schema.TABLES
WHERE TABLE_SCHEMA = COALESCE(?, DATABASE()) AND TABLE_NAME = ?`

const columnQuery = `
SELECT COLUMN_NAME, COLUMN_TYPE, DATA_TYPE, IS_NULLABLE, COLUMN_DEFAULT IS NOT NULL, EXTRA, COLUMN_KEY
FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? ORDER BY ORDINAL_POSITION`

const keyQuery = `
SELECT COLUMN_NAME FROM information_schema.STATISTICS
WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? AND INDEX_NAME = 'PRIMARY' ORDER BY SEQ_IN_INDEX`

export async function mysqlTable(client: SqlClient, name: TableName): Promise<TableDefinition | null> {
  const found = (await client.query(tableQuery, [name.schema, name.table])).rows[0]
  if (found === undefined) return null
  const [schema = null, table = null, kind] = found
  const columns = (await client.query(columnQuery, [schema, table])).rows.map(
    ([name, type, base, nullable, hasDefault, extra]): ColumnDefinition => {
      const generated = /\b(virtual|stored|persistent) generated/i.test(String(extra))
      return {
        name: String(name),
        type: String(type),
        base: String(base).toLowerCase(),
        nullable: nullable === 'YES',
        hasDefault: (hasDefault === 1n || /auto_increment/i.test(String(extra))) && !generated,
        generated,
        alwaysIdentity: false,
      }
    },
  )
  const key = await client.query(keyQuery, [schema, table])
  return {
    name: { schema: String(schema), table: String(table) },
    kind: /view/i.test(String(kind)) ? 'VIEW' : 'TABLE',
    columns,
    primaryKey: key.rows.map(([column]) => String(column)),
  }
}
