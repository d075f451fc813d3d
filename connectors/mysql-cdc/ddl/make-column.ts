/** From a column's definition to the column: character set inherited, implied nullability and defaults filled in. */
import { bitsBytes } from '../column-types/texts.ts'
import type { DefaultLiteral } from '../column-types/default-literal.ts'
import type { ColumnDefinition } from './column-definition.ts'
import { type DefaultClause, noDefault } from './default-clause.ts'
import type { Dialect } from './dialect.ts'
import type { Column } from './table.ts'

export interface ColumnContext {
  /** Of the table. */
  readonly charset: string | null
  readonly server: Dialect['server']
  /** explicit_defaults_for_timestamp is off: a TIMESTAMP is NOT NULL unless it says NULL. */
  readonly implicitTimestamps: boolean
  /** Named by ALTER TABLE. */
  readonly isAltered: boolean
}

export function makeColumn(definition: ColumnDefinition, context: ColumnContext): Column {
  const { type, name } = definition
  const chosen = definition.charset === 'default' ? null : definition.charset
  const isImplicit = context.implicitTimestamps && type.typeName === 'TIMESTAMP'
  const optional = definition.key !== 'primary' && (definition.nullable ?? !isImplicit)
  const column: Column = {
    name,
    recordedName: context.isAltered ? name.replaceAll('`', '``') : name,
    jdbcType: type.jdbcType,
    typeName: type.typeName,
    length: type.length,
    scale: type.scale,
    charset: type.hasCharset ? (chosen ?? context.charset) : null,
    optional,
    autoIncremented: definition.autoIncrement || (definition.onUpdateNow && context.server === 'mysql'),
    hasDefault: optional,
    default: null,
    defaultExpression: null,
    labels: type.labels,
    comment: definition.comment,
    isRowEnd: definition.isRowEnd,
  }
  return definition.default === null ? column : withDefault(column, definition.default)
}

export function withDefault(column: Column, clause: DefaultClause): Column {
  // Servers take no default of a column that counts.
  if (column.autoIncremented && numericTypes.has(column.jdbcType)) return column
  const given = clause.isExpression ? noDefault : clause
  const literal = typedLiteral(column, given)
  return {
    ...column,
    hasDefault: column.optional || given.literal !== null,
    default: literal,
    defaultExpression: recorded(column, literal, given),
  }
}

export function withoutDefault(column: Column): Column {
  return { ...column, hasDefault: column.optional, default: null, defaultExpression: null }
}

const bitType = -7
const numericTypes = new Set([-5, 2, 3, 4, 5, 6, 7, 8, 16])

/** To BIT everything is bits, to numbers everything is a number, to others bits are bytes. */
function typedLiteral({ jdbcType }: Column, { literal }: DefaultClause): DefaultLiteral | null {
  if (literal === null) return null
  if (jdbcType === bitType) return { kind: 'bits', digits: bitsOf(literal) }
  if (numericTypes.has(jdbcType)) {
    if (literal.kind === 'bytes') return { kind: 'number', text: `${numberOf(literal.bytes)}` }
    if (literal.kind === 'bits') return { kind: 'number', text: BigInt(`0b0${literal.digits}`).toString() }
  }
  return literal.kind === 'bits' ? { kind: 'bytes', bytes: bitsBytes(literal.digits) } : literal
}

function bitsOf(literal: DefaultLiteral): string {
  switch (literal.kind) {
    case 'bits':
      return literal.digits
    case 'number':
      return BigInt(Math.round(Math.abs(Number(literal.text)))).toString(2)
    case 'bytes':
      return numberOf(literal.bytes).toString(2)
    case 'text':
      return numberOf(Buffer.from(literal.text)).toString(2)
  }
}

function numberOf(bytes: Buffer): bigint {
  return BigInt(`0x0${bytes.toString('hex')}`)
}

/**
 * As Debezium, but for what it cuts or takes for something else: bytes are X'…', or the number or the bits that they
 * are in the column's type.
 */
function recorded(
  { jdbcType }: Column,
  literal: DefaultLiteral | null,
  clause: DefaultClause,
): string | null {
  if (literal === null) return null
  if (literal.kind === 'bytes') return `X'${literal.bytes.toString('hex').toUpperCase()}'`
  const { recorded: written } = clause
  if (jdbcType === bitType && written !== null && /^(?:true|false)$/i.test(written)) return written
  if (literal.kind === 'bits') return literal.digits
  return clause.literal?.kind === literal.kind ? written : literal.text
}
