/**
 * MySQL and MariaDB. Cells become SQL text when they are written: one INSERT has as many rows as fit into a packet,
 * which no count of prepared parameters would allow.
 */
import type { Schema } from '#data'
import { DataError } from '#errors'
import { quoteTable, type SqlClient } from '#sql'
import { semanticOf } from '../semantic.ts'
import { bitsText, bytesOf, geometryOf } from '../values.ts'
import type { Batch, Binder, Cell, Dialect, Flavour, WantedColumn } from './dialect.ts'
import { logicalText } from './logical-text.ts'
import { mysqlColumnType } from './mysql-types.ts'
import { insertHead, insertTail, matches, rowText, updateText } from './mysql-statement.ts'

export const mysqlDialect: Dialect = {
  engine: 'mysql',
  columnType: mysqlColumnType,
  defaultLiteral,
  binder: mysqlBinder,
  addColumns: (table, definitions) => [
    `ALTER TABLE ${table} ${definitions.map((definition) => `ADD COLUMN ${definition}`).join(', ')}`,
  ],
  write,
  truncate: (table) => `TRUNCATE TABLE ${table}`,
  fold: (identifier) => identifier,
}

/** Debezium's sink takes MariaDB's `json`, a checked text, for plain text. */
export const mariadbDialect: Dialect = {
  ...mysqlDialect,
  engine: 'mariadb',
  columnType: (column, flavour) => {
    const type = mysqlColumnType(column, flavour)
    return type === 'json' ? 'longtext' : type
  },
}

function defaultLiteral(client: SqlClient, column: WantedColumn, flavour: Flavour): string | null {
  const type = mysqlColumnType(column, flavour)
  if (
    /^(longtext|text|mediumtext|tinytext|longblob|blob|mediumblob|tinyblob|json|geometry|point)$/i.test(type)
  )
    return null
  return client.literal(mysqlBinder(column.schema, '', flavour)(column.schema.default))
}

function mysqlBinder(schema: Schema, base: string, flavour: Flavour): Binder {
  const semantic = semanticOf(schema, flavour.types === 'debezium' ? 'debezium' : 'connect')
  switch (semantic.kind) {
    case 'int':
    case 'float':
    case 'year':
    case 'duration':
    case 'boolean':
      return (value) => value as Cell
    case 'bytes':
      return bytesOf
    case 'bits':
      return semantic.length === 1
        ? (value) => bitsText(value, 1) === '1'
        : (value) => (/^bit$|^$/.test(base) ? bigEndian(value) : bitsText(value, semantic.length))
    case 'geometry':
    case 'geography':
    case 'point':
      return geometryBytes
    case 'array':
    case 'map':
    case 'struct':
    case 'vector':
      return () => {
        throw new DataError(`Unsupported source data type: ${schema.type.toUpperCase()}`)
      }
    case 'timestamp':
    case 'zoned-timestamp': {
      const text = logicalText(semantic, flavour)
      return (value) => text?.(value) ?? null
    }
    default:
      return logicalText(semantic, flavour) ?? ((value) => String(value))
  }
}

/** Most significant byte first, as MySQL numbers the bits of a binary literal. */
function bigEndian(value: unknown): Uint8Array {
  return Uint8Array.from(bytesOf(value)).reverse()
}

/** MySQL's own form of a geometry: the reference system in four bytes, then well-known binary, axes as they are. */
function geometryBytes(value: unknown): Uint8Array {
  const { wkb, srid } = geometryOf(value)
  const head = Buffer.alloc(4)
  head.writeUInt32LE(srid ?? 0)
  return Buffer.concat([head, wkb])
}

async function write(client: SqlClient, batch: Batch): Promise<number> {
  const table = quoteTable(client, batch.table.name)
  switch (batch.mode) {
    case 'update': {
      let affected = 0
      for (const row of batch.rows)
        affected += (await client.query(updateText(client, table, batch, row))).affected
      return affected
    }
    case 'delete':
      return writeRows(
        client,
        batch.rows,
        `DELETE FROM ${table} WHERE ${matches(client, batch)} IN (`,
        ')',
        batch.keys === 1,
      )
    default:
      return writeRows(client, batch.rows, insertHead(client, table, batch), insertTail(client, batch), false)
  }
}

/** Fills statements with rows up to the size of a packet. */
async function writeRows(
  client: SqlClient,
  rows: readonly (readonly Cell[])[],
  head: string,
  tail: string,
  scalar: boolean,
): Promise<number> {
  // A character takes at most three bytes in UTF-8 per UTF-16 unit.
  const limit = client.statementBytes / 3 - head.length - tail.length
  let affected = 0
  let text = ''
  for (const row of rows) {
    const next = scalar ? client.literal(row[0] ?? null) : rowText(client, row)
    if (text !== '' && text.length + next.length >= limit) {
      affected += (await client.query(head + text + tail)).affected
      text = ''
    }
    text += text === '' ? next : `,${next}`
  }
  if (text !== '') affected += (await client.query(head + text + tail)).affected
  return affected
}
