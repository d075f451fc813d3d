/** SQLite through `node:sqlite`: synchronous underneath, so one statement blocks the thread for as long as it runs. */
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { ConfigError } from '#errors'
import {
  type ColumnDefinition,
  parseVersion,
  type ServerVersion,
  type SqlClient,
  type SqlResult,
  type SqlValue,
  type TableDefinition,
  type TableName,
} from './client.ts'
import type { JdbcUrl } from './jdbc-url.ts'
import { booleanParameter, durationParameter } from './parameters.ts'
import { sqliteError } from './server-errors.ts'
import type { SqlError } from './sql-error.ts'

/** Statements kept prepared on a connection. */
const preparedLimit = 256

export function openSqlite(url: JdbcUrl): SqlClient {
  const mode = url.parameters.get('mode') ?? 'rwc'
  if (!/^(ro|rw|rwc|memory)$/.test(mode))
    throw new ConfigError(`The parameter 'mode' of the connection URL must be one of ro, rw, rwc, memory.`)
  const path = mode === 'memory' ? ':memory:' : (url.database ?? ':memory:')
  try {
    const database = new DatabaseSync(path, {
      readOnly: mode === 'ro',
      enableForeignKeyConstraints: booleanParameter(url, 'foreign_keys') ?? false,
      timeout: durationParameter(url, 'busy_timeout', 1) ?? 10_000,
    })
    return new SqliteClient(database)
  } catch (error) {
    throw sqliteError(error)
  }
}

class SqliteClient implements SqlClient {
  readonly engine = 'sqlite'
  readonly version: ServerVersion
  readonly statementBytes = 1_000_000
  broken = false
  readonly #database: DatabaseSync
  readonly #prepared = new Map<string, StatementSync>()

  constructor(database: DatabaseSync) {
    this.#database = database
    const row = database.prepare('SELECT sqlite_version() AS version').get()
    this.version = parseVersion(String(row?.['version']))
  }

  async query(sql: string, parameters?: readonly SqlValue[]): Promise<SqlResult> {
    try {
      const statement = this.#statement(sql)
      const columns = statement.columns().map((column) => column.name)
      if (columns.length === 0) return { columns, rows: [], affected: this.#run(statement, parameters ?? []) }
      const rows = statement.all(...(parameters ?? []).map(bound)) as unknown as SqlValue[][]
      return { columns, rows, affected: 0 }
    } catch (error) {
      throw this.#failed(error)
    }
  }

  async queryMany(sql: string, rows: readonly (readonly SqlValue[])[]): Promise<readonly number[]> {
    try {
      const statement = this.#statement(sql)
      return rows.map((row) => this.#run(statement, row))
    } catch (error) {
      throw this.#failed(error)
    }
  }

  async transaction<T>(work: () => Promise<T>): Promise<T> {
    await this.query('BEGIN IMMEDIATE')
    let result: T
    try {
      result = await work()
    } catch (error) {
      if (this.#database.isTransaction) await this.query('ROLLBACK').catch(() => {})
      throw error
    }
    await this.query('COMMIT')
    return result
  }

  async table(name: TableName): Promise<TableDefinition | null> {
    const schema = name.schema ?? 'main'
    const found = await this.query(
      `SELECT name, type FROM ${this.quote(schema)}.sqlite_master WHERE name = ? COLLATE NOCASE AND type IN ('table', 'view')`,
      [name.table],
    )
    const [table, kind] = found.rows[0] ?? []
    if (table === undefined) return null
    const { rows } = await this.query(
      `SELECT name, type, "notnull", dflt_value IS NOT NULL, pk, hidden FROM pragma_table_xinfo(?, ?) ORDER BY cid`,
      [table, schema],
    )
    const keys = rows.filter((row) => row[4] !== 0n).sort((a, b) => Number(a[4]) - Number(b[4]))
    // A lone INTEGER key is the row id, which fills itself.
    const rowId = keys.length === 1 && /^integer$/i.test(String(keys[0]?.[1])) ? keys[0]?.[0] : null
    const columns = rows.map(
      ([name, type, notNull, hasDefault, pk, hidden]): ColumnDefinition => ({
        name: String(name),
        type: String(type),
        base: String(type).replace(/\(.*$/s, '').trim().toLowerCase(),
        nullable: notNull === 0n && pk === 0n,
        hasDefault: hasDefault === 1n || name === rowId,
        generated: hidden === 2n || hidden === 3n,
        alwaysIdentity: false,
      }),
    )
    return {
      name: { schema: name.schema, table: String(table) },
      kind: kind === 'view' ? 'VIEW' : 'TABLE',
      columns,
      primaryKey: keys.map((row) => String(row[0])),
    }
  }

  async currentSchema(): Promise<string | null> {
    return 'main'
  }

  quote(identifier: string): string {
    return `"${identifier.replaceAll('"', '""')}"`
  }

  literal(value: SqlValue): string {
    if (value === null) return 'NULL'
    if (typeof value === 'boolean') return value ? '1' : '0'
    if (value instanceof Uint8Array) return `x'${Buffer.from(value).toString('hex')}'`
    if (typeof value === 'string') return `'${value.replaceAll("'", "''")}'`
    if (typeof value === 'number' && !Number.isFinite(value))
      return Number.isNaN(value) ? 'NULL' : value > 0 ? '9e999' : '-9e999'
    return String(value)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.broken) return
    this.broken = true
    this.#prepared.clear()
    this.#database.close()
  }

  #statement(sql: string): StatementSync {
    const known = this.#prepared.get(sql)
    if (known !== undefined) return known
    const made = this.#database.prepare(sql)
    made.setReadBigInts(true)
    made.setReturnArrays(true)
    if (this.#prepared.size >= preparedLimit) this.#prepared.clear()
    this.#prepared.set(sql, made)
    return made
  }

  #run(statement: StatementSync, parameters: readonly SqlValue[]): number {
    return Number(statement.run(...parameters.map(bound)).changes)
  }

  #failed(error: unknown): SqlError {
    return sqliteError(error)
  }
}

function bound(value: SqlValue): SQLInputValue {
  if (typeof value === 'boolean') return value ? 1n : 0n
  return value
}
