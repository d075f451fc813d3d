/** Marks of incremental snapshots in the signal table, whose columns count by position. */
import type { SignalRow, SignalTableWriter } from '#cdc'
import type { Catalog } from '../ddl/index.ts'
import { quotedName } from '../tables/select-expression.ts'
import { quotedTable, tableId } from './chunk-source.ts'
import type { Session } from './session.ts'

export class SignalWriter implements SignalTableWriter {
  readonly #session: Session
  readonly #name: string
  readonly #schema: { readonly catalog: Catalog }

  /** `name`: signal.data.collection */
  constructor(session: Session, name: string, schema: { readonly catalog: Catalog }) {
    this.#session = session
    this.#name = name
    this.#schema = schema
  }

  async insert({ id, type, data }: SignalRow): Promise<void> {
    const statement = `INSERT INTO ${quotedTable({ name: this.#name })} VALUES (?, ?, ?)`
    await this.#session.use((client) => client.query(statement, [id, type, data]))
  }

  async remove(id: string): Promise<void> {
    const first = this.#schema.catalog.get(tableId(this.#name))?.columns[0]?.name ?? 'id'
    const statement = `DELETE FROM ${quotedTable({ name: this.#name })} WHERE ${quotedName(first)} = ?`
    await this.#session.use((client) => client.query(statement, [id]))
  }
}
