/**
 * Data types of both servers, as declared: `INT(11) UNSIGNED ZEROFILL`, `NATIONAL CHARACTER VARYING(10)`, `ENUM('a','b')`.
 *
 *   type      := words ('(' number (',' number)? ')' | '(' text (',' text)* ')')? attribute*
 *   attribute := UNSIGNED | SIGNED | ZEROFILL | BINARY | ASCII | UNICODE | BYTE | charset
 */
import { type CharsetChoice, startsCharset, takeCharset } from './charset-clause.ts'
import { list, number, take } from './reading.ts'
import { recordedText } from './text-literal.ts'
import type { Tokens } from './tokens.ts'

export interface DataType {
  /** In capitals, with UNSIGNED, SIGNED, ZEROFILL and BINARY behind it; ZEROFILL implies UNSIGNED. */
  readonly typeName: string
  /** A number of java.sql.Types. */
  readonly jdbcType: number
  readonly length: number | null
  readonly scale: number | null
  /** Of ENUM and SET: in single quotes, with their escapes. */
  readonly labels: readonly string[]
  /** Null: the table's, for a type of characters. */
  readonly charset: CharsetChoice | null
  readonly hasCharset: boolean
  /** SERIAL: an auto-incremented key. */
  readonly isSerial: boolean
}

const jdbc = {
  BIT: -7,
  SMALLINT: 5,
  INTEGER: 4,
  BIGINT: -5,
  DECIMAL: 3,
  NUMERIC: 2,
  FLOAT: 6,
  REAL: 7,
  DOUBLE: 8,
  CHAR: 1,
  VARCHAR: 12,
  NCHAR: -15,
  NVARCHAR: -9,
  BINARY: -2,
  VARBINARY: -3,
  BLOB: 2004,
  DATE: 91,
  TIME: 92,
  TIMESTAMP: 93,
  ZONED_TIMESTAMP: 2014,
  BOOLEAN: 16,
  OTHER: 1111,
} as const

const jdbcTypes = new Map<string, number>([
  ['BIT', jdbc.BIT],
  ...['TINYINT', 'INT1', 'SMALLINT', 'INT2'].map((name) => [name, jdbc.SMALLINT] as const),
  ...['MEDIUMINT', 'MIDDLEINT', 'INT3', 'INT', 'INTEGER', 'INT4', 'YEAR'].map(
    (name) => [name, jdbc.INTEGER] as const,
  ),
  ...['BIGINT', 'INT8'].map((name) => [name, jdbc.BIGINT] as const),
  ...['BOOL', 'BOOLEAN'].map((name) => [name, jdbc.BOOLEAN] as const),
  ...['DECIMAL', 'DEC', 'FIXED', 'NUMBER'].map((name) => [name, jdbc.DECIMAL] as const),
  ['NUMERIC', jdbc.NUMERIC],
  ...['FLOAT', 'FLOAT4'].map((name) => [name, jdbc.FLOAT] as const),
  ...['DOUBLE', 'DOUBLE PRECISION', 'FLOAT8'].map((name) => [name, jdbc.DOUBLE] as const),
  ['REAL', jdbc.REAL],
  ['DATE', jdbc.DATE],
  ['TIME', jdbc.TIME],
  ['DATETIME', jdbc.TIMESTAMP],
  ['TIMESTAMP', jdbc.ZONED_TIMESTAMP],
  ...['CHAR', 'CHARACTER', 'ENUM', 'SET'].map((name) => [name, jdbc.CHAR] as const),
  ...['VARCHAR', 'VARCHARACTER', 'VARCHAR2', 'CHAR VARYING', 'CHARACTER VARYING'].map(
    (name) => [name, jdbc.VARCHAR] as const,
  ),
  ...['TINYTEXT', 'TEXT', 'MEDIUMTEXT', 'LONGTEXT', 'CLOB'].map((name) => [name, jdbc.VARCHAR] as const),
  ...['LONG', 'LONG VARCHAR', 'LONG VARCHARACTER', 'LONG CHAR VARYING', 'LONG CHARACTER VARYING'].map(
    (name) => [name, jdbc.VARCHAR] as const,
  ),
  ...['NCHAR', 'NATIONAL CHAR', 'NATIONAL CHARACTER'].map((name) => [name, jdbc.NCHAR] as const),
  ...['NVARCHAR', 'NCHAR VARCHAR', 'NCHAR VARCHARACTER', 'NCHAR VARYING', 'NATIONAL VARCHAR'].map(
    (name) => [name, jdbc.NVARCHAR] as const,
  ),
  ...['NATIONAL VARCHARACTER', 'NATIONAL CHAR VARYING', 'NATIONAL CHARACTER VARYING'].map(
    (name) => [name, jdbc.NVARCHAR] as const,
  ),
  ['BINARY', jdbc.BINARY],
  ...['VARBINARY', 'RAW'].map((name) => [name, jdbc.VARBINARY] as const),
  ...['TINYBLOB', 'BLOB', 'MEDIUMBLOB', 'LONGBLOB', 'LONG VARBINARY'].map(
    (name) => [name, jdbc.BLOB] as const,
  ),
  ...['JSON', 'VECTOR', 'UUID', 'INET4', 'INET6', 'GEOMETRY', 'POINT', 'LINESTRING', 'POLYGON'].map(
    (name) => [name, jdbc.OTHER] as const,
  ),
  ...['MULTIPOINT', 'MULTILINESTRING', 'MULTIPOLYGON', 'GEOMETRYCOLLECTION', 'GEOMCOLLECTION'].map(
    (name) => [name, jdbc.OTHER] as const,
  ),
])

/** Which words may follow to make one name of a type. */
const continuations: Readonly<Record<string, readonly string[]>> = {
  DOUBLE: ['PRECISION'],
  CHAR: ['VARYING'],
  CHARACTER: ['VARYING'],
  NATIONAL: ['CHAR', 'CHARACTER', 'VARCHAR', 'VARCHARACTER'],
  'NATIONAL CHAR': ['VARYING'],
  'NATIONAL CHARACTER': ['VARYING'],
  NCHAR: ['VARCHAR', 'VARCHARACTER', 'VARYING'],
  LONG: ['VARCHAR', 'VARCHARACTER', 'VARBINARY', 'CHAR', 'CHARACTER'],
  'LONG CHAR': ['VARYING'],
  'LONG CHARACTER': ['VARYING'],
}

const serial: DataType = {
  typeName: 'BIGINT UNSIGNED',
  jdbcType: jdbc.BIGINT,
  length: null,
  scale: null,
  labels: [],
  charset: null,
  hasCharset: false,
  isSerial: true,
}

export function dataType(tokens: Tokens): DataType {
  const typeName = typeWords(tokens)
  if (typeName === 'SERIAL') return serial
  const jdbcType = jdbcTypes.get(typeName) as number
  const isLabelled = typeName === 'ENUM' || typeName === 'SET'
  const hasCharset =
    jdbcType === jdbc.CHAR ||
    jdbcType === jdbc.VARCHAR ||
    jdbcType === jdbc.NCHAR ||
    jdbcType === jdbc.NVARCHAR
  const labels = isLabelled ? list(tokens, label) : []
  const numbers = !isLabelled && tokens.upper === '(' ? list(tokens, number) : []
  const attributes = takeAttributes(tokens, hasCharset)
  const isNational = jdbcType === jdbc.NCHAR || jdbcType === jdbc.NVARCHAR
  return {
    typeName: typeName + attributes.suffix,
    jdbcType,
    ...dimensions(typeName, jdbcType, numbers, labels),
    labels,
    charset: attributes.charset ?? (isNational ? 'utf8' : null),
    hasCharset,
    isSerial: false,
  }
}

function typeWords(tokens: Tokens): string {
  const start = tokens.mark()
  let words = tokens.kind === 'word' ? tokens.upper : ''
  if (words !== '') tokens.next()
  while (continuations[words]?.includes(tokens.upper)) {
    words += ` ${tokens.upper}`
    tokens.next()
  }
  if (words === 'SERIAL' || jdbcTypes.has(words)) return words
  tokens.reset(start)
  throw tokens.fail('a data type')
}

function label(tokens: Tokens): string {
  if (tokens.kind !== 'text' && tokens.kind !== 'hex') throw tokens.fail('a label')
  const { text, dialect } = tokens
  const isHex = tokens.kind === 'hex'
  tokens.next()
  if (isHex)
    return `'${Buffer.from(text.replaceAll(/^0x|[x']/gi, ''), 'hex')
      .toString()
      .replaceAll("'", "''")}'`
  return text.endsWith('"') && dialect.server === 'mariadb' && !dialect.noBackslashEscapes
    ? text
    : `'${recordedText(text, dialect)}'`
}

/** Where the declaration says nothing, what Debezium takes for it. */
function dimensions(
  typeName: string,
  jdbcType: number,
  numbers: readonly number[],
  labels: readonly string[],
): { readonly length: number | null; readonly scale: number | null } {
  const [length = null, scale = null]: readonly (number | null)[] = numbers
  if (typeName === 'ENUM') return { length: 1, scale: null }
  if (typeName === 'SET') return { length: Math.max(0, labels.length * 2 - 1), scale: null }
  if (typeName === 'BIT' || jdbcType === jdbc.NCHAR) return { length: length ?? 1, scale }
  if (jdbcType === jdbc.DECIMAL || jdbcType === jdbc.NUMERIC)
    return { length: length ?? 10, scale: scale ?? 0 }
  return { length, scale }
}

interface Attributes {
  readonly suffix: string
  readonly charset: CharsetChoice | null
}

function takeAttributes(tokens: Tokens, hasCharset: boolean): Attributes {
  let sign = ''
  let zerofill = ''
  let binary = ''
  let charset: CharsetChoice | null = null
  for (;;) {
    if (take(tokens, 'UNSIGNED')) sign = ' UNSIGNED'
    else if (take(tokens, 'SIGNED')) sign = ' SIGNED'
    else if (take(tokens, 'ZEROFILL')) zerofill = ' ZEROFILL'
    else if (hasCharset && take(tokens, 'BINARY')) binary = ' BINARY'
    else if (hasCharset && take(tokens, 'ASCII')) charset = 'latin1'
    else if (hasCharset && take(tokens, 'UNICODE')) charset = 'ucs2'
    else if (hasCharset && take(tokens, 'BYTE')) charset = 'binary'
    else if (startsCharset(tokens)) charset = takeCharset(tokens) ?? charset
    else break
  }
  if (zerofill !== '') sign = ' UNSIGNED'
  return { suffix: sign + zerofill + binary, charset }
}
