/** What information_schema shows for a column of ours, where it shows the same for every form of declaration. */
import { canonicalType } from '../../../connectors/mysql-cdc/column-types/declared-column.ts'
import { type Column, declaredColumn } from '../../../connectors/mysql-cdc/ddl/index.ts'
import type { Server } from './random.ts'
import type { ServerColumn } from './server-tables.ts'

const integers = new Set(['tinyint', 'smallint', 'mediumint', 'int', 'bigint'])
const binaryTwins: Readonly<Record<string, string>> = {
  char: 'binary',
  varchar: 'varbinary',
  tinytext: 'tinyblob',
  text: 'blob',
  mediumtext: 'mediumblob',
  longtext: 'longblob',
}

/** Bytes of a character at most: they decide which TEXT a length makes. */
const widths: Readonly<Record<string, number>> = {
  utf8mb4: 4,
  utf8mb3: 3,
  utf8: 3,
  ucs2: 2,
  latin1: 1,
  latin2: 1,
  binary: 1,
}

/** The type as COLUMN_TYPE shows it, without display widths. */
export function serverType(column: Column, server: Server): string {
  const declared = declaredColumn(column)
  const canonical = canonicalType(declared.declaredType)
  const unsigned = canonical.unsigned ? ' unsigned' : ''
  const zerofill = / ZEROFILL/.test(column.typeName) ? ' zerofill' : ''
  const { length, scale } = column
  let type = canonical.type.toLowerCase()
  if (type === 'boolean') return 'tinyint'
  if (type === 'real') type = 'double'
  if (type === 'float' && scale === null && length !== null && length > 24) type = 'double'
  if (type === 'json' && server === 'mariadb') return 'longtext'
  if (type === 'geometrycollection' && server === 'mysql') type = 'geomcollection'
  if (type === 'year' || integers.has(type)) return `${type}${type === 'year' ? '' : unsigned + zerofill}`
  if (type === 'enum' || type === 'set')
    return `${type}(${declared.labels.map((label) => `'${label.replaceAll("'", "''")}'`).join(',')})`
  if (type === 'text' || type === 'blob') type = sized(type, length, widths[column.charset ?? 'binary'] ?? 1)
  if (column.charset === 'binary') type = binaryTwins[type] ?? type
  return `${type}${dimensions(type, length, scale)}${unsigned}${zerofill}`
}

function sized(type: string, length: number | null, width: number): string {
  if (length === null || length === 0) return type
  const bytes = length * (type === 'text' ? width : 1)
  if (bytes < 256) return `tiny${type}`
  if (bytes < 65536) return type
  return bytes < 16777216 ? `medium${type}` : `long${type}`
}

function dimensions(type: string, length: number | null, scale: number | null): string {
  if (/text$|blob$/.test(type)) return ''
  if (/^(?:char|binary|bit)$/.test(type)) return `(${length ?? 1})`
  if (type === 'vector') return `(${length ?? 2048})`
  if (type === 'decimal') return `(${length ?? 10},${scale ?? 0})`
  if (/^(?:float|double)$/.test(type)) return scale === null ? '' : `(${length},${scale})`
  return length === null || (length === 0 && /^(?:date|time)/.test(type)) ? '' : `(${length})`
}

/** The server's own, without display widths. */
export function shownType(type: string): string {
  return type.replace(/ \/\*.*\*\/$/, '').replace(/^((?:tiny|small|medium|big)?int|year)\(\d+\)/, '$1')
}

/** Names of character sets: `utf8` is what utf8mb3 was called. */
export function shownCharset(charset: string | null): string | null {
  return charset === 'utf8' ? 'utf8mb3' : charset === 'binary' ? null : charset
}

const textSizes = ['tinytext', 'text', 'mediumtext', 'longtext']

/** CONVERT TO makes a text larger that might not fit; the history, as Debezium's, keeps the type that was declared. */
export function sameType(ours: string, theirs: string): boolean {
  if (ours.replaceAll('\\\\', '\\') === theirs.replaceAll('\\\\', '\\')) return true
  return textSizes.includes(ours) && textSizes.indexOf(theirs) === textSizes.indexOf(ours) + 1
}

const numbers = /^(?:tinyint|smallint|mediumint|int|bigint|decimal|float|double)/
const characters = /^(?:char|varchar|enum|set)/

/** The default as a text, of types whose defaults the server shows as they were given; undefined: not compared. */
export function comparableDefault(column: Column, type: string): string | null | undefined {
  const { default: literal } = column
  if (literal === null) return null
  // Servers cut.
  if (column.length === 0) return undefined
  // Servers round.
  if (/^(?:\w*int|decimal)/.test(type) && !/^[+-]?\d+$/.test('text' in literal ? literal.text : ''))
    return undefined
  if (type.startsWith('bit'))
    return literal.kind === 'bits' ? `b'${BigInt(`0b0${literal.digits}`).toString(2)}'` : undefined
  if (literal.kind === 'text' && characters.test(type)) return literal.text
  if (literal.kind === 'bytes' && characters.test(type)) return literal.bytes.toString('latin1')
  if ((literal.kind === 'number' || literal.kind === 'text') && numbers.test(type))
    return `${Number(literal.text)}`
  if (literal.kind === 'number' && characters.test(type)) return literal.text.replace(/^\+/, '')
  return undefined
}

/** The server's default in the same form; undefined: an expression. */
export function shownDefault(
  [, type, , , value, extra]: ServerColumn,
  server: Server,
): string | null | undefined {
  if (value === null || (server === 'mariadb' && value === 'NULL')) return null
  if (/DEFAULT_GENERATED/.test(extra)) return undefined
  if (numbers.test(type))
    return Number.isNaN(Number(unquoted(value))) ? undefined : `${Number(unquoted(value))}`
  if (type.startsWith('bit')) return value
  if (server === 'mysql') return value
  return value.startsWith("'") ? unquoted(value) : undefined
}

function unquoted(value: string): string {
  return value.startsWith("'") ? labelTextOf(value) : value
}

function labelTextOf(value: string): string {
  return value
    .slice(1, -1)
    .replaceAll("''", "'")
    .replaceAll(
      /\\([\s\S])/g,
      (_, escaped: string) => ({ n: '\n', t: '\t', '0': '\0', r: '\r' })[escaped] ?? escaped,
    )
}
