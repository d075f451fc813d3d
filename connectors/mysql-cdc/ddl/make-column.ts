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

const numericTypes = new Set([-5, 2, 3, 4, 5, 6, 7, 8, 16])

/** A number is bits to BIT, and bytes are a number to numbers. */
function typedLiteral({ jdbcType }: Column, { literal }: DefaultClause): DefaultLiteral | null {
  if (literal === null) return null
  if (jdbcType === -7) {
    if (literal.kind === 'number' && /^\+?\d+$/.test(literal.text))
      return { kind: 'bits', digits: BigInt(literal.text.replace('+', '')).toString(2) }
    if (literal.kind === 'bytes') return { kind: 'bits', digits: bitsOf(literal.bytes) }
  } else if (numericTypes.has(jdbcType)) {
    if (literal.kind === 'bytes')
      return { kind: 'number', text: BigInt(`0x0${literal.bytes.toString('hex')}`).toString() }
    if (literal.kind === 'bits') return { kind: 'number', text: BigInt(`0b0${literal.digits}`).toString() }
  }
  return literal
}

function bitsOf(bytes: Buffer): string {
  return BigInt(`0x0${bytes.toString('hex')}`).toString(2)
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
  if (literal.kind === 'bits' && jdbcType === -7)
    return /^(?:true|false)$/i.test(clause.recorded ?? '') ? clause.recorded : literal.digits
  if (literal.kind === 'bytes') return `X'${literal.bytes.toString('hex').toUpperCase()}'`
  if (literal.kind === 'bits') return `X'${bitsBytes(literal.digits).toString('hex').toUpperCase()}'`
  return clause.literal?.kind === literal.kind
    ? clause.recorded
    : literal.kind === 'number' || literal.kind === 'text'
      ? literal.text
      : null
}
