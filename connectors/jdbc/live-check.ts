/**
 * What `config/validate` finds out by connecting: whether the database answers, takes the login, and, for tables that
 * are there already, whether they have the key that the settings ask for.
 */
import type { ConfigProblem } from '#plugin'
import { quoteTable, type SqlClient, type TableDefinition, type TableName } from '#sql'
import { dialectOf } from './dialects/index.ts'
import { type SessionSettings, withConnection } from './session.ts'

export interface TargetExpectation {
  readonly userField: string
  readonly keyField: string
  readonly tables: readonly { readonly name: TableName; readonly quoted: boolean }[]
  readonly keys: readonly string[]
  readonly upsert: boolean
  readonly quoted: boolean
}

export async function checkTarget(
  connection: Omit<SessionSettings, 'attempts' | 'backoffMs' | 'warn'>,
  expected: TargetExpectation,
): Promise<readonly ConfigProblem[]> {
  const answer = await withConnection(connection, (client) => checkTables(client, expected))
  if ('result' in answer) return answer.result
  const message = `Could not connect to database. ${answer.problem}`
  return [{ field: answer.login ? expected.userField : 'connection.url', message }]
}

async function checkTables(client: SqlClient, expected: TargetExpectation): Promise<ConfigProblem[]> {
  const fold = expected.quoted ? (name: string) => name : dialectOf(client.engine).fold
  const problems: ConfigProblem[] = []
  for (const { name, quoted } of expected.tables) {
    const folded = quoted
      ? name
      : { schema: name.schema === null ? null : fold(name.schema), table: fold(name.table) }
    const table = await client.table(folded)
    if (table === null || table.kind === 'VIEW' || expected.keys.length === 0) continue
    const message = await keyProblem(client, table, expected.keys.map(fold), expected.upsert)
    if (message !== null) problems.push({ field: expected.keyField, message })
  }
  return problems
}

async function keyProblem(
  client: SqlClient,
  table: TableDefinition,
  keys: readonly string[],
  upsert: boolean,
): Promise<string | null> {
  const shown = quoteTable(client, table.name)
  const known = new Set(table.columns.map((column) => column.name.toLowerCase()))
  const missing = keys.filter((key) => !known.has(key.toLowerCase()))
  if (missing.length > 0)
    return `The table ${shown} has no column ${missing.map((key) => client.quote(key)).join(', ')} for the key.`
  if (!upsert || client.engine !== 'postgres' || sameSet(table.primaryKey, keys)) return null
  if (await hasUniqueIndex(client, table, keys)) return null
  const columns = keys.map((key) => client.quote(key)).join(', ')
  return (
    `The table ${shown} has no unique index on the key (${columns}), which an upsert needs. ` +
    `Run: CREATE UNIQUE INDEX ON ${shown} (${columns})`
  )
}

async function hasUniqueIndex(
  client: SqlClient,
  table: TableDefinition,
  keys: readonly string[],
): Promise<boolean> {
  const { rows } = await client.query(
    `SELECT string_agg(a.attname, E'\\n' ORDER BY a.attname)
     FROM pg_catalog.pg_index i
     CROSS JOIN LATERAL unnest((i.indkey::int2[])[0:i.indnkeyatts - 1]) AS k(attnum)
     JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
     WHERE i.indrelid = to_regclass($1) AND i.indisunique AND i.indpred IS NULL
     GROUP BY i.indexrelid`,
    [quoteTable(client, table.name)],
  )
  return rows.some(([names]) => sameSet(String(names).split('\n'), keys))
}

function sameSet(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((name) => other.includes(name))
}
