/**
 * What a DEFAULT announces: PostgreSQL tells it as an expression (pg_get_expr), and a schema can hold a constant only.
 *
 *   literal := E? quote (character | quote quote)* quote ('::' type)?
 *
 * The first quoted literal is taken, as Debezium does, and an expression without any as it stands; the call of a
 * function stands for the type's zero. What then is no text of the type is no default.
 */
import type { CellReader } from '#cdc'
import { type Schema, Struct, StructWriter } from '#data'
import { DataError } from '#errors'
import type { ValueType } from './value-type.ts'

const quoted = /(E?)'((?:[^']|'')*)'/
const functionCall = /^\(?[A-Za-z0-9_."]+\(.*\)/s
const clocks = new Set(['current_timestamp', 'current_time', 'current_date', 'localtime', 'localtimestamp'])

/** The constant in the expression: a literal's text; null for none (NULL). */
export function literalOf(expression: string): string | null {
  const match = quoted.exec(expression)
  if (match === null) return expression.startsWith('NULL::') || expression === 'NULL' ? null : expression
  const text = (match[2] ?? '').replaceAll("''", "'")
  return match[1] === 'E' ? text.replaceAll('\\\\', '\\') : text
}

export function isComputed(expression: string): boolean {
  return functionCall.test(expression) || clocks.has(expression.toLowerCase())
}

/** The default to announce for a column of that type, undefined for none. */
export function defaultValue(type: ValueType, expression: string): unknown {
  if (type.defaults === null) return undefined
  const trimmed = expression.trim()
  const literal = isComputed(trimmed) ? null : literalOf(trimmed)
  const cell = isComputed(trimmed)
    ? type.defaults.computed
    : literal === null
      ? null
      : type.defaults.cell(literal)
  if (cell === null) return undefined
  const value = cellValue(type.schema, type.read, cell)
  // Connect cannot announce a struct as default (KAFKA-12694).
  return value instanceof Struct || value === null ? undefined : value
}

/** The value of one cell; undefined if it is not of the type. */
function cellValue(schema: Schema, read: CellReader, cell: string): unknown {
  const bytes = Buffer.from(cell)
  const writer = new StructWriter(schema)
  try {
    read(bytes, 0, bytes.length, writer)
    return writer.result
  } catch (error) {
    if (error instanceof DataError) return undefined
    throw error
  }
}
