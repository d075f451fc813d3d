/**
 * PostgreSQL. Cells are texts in PostgreSQL's own input form. A batch is one statement whose parameters are one array
 * per column, `unnest`ed into rows: thousands of rows, as many parameters as columns, one plan.
 */
import type { Schema } from '#data'
import { DataError } from '#errors'
import { quoteTable, type SqlClient } from '#sql'
import { type Semantic, semanticOf } from '../semantic.ts'
import { instantOf, timeText } from '../temporal-text.ts'
import { bitsText, bytesOf, extendedWkb, geometryOf, hexOf, vectorText } from '../values.ts'
import { distinctByKey } from './distinct.ts'
import type { Batch, Binder, Cell, Dialect, Flavour, TargetColumn, WantedColumn } from './dialect.ts'
import { logicalText } from './logical-text.ts'
import { postgresColumnType } from './postgres-types.ts'
import { batchStatement, hasExactKeys, type PostgresStatement, rowStatement } from './postgres-statement.ts'

export const postgresDialect: Dialect = {
  engine: 'postgres',
  columnType: postgresColumnType,
  defaultLiteral,
  binder: postgresBinder,
  addColumns: (table, definitions) => [
    `ALTER TABLE ${table} ${definitions.map((definition) => `ADD COLUMN ${definition}`).join(', ')}`,
  ],
  write,
  truncate: (table) => `TRUNCATE TABLE ${table}`,
  fold: (identifier) =>
    /^[A-Za-z_][A-Za-z0-9_$]*$/.test(identifier) ? identifier.toLowerCase() : identifier,
}

function defaultLiteral(client: SqlClient, column: WantedColumn, flavour: Flavour): string | null {
  const { schema } = column
  const cell = postgresBinder(schema, '', flavour)(schema.default)
  if (schema.type === 'boolean') return schema.default === true ? 'TRUE' : 'FALSE'
  const { kind } = semanticOf(schema, flavour.types === 'debezium' ? 'debezium' : 'connect')
  const bare =
    kind === 'int' || kind === 'float' || kind === 'decimal' || kind === 'variable-decimal' || kind === 'year'
  return bare && /^-?[\d.]+(e[-+]?\d+)?$/i.test(String(cell)) ? String(cell) : client.literal(cell)
}

/** Cells are texts; `base` decides where one value has several forms. */
function postgresBinder(schema: Schema, base: string, flavour: Flavour): Binder {
  const semantic = semanticOf(schema, flavour.types === 'debezium' ? 'debezium' : 'connect')
  const isBit = /^"?bit( varying)?"?$/.test(base)
  switch (semantic.kind) {
    case 'boolean':
      return isBit ? (value) => (value === true ? '1' : '0') : (value) => String(value)
    case 'date':
      return infinite(semantic, flavour, 2147483647, -2147483648)
    case 'timestamp':
      return semantic.unit === 'us'
        ? infinite(semantic, flavour, 9223372036825200000n, -9223372036832400000n)
        : plain(semantic, flavour)
    case 'zoned-timestamp':
      return (value) => withZone(plain(semantic, flavour)(value))
    case 'uuid':
      return (value) => String(value).toLowerCase()
    case 'bytes':
      return (value) => `\\x${hexOf(bytesOf(value))}`
    case 'bits':
      return semantic.length === 1 && !isBit
        ? (value) => (bitsText(value, 1) === '1' ? 'true' : 'false')
        : (value) => bitsText(value, semantic.length)
    case 'duration':
      return (value) => timeText(instantOf(value as bigint, semantic.unit))
    case 'geometry':
    case 'geography':
      return (value) => geometryText(value)
    case 'point':
      return base === 'point' ? (value) => pointText(value) : (value) => geometryText(value)
    case 'vector':
      return vectorText
    case 'array':
      return arrayBinder(semantic.item, base, flavour)
    case 'json':
      return base === 'hstore' ? (value) => hstoreText(jsonEntries(String(value))) : (value) => String(value)
    case 'map':
      return base === 'hstore'
        ? (value) => hstoreText([...(value as Map<string, string | null>)])
        : (value) => JSON.stringify(Object.fromEntries(value as Map<string, unknown>))
    case 'struct':
      return () => {
        throw new DataError('Unsupported source data type: STRUCT')
      }
    default:
      return plain(semantic, flavour)
  }
}

function plain(semantic: Semantic, flavour: Flavour): (value: unknown) => string {
  return logicalText(semantic, flavour) ?? ((value) => String(value))
}

/** Debezium writes PostgreSQL's `infinity` as the last value of its range. */
function infinite(
  semantic: Semantic,
  flavour: Flavour,
  above: number | bigint,
  below: number | bigint,
): Binder {
  const text = plain(semantic, flavour)
  return (value) => (value === above ? 'infinity' : value === below ? '-infinity' : text(value))
}

function withZone(text: string): string {
  if (!/^\d/.test(text)) return text
  return text.endsWith(' BC') ? `${text.slice(0, -3)}+00 BC` : `${text}+00`
}

function geometryText(value: unknown): string {
  const { wkb, srid } = geometryOf(value)
  return extendedWkb(wkb, srid)
}

function pointText(value: unknown): string {
  const { x, y, wkb } = geometryOf(value)
  if (!Number.isNaN(x)) return `(${x},${y})`
  const view = Buffer.from(wkb)
  return view[0] === 1
    ? `(${view.readDoubleLE(5)},${view.readDoubleLE(13)})`
    : `(${view.readDoubleBE(5)},${view.readDoubleBE(13)})`
}

function arrayBinder(item: Schema, base: string, flavour: Flavour): Binder {
  const bind = postgresBinder(item, base.replace(/\[\]$/, ''), flavour)
  const nested = item.type === 'array'
  const text = (value: unknown): string => {
    if (value === null || value === undefined) return 'NULL'
    const cell = String(bind(value))
    return nested ? cell : quoted(cell)
  }
  return (value) => `{${(value as readonly unknown[]).map(text).join(',')}}`
}

function quoted(text: string): string {
  return `"${/["\\]/.test(text) ? text.replace(/["\\]/g, '\\$&') : text}"`
}

function jsonEntries(text: string): [string, string | null][] {
  const parsed: unknown = JSON.parse(text)
  return Object.entries(parsed as Record<string, string | null>)
}

function hstoreText(entries: readonly (readonly [string, string | null])[]): string {
  return entries.map(([key, value]) => `${quoted(key)}=>${value === null ? 'NULL' : quoted(value)}`).join(',')
}

/** Statements by the columns they were made for: one set of columns lasts for as long as a record schema. */
const statements = new WeakMap<readonly TargetColumn[], Map<string, PostgresStatement>>()

function statementOf(
  client: SqlClient,
  batch: Batch,
  rowwise: boolean,
  flavourKey: string,
): PostgresStatement {
  let byMode = statements.get(batch.columns)
  if (byMode === undefined) statements.set(batch.columns, (byMode = new Map()))
  const key = `${batch.mode} ${rowwise} ${flavourKey}`
  let statement = byMode.get(key)
  if (statement === undefined) {
    const table = quoteTable(client, batch.table.name)
    statement = rowwise ? rowStatement(client, table, batch) : batchStatement(client, table, batch)
    byMode.set(key, statement)
  }
  return statement
}

async function write(client: SqlClient, batch: Batch): Promise<number> {
  const merging = batch.mode === 'upsert' || batch.mode === 'update'
  // One statement may not meet a row twice. Where equal keys have equal texts, only the last of each is written;
  // elsewhere (citext, char(n)) rows go one by one.
  const rowwise = merging && !hasExactKeys(batch)
  const tableKey = JSON.stringify(batch.table.name)
  const statement = statementOf(client, batch, rowwise, tableKey)
  if (rowwise) {
    const affected = await client.queryMany(statement.sql, batch.rows)
    return affected.reduce((sum, each) => sum + each, 0)
  }
  const rows = merging ? distinctByKey(batch.rows, batch.keys) : batch.rows
  const columns = batch.columns.map((_, index) => columnText(rows, index, statement.plain[index] === true))
  const { affected } = await client.query(statement.sql, columns)
  return affected + (batch.rows.length - rows.length)
}

/** One column of all rows as an array literal; `bare` elements need no quotes. */
function columnText(rows: readonly (readonly Cell[])[], index: number, bare: boolean): string {
  let text = '{'
  for (let i = 0; i < rows.length; i++) {
    const cell = rows[i]?.[index] ?? null
    if (i > 0) text += ','
    text += cell === null ? 'NULL' : bare ? (cell as string) : quoted(cell as string)
  }
  return `${text}}`
}
