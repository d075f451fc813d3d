/** The databases and tables that are known at one moment of the log. */
import type { Table, TableId } from './table.ts'

export class Catalog {
  /** lower_case_table_names is not 0: names of tables and databases differ in more than case. */
  readonly foldsCase: boolean
  /** character_set_server, as far as it was told. */
  serverCharset: string | null = null
  readonly #charsets = new Map<string, string | null>()
  readonly #tables = new Map<string, Map<string, Table>>()

  constructor(options: { readonly foldsCase: boolean } = { foldsCase: false }) {
    this.foldsCase = options.foldsCase
  }

  get(id: TableId): Table | null {
    return this.#tables.get(this.#key(id.database))?.get(this.#key(id.table)) ?? null
  }

  set(table: Table): void {
    const database = this.#key(table.id.database)
    const tables = this.#tables.get(database)
    if (tables === undefined) this.#tables.set(database, new Map([[this.#key(table.id.table), table]]))
    else tables.set(this.#key(table.id.table), table)
  }

  delete(id: TableId): void {
    this.#tables.get(this.#key(id.database))?.delete(this.#key(id.table))
  }

  *tables(): Iterable<Table> {
    for (const tables of this.#tables.values()) yield* tables.values()
  }

  /** The character set of tables that name none. */
  charsetOf(database: string): string | null {
    return this.#charsets.get(this.#key(database)) ?? this.serverCharset
  }

  setCharset(database: string, charset: string | null): void {
    this.#charsets.set(this.#key(database), charset)
  }

  hasCharset(database: string): boolean {
    return this.#charsets.has(this.#key(database))
  }

  dropDatabase(database: string): void {
    this.#charsets.delete(this.#key(database))
    this.#tables.delete(this.#key(database))
  }

  #key(name: string): string {
    return this.foldsCase ? name.toLowerCase() : name
  }
}
