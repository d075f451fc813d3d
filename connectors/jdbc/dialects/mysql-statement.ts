/** SQL for MySQL and MariaDB, values included. */
import type { SqlClient } from '#sql'
import type { Batch, Cell } from './dialect.ts'

export function insertHead(client: SqlClient, table: string, batch: Batch): string {
  return `INSERT INTO ${table} (${batch.columns.map((column) => client.quote(column.name)).join(',')}) VALUES `
}

/** Of an upsert. MySQL from 8.0.20 on names the new row, MariaDB and older MySQL have VALUES(). */
export function insertTail(client: SqlClient, batch: Batch): string {
  if (batch.mode !== 'upsert') return ''
  const { version, engine } = client
  const named =
    engine === 'mysql' && version.major * 1_000_000 + version.minor * 1_000 + version.patch >= 8_000_020
  const names = batch.columns.map((column) => client.quote(column.name))
  // With nothing but keys, a key is set to itself: an upsert without effect.
  const set = names.length > batch.keys ? names.slice(batch.keys) : names.slice(0, 1)
  const sets = set.map((name) => (named ? `${name}=new.${name}` : `${name}=VALUES(${name})`)).join(',')
  return `${named ? ' AS new' : ''} ON DUPLICATE KEY UPDATE ${sets}`
}

export function rowText(client: SqlClient, row: readonly Cell[]): string {
  let text = '('
  for (let i = 0; i < row.length; i++) {
    if (i > 0) text += ','
    text += client.literal(row[i] ?? null)
  }
  return `${text})`
}

/** The left side of a delete's IN. */
export function matches(client: SqlClient, batch: Batch): string {
  const names = batch.columns.slice(0, batch.keys).map((column) => client.quote(column.name))
  return names.length === 1 ? (names[0] ?? '') : `(${names.join(',')})`
}

export function updateText(client: SqlClient, table: string, batch: Batch, row: readonly Cell[]): string {
  const terms = batch.columns.map(
    (column, i) => `${client.quote(column.name)}=${client.literal(row[i] ?? null)}`,
  )
  const where = terms.slice(0, batch.keys).join(' AND ')
  return `UPDATE ${table} SET ${terms.slice(batch.keys).join(',')}${where === '' ? '' : ` WHERE ${where}`}`
}
