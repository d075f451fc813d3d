/**
 * The columns that a table is read by: how a SELECT gives and compares them, and what their values are in an offset, in
 * the Java types of Debezium's. Texts compare by their column's collation, as they are ordered; ENUM, SET and BIT by
 * their number.
 */
import { type Key, type KeyPart, SignalProblem } from '#cdc'
import { Decimal } from '#data'
import { canonicalType } from '../column-types/declared-column.ts'
import { type Column, declaredColumn } from '../ddl/index.ts'
import { quotedName, selectExpression } from '../tables/select-expression.ts'

type Kind = 'integer' | 'long' | 'decimal' | 'text' | 'bytes'

export interface KeyColumn {
  readonly name: string
  readonly expression: string
  readonly kind: Kind
  readonly optional: boolean
}

const numbered = new Set(['ENUM', 'SET', 'BIT'])
const bytes = new Set(['BINARY', 'VARBINARY', 'TINYBLOB', 'BLOB', 'MEDIUMBLOB', 'LONGBLOB'])
const integers = new Set(['TINYINT', 'SMALLINT', 'MEDIUMINT', 'INT', 'INTEGER', 'YEAR', 'BOOLEAN', 'BOOL'])

export function keyColumn(column: Column): KeyColumn {
  const { type, unsigned } = canonicalType(declaredColumn(column).declaredType)
  const { name, optional } = column
  const isNumbered = numbered.has(type)
  const expression = isNumbered ? `(${quotedName(name)} + 0)` : selectExpression(column)
  return { name, expression, optional, kind: isNumbered ? 'long' : kindOf(type, unsigned) }
}

function kindOf(type: string, unsigned: boolean): Kind {
  if (bytes.has(type)) return 'bytes'
  if (type === 'BIGINT' || (type.startsWith('INT') && unsigned)) return 'long'
  if (integers.has(type)) return 'integer'
  return type === 'DECIMAL' || type === 'NUMERIC' ? 'decimal' : 'text'
}

/** The value of one cell. */
export function keyPart({ kind }: KeyColumn, cell: Buffer | null): KeyPart {
  if (cell === null) return null
  if (kind === 'bytes') return Buffer.from(cell)
  const text = cell.toString('utf8')
  switch (kind) {
    case 'integer':
      return Number(text)
    case 'long':
      return BigInt(text)
    case 'decimal':
      return Decimal.parse(text)
    default:
      return text
  }
}

/** The value may come out of a stored offset: it is never more than a literal. */
function literal(part: KeyPart): string {
  if (part === null) return 'NULL'
  if (typeof part === 'string') return `_utf8mb4 X'${Buffer.from(part).toString('hex')}'`
  if (part instanceof Uint8Array) return `X'${Buffer.from(part).toString('hex')}'`
  if (typeof part === 'boolean') return part ? '1' : '0'
  return String(part)
}

/** Rows behind that key. NULL comes first in an order. */
export function behind(columns: readonly KeyColumn[], key: Key): string {
  return beyond(columns, key, (column, part) =>
    part === null ? `${column.expression} IS NOT NULL` : `${column.expression} > ${literal(part)}`,
  )
}

/** Rows up to that key, and of that key. */
export function upTo(columns: readonly KeyColumn[], key: Key): string {
  const before = beyond(columns, key, ({ expression, optional }, part) => {
    if (part === null) return 'FALSE'
    const less = `${expression} < ${literal(part)}`
    return optional ? `(${less} OR ${expression} IS NULL)` : less
  })
  const same = columns.map((column, i) => equals(column, key[i] ?? null)).join(' AND ')
  return `(${before} OR (${same}))`
}

type Side = (column: KeyColumn, part: KeyPart) => string

function beyond(columns: readonly KeyColumn[], key: Key, side: Side): string {
  const [column, ...more] = columns
  if (column === undefined) throw new SignalProblem('a key has no columns')
  const part = key[0] ?? null
  if (more.length === 0) return side(column, part)
  return `(${side(column, part)} OR (${equals(column, part)} AND ${beyond(more, key.slice(1), side)}))`
}

function equals({ expression }: KeyColumn, part: KeyPart): string {
  return part === null ? `${expression} IS NULL` : `${expression} = ${literal(part)}`
}

export function inOrder(columns: readonly KeyColumn[], direction: 'ASC' | 'DESC'): string {
  return columns.map(({ expression }) => `${expression} ${direction}`).join(', ')
}
