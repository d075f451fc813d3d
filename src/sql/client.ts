/**
 * One connection to a SQL database. Values go both ways without loss: integers come back as bigint, decimals, dates
 * and times as text in the engine's ISO form, binary as bytes; nothing becomes a JS Date. The session's time zone is
 * UTC. A client is used by one caller at a time.
 */
export type Engine = 'postgres' | 'mysql' | 'mariadb' | 'sqlite'

export type SqlValue = string | bigint | number | boolean | Uint8Array | null

export interface SqlResult {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly SqlValue[])[]
  /** Rows inserted, updated or deleted; 0 for queries. */
  readonly affected: number
}

export interface ServerVersion {
  /** As the server says it. */
  readonly text: string
  readonly major: number
  readonly minor: number
  readonly patch: number
}

/** A table's name in the engine's own case: `schema` is MySQL's database, null means the session's own. */
export interface TableName {
  readonly schema: string | null
  readonly table: string
}

export interface ColumnDefinition {
  readonly name: string
  /** The type as declared, with its modifiers: `character varying(20)`, `int unsigned`. */
  readonly type: string
  /** The type without modifiers, in the engine's own short name and lower case: `varchar`, `int4[]`, `int`. */
  readonly base: string
  readonly nullable: boolean
  /** A default, a sequence or an identity fills the column when it is left out. */
  readonly hasDefault: boolean
  /** Computed by the database: cannot be written. */
  readonly generated: boolean
  /** `GENERATED ALWAYS AS IDENTITY`. */
  readonly alwaysIdentity: boolean
}

export type TableKind = 'TABLE' | 'PARTITIONED TABLE' | 'VIEW'

export interface TableDefinition {
  readonly name: TableName
  readonly kind: TableKind
  readonly columns: readonly ColumnDefinition[]
  /** Columns of the primary key, in key order. */
  readonly primaryKey: readonly string[]
}

/** Who connects; null: as the URL or the driver's default says. */
export interface Login {
  readonly user: string | null
  readonly password: string | null
}

export interface SqlClient extends AsyncDisposable {
  readonly engine: Engine
  readonly version: ServerVersion
  /** The connection is gone: dispose of the client and open another. */
  readonly broken: boolean
  /** Most bytes that one statement may have. */
  readonly statementBytes: number
  /** One statement. Parameters are `$1` on PostgreSQL, `?` elsewhere; with parameters it is prepared and kept. */
  query(sql: string, parameters?: readonly SqlValue[]): Promise<SqlResult>
  /** One statement for each row of parameters, prepared once; the affected rows of each. */
  queryMany(sql: string, rows: readonly (readonly SqlValue[])[]): Promise<readonly number[]>
  /** Commits when `work` ends well, rolls back and passes its error on when it throws. */
  transaction<T>(work: () => Promise<T>): Promise<T>
  /** The table's definition, null where there is none. Names are compared exactly. */
  table(name: TableName): Promise<TableDefinition | null>
  /** The schema (MySQL: database) that unqualified names belong to. */
  currentSchema(): Promise<string | null>
  /** An identifier in quotes, with quotes inside it doubled. */
  quote(identifier: string): string
  /** A value as SQL text. */
  literal(value: SqlValue): string
}

/** `"schema"."table"`, or `"table"` without a schema. */
export function quoteTable(client: Pick<SqlClient, 'quote'>, name: TableName): string {
  const table = client.quote(name.table)
  return name.schema === null ? table : `${client.quote(name.schema)}.${table}`
}

/** `1.2.3-suffix` → its first three numbers; missing ones are 0. */
export function parseVersion(text: string): ServerVersion {
  const [major = 0, minor = 0, patch = 0] = (/\d+(?:\.\d+)*/.exec(text)?.[0] ?? '').split('.').map(Number)
  return { text, major, minor, patch }
}
