/** Rows by their keys, as they are now: their values go through the same readers as those of the log. */
import { cellValue, type ChangeEvent, type Column, type RowFinder } from '#cdc'
import {
  type Client,
  connect,
  isConnectionLoss,
  quoteIdentifier,
  quoteTable,
  type Route,
} from './connection.ts'

/** The server's text for every type. */
const asText = { getTypeParser: () => (text: unknown) => text }

export class PostgresRowFinder implements RowFinder {
  readonly #route: Route
  #client: Client | null = null

  constructor(route: Route) {
    this.#route = route
  }

  async find(event: ChangeEvent, fields: readonly number[]): Promise<readonly unknown[] | null> {
    const { row } = event.table
    const columns = fields.map((field) => row.columns[field] as Column)
    const rows = await this.#query(event, columns)
    const [found, other] = rows
    if (found === undefined || other !== undefined) return null
    return columns.map((column, i) => {
      const text = found[i] ?? null
      if (text === null) return column.type.ofNull ?? null
      const bytes = Buffer.from(text)
      return cellValue(column.type, bytes, 0, bytes.length)
    })
  }

  async #query(
    event: ChangeEvent,
    columns: readonly Column[],
  ): Promise<readonly (readonly (string | null)[])[]> {
    const { table } = event
    const keys = (table.key?.columns ?? []).filter((column) => !column.constant)
    const values = keys.map((column) => keyText(event, column))
    const conditions = keys.map(
      (column, i) => `${named(column)} ${values[i] === null ? `IS NOT DISTINCT FROM` : '='} $${i + 1}`,
    )
    const text = `SELECT ${columns.map(named).join(', ')} FROM ${quoteTable({ schema: table.schemaName, name: table.table })} WHERE ${conditions.join(' AND ')} LIMIT 2`
    const query = { text, values, types: asText, rowMode: 'array' as const }
    const lasting = this.#client
    try {
      const client = (this.#client ??= await connect(this.#route))
      return (await client.query<(string | null)[]>(query)).rows
    } catch (error) {
      if (lasting === null || !isConnectionLoss(error)) throw error
      // It was idle for long.
      this.#client = await connect(this.#route)
      return (await this.#client.query<(string | null)[]>(query)).rows
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client?.end().catch(() => {})
    this.#client = null
  }
}

function named(column: Column): string {
  return quoteIdentifier(column.sourceName ?? column.name)
}

/** Of the new row, or of the old one where the new one does not carry it. */
function keyText({ chunk, after, full }: ChangeEvent, { cell }: Column): string | null {
  const { bytes, cells } = chunk
  for (const row of [after, full]) {
    const from = row < 0 ? -1 : (cells[row + cell * 2] as number)
    if (from >= 0) return bytes.toString('utf8', from, cells[row + cell * 2 + 1] as number)
  }
  return null
}
