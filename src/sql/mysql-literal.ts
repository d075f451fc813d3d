/**
 * MySQL and MariaDB values as SQL text, for statements with thousands of values, which the binary protocol limits to
 * 65,535 parameters. Text is in the connection's character set, utf8mb4.
 */
import { DataError } from '#errors'
import type { SqlValue } from './client.ts'

/** `backslashes`: whether a backslash escapes, that is, unless sql_mode has NO_BACKSLASH_ESCAPES. */
export function mysqlLiteral(value: SqlValue, backslashes: boolean): string {
  switch (typeof value) {
    case 'string':
      return mysqlText(value, backslashes)
    case 'bigint':
      return value.toString()
    case 'boolean':
      return value ? '1' : '0'
    case 'number':
      if (!Number.isFinite(value)) throw new DataError('MySQL has no NaN and no infinities.')
      return Object.is(value, -0) ? '-0e0' : String(value)
    default:
      return value === null ? 'NULL' : `x'${hexOf(value)}'`
  }
}

function mysqlText(text: string, backslashes: boolean): string {
  if (!/['\\]/.test(text)) return `'${text}'`
  const quoted = text.replaceAll("'", "''")
  return `'${backslashes ? quoted.replaceAll('\\', '\\\\') : quoted}'`
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')
}
