/**
 * How values of one SQL type are announced and read, before it is known what else the column says of them (invariant
 * 6). The log has a type's binary form, a query its text; both readers push the same value.
 */
import type { CellReader } from '#cdc'
import type { Schema, ValueWriter } from '#data'
import { DataError } from '#errors'
import type { LogColumn } from '../decode/table-map.ts'
import type { DefaultLiteral } from './default-literal.ts'

export interface ValueType {
  /** Required and without default. */
  readonly schema: Schema
  /** Of the bytes that a query's text protocol gives; text is UTF-8 and the session's time zone is UTC. */
  readonly readText: CellReader
  /** Of the bytes of a row event's cell; null if a column of that layout is none of this type. */
  readonly readLog: (column: LogColumn) => CellReader | null
  /** What stands for a value of a NOT NULL column that there is none of. */
  readonly zero: unknown
  /** What stands for a value that the log does not carry; null where the schema can hold no placeholder. */
  readonly unavailable: unknown
  /** Announced as optional even where the column is NOT NULL. */
  readonly alwaysOptional?: boolean
  /** The value to announce for a DEFAULT; undefined: none. */
  readonly defaultOf: (literal: DefaultLiteral) => unknown
}

/** Stands in for a value that the announced schema cannot hold: null, or an error that says which. */
export type Refuse = (writer: ValueWriter, what: string) => void

/** `what` names the kind of value, never the value itself; the column is named by whoever reads the row. */
export function refuseWith(nullable: boolean): Refuse {
  if (nullable) return (writer) => writer.null()
  return (_, what) => {
    throw new DataError(`It holds ${what}, which its schema cannot hold.`, {
      remedy:
        'Leave the column out with column.exclude.list, or choose a handling mode that can (time.precision.mode).',
    })
  }
}

/** The cell is not in the form that the type has. */
export function misread(expected: string): DataError {
  return new DataError(`A value does not have the form of ${expected}.`)
}

export const noDefault = (): undefined => undefined
