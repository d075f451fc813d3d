/** Rows by their keys, as they are now (ReselectColumnsPostProcessor): read as a snapshot reads them. */
import { cellValue, type ChangeEvent, type Column, RowKey, type RowFinder } from '#cdc'
import { type Field, Struct } from '#data'
import type { TypeOptions } from './column-types/options.ts'
import { type Catalog, declaredColumn, type Table, type TableId } from './ddl/index.ts'
import type { Session } from './incremental/session.ts'
import { keyLiteral } from './key-literal.ts'
import { isConnectionLoss, type TextRows } from './server/index.ts'
import { quotedName } from './tables/select-expression.ts'
import type { TableVersions } from './tables/table-versions.ts'

export interface RowFinderOptions {
  /** A connection beside the stream, of its own or shared. */
  readonly session: Pick<Session, 'use' | typeof Symbol.asyncDispose>
  readonly schema: { readonly catalog: Catalog }
  readonly versions: Pick<TableVersions, 'ofSnapshot'>
  readonly binary: TypeOptions['binary']
}

export class MysqlRowFinder implements RowFinder {
  readonly #options: RowFinderOptions

  constructor(options: RowFinderOptions) {
    this.#options = options
  }

  async find(event: ChangeEvent, fields: readonly number[]): Promise<readonly unknown[] | null> {
    const { schema, versions } = this.#options
    const id: TableId = { database: event.table.schemaName, table: event.table.table }
    const table = schema.catalog.get(id)
    if (table === null) return null
    const { version, columns: expressions } = versions.ofSnapshot(id)
    const columns = fields.flatMap((field) => {
      const { sourceName } = event.table.row.columns[field] as Column
      return version.row.columns.filter((column) => column.sourceName === sourceName)
    })
    // The table was altered since, or its key.
    const condition = columns.length === fields.length ? this.#condition(event, table) : null
    if (condition === null) return null
    const selected = columns.map(({ cell }) => expressions[cell]).join(', ')
    const statement = `SELECT ${selected} FROM ${quotedName(id.database)}.${quotedName(id.table)} WHERE ${condition} LIMIT 2`
    try {
      return await this.#read(statement, columns)
    } catch (error) {
      if (!isConnectionLoss(error)) throw error
      // It was idle for long.
      return this.#read(statement, columns)
    }
  }

  /** null: a column of the key is not there any more. */
  #condition(event: ChangeEvent, table: Table): string | null {
    const { key } = event.table
    if (key === null) return null
    const values = new RowKey(key, event.chunk, event.after, event.full).value()
    if (!(values instanceof Struct)) return null
    const conditions: string[] = []
    for (const [i, { sourceName, constant }] of key.columns.entries()) {
      if (constant) continue
      const column = table.columns.find(({ recordedName }) => recordedName === sourceName)
      if (column === undefined) return null
      const value = values.values[i] ?? null
      const { schema } = key.schema.fields[i] as Field
      conditions.push(
        value === null
          ? `${quotedName(column.name)} IS NULL`
          : `${quotedName(column.name)} = ${keyLiteral(value, schema, declaredColumn(column), this.#options.binary)}`,
      )
    }
    return conditions.join(' AND ')
  }

  #read(statement: string, columns: readonly Column[]): Promise<readonly unknown[] | null> {
    return this.#options.session.use(async (client) => {
      let found: readonly unknown[] | null = null
      let count = 0
      for await (const rows of client.rows(statement)) {
        count += rows.rows
        if (rows.rows > 0) found ??= valuesOf(rows, columns)
      }
      return count === 1 ? found : null
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#options.session[Symbol.asyncDispose]()
  }
}

/** Of the first row. */
function valuesOf({ chunk, first }: TextRows, columns: readonly Column[]): readonly unknown[] {
  return columns.map(({ type }, i) => {
    const from = chunk.cells[first + i * 2] as number
    if (from < 0) return type.ofNull ?? null
    return cellValue(type, chunk.bytes, from, chunk.cells[first + i * 2 + 1] as number)
  })
}
