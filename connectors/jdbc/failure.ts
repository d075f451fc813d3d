/**
 * What a failed write says: the table, the column and the record it was about, and the statement that mends it. Values
 * stay out of it (invariant 7).
 */
import { ConnectError } from '#errors'
import { type ColumnDefinition, quoteTable, type SqlClient, type SqlError } from '#sql'
import { coordinates } from './change.ts'
import { type BufferedRow, locate } from './buffer.ts'
import type { Dialect } from './dialects/dialect.ts'

/** Faults of the data rather than of the moment: trying again gives the same answer. */
export function isPermanent(error: SqlError): boolean {
  return ['value', 'not-null', 'syntax', 'privilege', 'login', 'other'].includes(error.facts.kind)
}

/** `rows` are those of the failed statement. The client must be outside of a transaction. */
export async function explained(
  client: SqlClient,
  dialect: Dialect,
  rows: readonly BufferedRow[],
  error: SqlError,
): Promise<ConnectError> {
  const tried =
    rows.length === 0 || client.broken ? null : await locate(client, dialect, rows).catch(() => null)
  // Another fault than the first one says nothing of it: the table may have been made in the transaction that failed.
  const found = tried?.error.facts.kind === error.facts.kind ? tried : null
  const row = found?.row ?? (rows.length === 1 ? rows[0] : undefined)
  const cause = found?.error ?? error
  const table = (row ?? rows[0])?.target.table
  if (table === undefined) return cause
  const name = quoteTable(client, table.name)
  const column = row === undefined ? null : await blamed(client, row, cause).catch(() => null)
  const where = [
    column === null ? null : `column ${client.quote(column.name)} (${column.type})`,
    row === undefined ? null : `the record at ${coordinates(row.change.record)}`,
  ]
  const places = where.filter((place) => place !== null)
  const remedy = remedyOf(client, name, row ?? rows[0], column, cause)
  return new ConnectError(
    `Writing to the table ${name} failed${places.length === 0 ? '' : ` at ${places.join(', ')}`}: ${cause.message.replace(/\.?$/, '.')}`,
    { ...(remedy === null ? {} : { remedy }), cause },
  )
}

/** The column that the server complains of: named by it, or the only one whose type does not take the cell. */
async function blamed(
  client: SqlClient,
  row: BufferedRow,
  error: SqlError,
): Promise<ColumnDefinition | null> {
  const columns = row.target.table.columns
  const named = columns.find((column) => column.name === error.facts.column)
  if (named !== undefined || error.facts.kind !== 'value' || client.engine !== 'postgres')
    return named ?? null
  const written = row.target.columns.map((target) => columns.find((column) => column.name === target.name))
  const quoted = /type (character varying\(\d+\)|character\(\d+\)|bit\(\d+\)|bit varying\(\d+\))/.exec(
    error.message,
  )?.[1]
  const sized = written.filter((column) => column !== undefined && column.type === quoted)
  if (sized.length === 1) return sized[0] ?? null
  for (const [i, column] of written.entries()) {
    if (column === undefined) continue
    try {
      await client.query(`SELECT CAST($1::text AS ${column.base})`, [row.cells[i] ?? null])
    } catch {
      return column
    }
  }
  return null
}

function remedyOf(
  client: SqlClient,
  table: string,
  row: BufferedRow | undefined,
  column: ColumnDefinition | null,
  error: SqlError,
): string | null {
  const keys = (row?.target.columns ?? []).slice(0, row?.keys ?? 0).map((each) => client.quote(each.name))
  switch (error.facts.kind) {
    case 'privilege':
      return client.engine === 'postgres'
        ? `Grant the rights: GRANT SELECT, INSERT, UPDATE, DELETE ON ${table} TO the user of the connector.`
        : `Grant the rights: GRANT SELECT, INSERT, UPDATE, DELETE ON ${table}.`
    case 'unique':
      return 'Set the insert mode to upsert, so that a record that comes again updates its row.'
    case 'not-null':
      return column === null
        ? null
        : client.engine === 'postgres'
          ? `Send a value, or run: ALTER TABLE ${table} ALTER COLUMN ${client.quote(column.name)} DROP NOT NULL`
          : `Send a value, or let the column ${client.quote(column.name)} be NULL.`
    case 'value':
      return column === null
        ? null
        : 'Change the type of the column, or convert the field with the transform Cast.'
    default:
      return error.facts.sqlState === '42P10' || /ON CONFLICT clause does not match/.test(error.message)
        ? `An upsert needs a unique index on its key: CREATE UNIQUE INDEX ON ${table} (${keys.join(', ')})`
        : null
  }
}
