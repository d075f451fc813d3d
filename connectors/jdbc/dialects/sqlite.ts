/**
 * SQLite. Confluent's dialect keeps the forms of sqlite-jdbc, where dates and times are milliseconds since 1970 in
 * columns of NUMERIC affinity; Debezium's, which has no SQLite, gets ISO texts and decimals as text, exactly.
 */
import type { Schema } from '#data'
import { DataError } from '#errors'
import { quoteTable, type SqlClient } from '#sql'
import { type Semantic, semanticOf } from '../semantic.ts'
import { instantOf } from '../temporal-text.ts'
import { bitsText, bytesOf, geometryOf } from '../values.ts'
import type { Batch, Binder, Cell, Dialect, Flavour, WantedColumn } from './dialect.ts'
import { logicalText } from './logical-text.ts'
import { unmapped } from './unmapped.ts'

export const sqliteDialect: Dialect = {
  engine: 'sqlite',
  columnType,
  defaultLiteral: (client, column, flavour) =>
    client.literal(sqliteBinder(column.schema, '', flavour)(column.schema.default)),
  binder: sqliteBinder,
  // One column per statement is all that SQLite takes.
  addColumns: (table, definitions) =>
    definitions.map((definition) => `ALTER TABLE ${table} ADD COLUMN ${definition}`),
  write,
  truncate: (table) => `DELETE FROM ${table}`,
  fold: (identifier) => identifier,
}

function columnType(column: WantedColumn, flavour: Flavour): string {
  const debezium = flavour.types === 'debezium'
  const semantic = semanticOf(column.schema, debezium ? 'debezium' : 'connect')
  switch (semantic.kind) {
    case 'int':
    case 'boolean':
    case 'year':
    case 'duration':
      return 'INTEGER'
    case 'float':
      return 'REAL'
    case 'bytes':
    case 'geometry':
    case 'geography':
    case 'point':
      return 'BLOB'
    case 'decimal':
    case 'date':
    case 'time':
    case 'timestamp':
      return debezium ? 'TEXT' : 'NUMERIC'
    case 'array':
    case 'map':
    case 'struct':
    case 'vector':
      throw unmapped(column, 'SQLite')
    default:
      return 'TEXT'
  }
}

function sqliteBinder(schema: Schema, _base: string, flavour: Flavour): Binder {
  const debezium = flavour.types === 'debezium'
  const semantic = semanticOf(schema, debezium ? 'debezium' : 'connect')
  if (!debezium && (semantic.kind === 'date' || semantic.kind === 'time' || semantic.kind === 'timestamp'))
    return milliseconds(semantic)
  switch (semantic.kind) {
    case 'int':
    case 'year':
    case 'duration':
      return (value) => BigInt(value as number | bigint)
    case 'float':
    case 'boolean':
      return (value) => value as Cell
    case 'bytes':
      return bytesOf
    case 'bits':
      return (value) => bitsText(value, semantic.length)
    case 'geometry':
    case 'geography':
    case 'point':
      return (value) => geometryOf(value).wkb
    case 'array':
    case 'map':
    case 'struct':
    case 'vector':
      return () => {
        throw new DataError(`Unsupported source data type: ${schema.type.toUpperCase()}`)
      }
    default:
      return logicalText(semantic, flavour) ?? ((value) => String(value))
  }
}

function milliseconds(semantic: Extract<Semantic, { kind: 'date' | 'time' | 'timestamp' }>): Binder {
  const unit = semantic.kind === 'date' ? 'days' : semantic.unit
  return (value) => {
    const { seconds, nanos } = instantOf(typeof value === 'string' ? BigInt(value) : (value as number), unit)
    return BigInt(seconds) * 1000n + BigInt(Math.floor(nanos / 1_000_000))
  }
}

async function write(client: SqlClient, batch: Batch): Promise<number> {
  const affected = await client.queryMany(
    sqliteStatement(client, batch),
    batch.rows.map((row) => ordered(batch, row)),
  )
  return affected.reduce((sum, each) => sum + each, 0)
}

/** In an UPDATE the keys stand last. */
function ordered(batch: Batch, row: readonly Cell[]): readonly Cell[] {
  return batch.mode === 'update' ? [...row.slice(batch.keys), ...row.slice(0, batch.keys)] : row
}

export function sqliteStatement(client: SqlClient, batch: Batch): string {
  const table = quoteTable(client, batch.table.name)
  const names = batch.columns.map((column) => client.quote(column.name))
  const [keys, others] = [names.slice(0, batch.keys), names.slice(batch.keys)]
  const where = keys.length === 0 ? '' : ` WHERE ${keys.map((name) => `${name}=?`).join(' AND ')}`
  if (batch.mode === 'delete') return `DELETE FROM ${table}${where}`
  if (batch.mode === 'update')
    return `UPDATE ${table} SET ${others.map((name) => `${name}=?`).join(',')}${where}`
  const insert = `INSERT INTO ${table}(${names.join(',')}) VALUES (${names.map(() => '?').join(',')})`
  if (batch.mode === 'insert') return insert
  const sets = others.map((name) => `${name}=excluded.${name}`)
  const action = sets.length === 0 ? 'NOTHING' : `UPDATE SET ${sets.join(',')}`
  return `${insert} ON CONFLICT(${keys.join(',')}) DO ${action}`
}
