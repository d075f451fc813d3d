/**
 * A target table as this task knows it: its definition, read once and again after every change, and the columns that
 * each layout of records is written to. Missing tables and columns are made here, or refused with the statement that
 * would make them.
 */
import { ConnectError } from '#errors'
import { type ColumnDefinition, quoteTable, type SqlClient, type TableDefinition, type TableName } from '#sql'
import type { Dialect, Flavour, TargetColumn, WantedColumn } from './dialects/dialect.ts'
import type { Layout } from './record-fields.ts'

export interface Evolution {
  readonly create: boolean
  readonly alter: boolean
  /** The dialect's own words for what is missing. */
  readonly missingTable: (table: string) => string
  readonly missingColumns: (table: string, columns: readonly string[]) => string
  /** What to set so that it is made. */
  readonly createOption: string
  readonly alterOption: string
  /** New columns with a default are NOT NULL if the field is required (Debezium), or never (Confluent). */
  readonly strictDefaults: boolean
  /** Hears of every statement that changes a table. */
  readonly changed: (sql: string) => void
}

export interface Resolved {
  readonly table: TableDefinition
  readonly columns: readonly TargetColumn[]
}

export class TargetTable {
  readonly name: TableName
  readonly #dialect: Dialect
  readonly #flavour: Flavour
  readonly #evolution: Evolution
  readonly #fold: (identifier: string) => string
  #definition: TableDefinition | null = null
  #resolved = new Map<Layout, Resolved>()

  constructor(
    name: TableName,
    dialect: Dialect,
    flavour: Flavour,
    evolution: Evolution,
    fold: (identifier: string) => string,
  ) {
    this.name = name
    this.#dialect = dialect
    this.#flavour = flavour
    this.#evolution = evolution
    this.#fold = fold
  }

  /** Whether `resolve` has nothing to ask or change. */
  known(layout: Layout): Resolved | undefined {
    return this.#resolved.get(layout)
  }

  /** Forgets what is known: after an error that says that the table is not so, and after a rollback. */
  forget(): void {
    this.#definition = null
    this.#resolved = new Map()
  }

  /** The table's definition; null where it does not exist. */
  async definition(client: SqlClient): Promise<TableDefinition | null> {
    this.#definition ??= await client.table(this.name)
    return this.#definition
  }

  /** Makes sure that the table has a column for each of the layout's. */
  async resolve(client: SqlClient, layout: Layout): Promise<Resolved> {
    const known = this.#resolved.get(layout)
    if (known !== undefined) return known
    let table = await this.definition(client)
    if (table === null) table = await this.#create(client, layout)
    const definition = table
    const missing = layout.columns.filter((column) => this.#find(definition, column.name) === null)
    if (missing.length > 0) table = await this.#alter(client, table, missing)
    const resolved = { table, columns: this.#targets(table, layout) }
    this.#resolved.set(layout, resolved)
    return resolved
  }

  #targets(table: TableDefinition, layout: Layout): TargetColumn[] {
    return layout.columns.map((wanted) => {
      const column = this.#find(table, wanted.name)
      if (column === null)
        throw new ConnectError(`The table ${this.#shown(table.name)} lost its column '${wanted.name}'.`)
      if (column.generated)
        throw new ConnectError(
          `The column '${column.name}' of the table ${this.#shown(table.name)} is computed by the database and cannot be written.`,
          {
            remedy:
              'Leave the field out of the records (transform ReplaceField), or exclude it in the connector.',
          },
        )
      const bind = this.#dialect.binder(wanted.schema, column.base, this.#flavour)
      return { wanted, name: column.name, base: column.base, bind }
    })
  }

  /** Exactly, then as the database folds it, then in any case if that is unambiguous. */
  #find(table: TableDefinition, name: string): ColumnDefinition | null {
    const folded = this.#fold(name)
    const exact = table.columns.find((column) => column.name === folded)
    if (exact !== undefined) return exact
    const lower = name.toLowerCase()
    const close = table.columns.filter((column) => column.name.toLowerCase() === lower)
    return close.length === 1 ? (close[0] ?? null) : null
  }

  async #create(client: SqlClient, layout: Layout): Promise<TableDefinition> {
    const { create, missingTable, createOption, changed } = this.#evolution
    const shown = this.#shown(this.name)
    if (!create) {
      const sql = this.#attempt(() => this.#createStatement(client, layout))
      const statement = sql === null ? '' : ` or run: ${sql}`
      throw new ConnectError(missingTable(shown), { remedy: `Set ${createOption}${statement}` })
    }
    const sql = this.#createStatement(client, layout)
    changed(sql)
    await client.query(sql)
    return this.#reread(client, shown)
  }

  async #alter(
    client: SqlClient,
    table: TableDefinition,
    missing: readonly WantedColumn[],
  ): Promise<TableDefinition> {
    const shown = this.#shown(table.name)
    if (table.kind === 'VIEW')
      throw new ConnectError(
        `${shown} is a view without the columns ${listed(missing)}, and a view cannot be altered.`,
      )
    const { alter, missingColumns, alterOption, changed } = this.#evolution
    const required = missing.find((column) => !column.schema.optional && !column.schema.hasDefault)
    const statements = (): readonly string[] =>
      this.#dialect.addColumns(
        quoteTable(client, table.name),
        missing.map((column) => this.#specification(client, column, false)),
      )
    if (required !== undefined)
      throw new ConnectError(
        `Cannot ALTER TABLE ${shown} to add missing field '${required.name}', as the field is not optional and does not have a default value.`,
        {
          remedy: `Add the column by hand, with a value for the rows that are there: ${this.#attempt(() => statements().join('; ')) ?? ''}`,
        },
      )
    if (!alter)
      throw new ConnectError(
        missingColumns(
          shown,
          missing.map((column) => column.name),
        ),
        {
          remedy: `Set ${alterOption}, or run: ${this.#attempt(() => statements().join('; ')) ?? ''}`,
        },
      )
    for (const sql of statements()) {
      changed(sql)
      await client.query(sql)
    }
    return this.#reread(client, shown)
  }

  async #reread(client: SqlClient, shown: string): Promise<TableDefinition> {
    this.forget()
    const table = await this.definition(client)
    if (table !== null) return table
    throw new ConnectError(`The table ${shown} was made, but is not to be seen.`, {
      remedy: 'Check the privileges of the user and the schema in the table name.',
    })
  }

  #createStatement(client: SqlClient, layout: Layout): string {
    const columns = layout.created.map((column) => this.#specification(client, column, true))
    const keys = layout.columns.slice(0, layout.keys).map((column) => client.quote(this.#fold(column.name)))
    const key = keys.length === 0 ? [] : [`PRIMARY KEY(${keys.join(',')})`]
    return `CREATE TABLE ${quoteTable(client, this.name)} (${[...columns, ...key].join(', ')})`
  }

  #specification(client: SqlClient, column: WantedColumn, isNew: boolean): string {
    const { schema } = column
    const type = this.#dialect.columnType(column, this.#flavour)
    const fallback =
      schema.hasDefault && schema.default !== null
        ? this.#dialect.defaultLiteral(client, column, this.#flavour)
        : null
    const optional = schema.optional && !(column.key && isNew)
    const nullability =
      fallback !== null && !this.#evolution.strictDefaults && !column.key
        ? ''
        : optional
          ? ' NULL'
          : ' NOT NULL'
    return `${client.quote(this.#fold(column.name))} ${type}${nullability}${fallback === null ? '' : ` DEFAULT ${fallback}`}`
  }

  /** For remedies: where a type has no column, there is no statement to show. */
  #attempt(make: () => string): string | null {
    try {
      return make()
    } catch {
      return null
    }
  }

  #shown(name: TableName): string {
    return name.schema === null ? `"${name.table}"` : `"${name.schema}"."${name.table}"`
  }
}

function listed(columns: readonly WantedColumn[]): string {
  return columns.map((column) => `'${column.name}'`).join(', ')
}
