/** How values of one SQL type are announced and read, before it is known what else the column says of them. */
import type { CellReader } from '#cdc'
import type { Schema, ValueWriter } from '#data'
import { DataError } from '#errors'

export interface ValueType {
  /** Required and without default. */
  readonly schema: Schema
  readonly read: CellReader
  /** What stands for a value of a NOT NULL column that an old row image leaves out. */
  readonly zero: unknown
  /** What stands for a value that the log does not carry; null where the schema can hold no placeholder. */
  readonly unavailable: unknown
  /** null: a DEFAULT of this type is not announced. */
  readonly defaults: DefaultRule | null
  /** Announced as optional even where the column is NOT NULL. */
  readonly alwaysOptional?: boolean
  /** As items of an array they are announced as optional. */
  readonly optionalItem?: boolean
}

/** How the text of a DEFAULT becomes the text of a cell. */
export interface DefaultRule {
  /** What stands for the result of a function call; null: nothing does. */
  readonly computed: string | null
  /** The cell for a literal's text, null if it is none of this type. */
  cell(literal: string): string | null
}

/** A rule that takes literals of a certain form as they are. */
export function literals(computed: string | null, form: RegExp): DefaultRule {
  return { computed, cell: (literal) => (form.test(literal) ? literal : null) }
}

/** Stands in for a value that the announced schema cannot hold: null, or an error that says which. */
export type Refuse = (writer: ValueWriter, what: string) => void

/** `column` and `what` name the column and the kind of value, never the value itself. */
export function refuseWith(column: string, nullable: boolean): Refuse {
  if (nullable) return (writer) => writer.null()
  return (_, what) => {
    throw new DataError(`Column "${column}" holds ${what}, which its schema cannot hold.`, {
      remedy:
        'Leave the column out with column.exclude.list, or choose a handling mode that can (decimal.handling.mode, time.precision.mode).',
    })
  }
}

/** The cell is not in the form that the type's output function writes. */
export function misread(expected: string): DataError {
  return new DataError(`A value does not have the form of ${expected}.`, {
    remedy:
      'The session settings DateStyle, IntervalStyle, bytea_output and lc_monetary must be ISO, postgres, hex and C.',
  })
}
