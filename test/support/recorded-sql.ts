/**
 * Statements to a database, and the answers printed as its command-line client prints them to a pipe, because that is
 * how they were recorded: psql's aligned or unaligned tables, mysql's tabs.
 */
import mysql from 'mysql2/promise'
import pg from 'pg'
import { messageOf } from '#errors'
import type { Engine } from './recorded-case.ts'
import { mysqlStatements, statements } from './sql-statements.ts'

export interface SqlServer {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
}

/** What the clients that the cases were recorded with said at login, and whether they sent comments. */
const clients = {
  mysql: { charset: 'utf8mb4_0900_ai_ci', comments: true },
  mariadb: { charset: 'utf8_general_ci', comments: false },
}

/** Runs the statements in a session of their own and returns what the client would have printed. */
export function sql(engine: Engine, server: SqlServer, database: string, text: string): Promise<string> {
  return engine === 'postgres'
    ? psql(server, database, text)
    : mysqlClient(clients[engine], server, database, text)
}

/** As `sql`, with the server's refusal for an answer. */
export async function answered(
  engine: Engine,
  server: SqlServer,
  database: string,
  text: string,
): Promise<string> {
  try {
    return await sql(engine, server, database, text)
  } catch (error) {
    return `ERROR:  ${messageOf(error)}`
  }
}

type Cells = readonly (string | null)[]

async function psql(server: SqlServer, database: string, text: string): Promise<string> {
  const unaligned = /^\\pset format unaligned$/m.test(text)
  const { host, port, user, password } = server
  const client = new pg.Client({ host, port, user, password, database })
  await client.connect()
  try {
    let printed = ''
    for (const statement of statements(text.replace(/^\\.*$/gm, ''))) {
      const asText = { getTypeParser: () => (value: unknown) => value }
      const { rows, fields } = await client.query<string[]>({
        text: statement,
        rowMode: 'array',
        types: asText as never,
      })
      if (fields.length > 0) printed += (unaligned ? unalignedTable : alignedTable)(fields, rows)
    }
    return printed
  } finally {
    await client.end()
  }
}

const counted = (rows: readonly Cells[]): string => `(${rows.length} ${rows.length === 1 ? 'row' : 'rows'})\n`

function unalignedTable(fields: readonly pg.FieldDef[], rows: readonly Cells[]): string {
  const lines = [fields.map(({ name }) => name), ...rows].map(
    (cells) => `${cells.map((cell) => cell ?? '').join('|')}\n`,
  )
  return lines.join('') + counted(rows)
}

/** int8, int2, int4, oid, xid, float4, float8, money, numeric. */
const numbers: ReadonlySet<number> = new Set([20, 21, 23, 26, 28, 700, 701, 790, 1700])

function alignedTable(fields: readonly pg.FieldDef[], rows: readonly Cells[]): string {
  const widths = fields.map(({ name }, column) =>
    Math.max(name.length, ...rows.map((cells) => (cells[column] ?? '').length)),
  )
  const header = fields.map(({ name }, column) => {
    const room = (widths[column] ?? 0) - name.length
    return ` ${' '.repeat(Math.floor(room / 2))}${name}${' '.repeat(Math.ceil(room / 2))} `
  })
  const line = (cells: Cells): string =>
    cells
      .map((cell, column) => {
        const [text, width] = [cell ?? '', widths[column] ?? 0]
        if (numbers.has(fields[column]?.dataTypeID ?? 0)) return ` ${text.padStart(width)}`
        return ` ${column === cells.length - 1 ? text : text.padEnd(width)}`
      })
      .join(' |')
  const rule = widths.map((width) => '-'.repeat(width + 2)).join('+')
  return `${[header.join('|'), rule, ...rows.map(line)].join('\n')}\n${counted(rows)}\n`
}

async function mysqlClient(
  { charset, comments }: { readonly charset: string; readonly comments: boolean },
  server: SqlServer,
  database: string,
  text: string,
): Promise<string> {
  const { host, port, user, password } = server
  const connection = await mysql.createConnection({
    ...{ host, port, user, password, charset, ...(database === '' ? {} : { database }) },
    rowsAsArray: true,
    typeCast: (field) => field.buffer(),
  })
  try {
    let printed = ''
    for (const statement of mysqlStatements(text, comments)) {
      const [results, fields] = await connection.query<mysql.RowDataPacket[][]>(statement)
      // A procedure gives several results, and a last one that is none.
      const several = Array.isArray(fields?.[0]) || (fields as unknown[])?.includes(undefined)
      const tables = several ? results : [results]
      const columns = (several ? fields : [fields]) as unknown as (readonly mysql.FieldPacket[] | undefined)[]
      printed += tables
        .map((rows, index) => tabTable(columns[index] ?? [], rows as unknown as Buffer[][]))
        .join('')
    }
    return printed
  } finally {
    await connection.end()
  }
}

/** Nothing at all where there are no rows. */
function tabTable(
  fields: readonly mysql.FieldPacket[],
  rows: readonly (readonly (Buffer | null)[])[],
): string {
  if (fields.length === 0 || rows.length === 0) return ''
  const escapes: Readonly<Record<string, string>> = { '\n': '\\n', '\t': '\\t', '\0': '\\0', '\\': '\\\\' }
  const cell = (bytes: Buffer | null): string =>
    bytes === null ? 'NULL' : bytes.toString('utf8').replace(/[\n\t\0\\]/g, (sign) => escapes[sign] ?? sign)
  return [fields.map(({ name }) => name), ...rows.map((cells) => cells.map(cell))]
    .map((cells) => `${cells.join('\t')}\n`)
    .join('')
}
