/** Statements of the user in place of our own: their columns are brought into the order of the table's. */
import type { Client } from '../server/index.ts'
import { quotedName } from '../tables/select-expression.ts'

/** The sql_mode that the server gives to sessions: statements of the user are written for that. */
export async function usualMode(client: Client): Promise<void> {
  await client.query('SET SESSION sql_mode = @@GLOBAL.sql_mode')
}

/** Ours: definitions are printed in one way, and dates that the server stores are compared, whatever they are. */
export async function plainMode(client: Client): Promise<void> {
  await client.query("SET SESSION sql_mode = ''")
}

/**
 * `columns`: what a SELECT of the table would name. A statement that gives just these stays as it is, with its order of
 * rows. Columns that it does not give are NULL.
 */
export async function chosenSelect(
  client: Client,
  statement: string,
  columns: readonly string[],
): Promise<string> {
  await usualMode(client)
  // One row of NULLs, whatever it selects, tells the names.
  const [row] = await client.query(
    `SELECT chosen.* FROM (SELECT 1 AS one) AS single LEFT JOIN (${statement}) AS chosen ON FALSE`,
  )
  await plainMode(client)
  const given = Object.keys(row ?? {}).map(quotedName)
  if (given.length === columns.length && given.every((name, i) => name === columns[i])) return statement
  const lower = new Set(given.map((name) => name.toLowerCase()))
  const named = columns.map((column) => {
    const name = /`(?:[^`]|``)+`/.exec(column)?.[0] ?? column
    return lower.has(name.toLowerCase()) ? column : 'NULL'
  })
  return `SELECT ${named.join(', ') || '1'} FROM (${statement}) AS chosen`
}
