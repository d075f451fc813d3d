/** Types of source columns, as `column.propagate.source.type` passes them on, in the terms of text and time columns. */
import type { Schema } from '#data'
import { sourceColumn } from './semantic.ts'

export type TextHint = { readonly form: 'char' | 'varchar'; readonly length: number }

const fixed = /^(BPCHAR|CHAR|CHARACTER|NCHAR)$/
const varying = /^(VARCHAR|VARCHAR2|NVARCHAR|NVARCHAR2|CHARACTER VARYING)$/

/** A text column with a length in the source. PostgreSQL says 2147483647 where there is none. */
export function textHint(schema: Schema): TextHint | null {
  const source = sourceColumn(schema)
  if (source === null || source.length === null || source.length < 1 || source.length > 65_535) return null
  if (fixed.test(source.type)) return { form: 'char', length: source.length }
  return varying.test(source.type) ? { form: 'varchar', length: source.length } : null
}

/** Digits after the second that the source column keeps; 6 unless it says less. */
export function timePrecision(schema: Schema): number {
  const source = sourceColumn(schema)
  if (source === null || !/^(TIME|DATETIME|TIMESTAMP)/.test(source.type)) return 6
  // MySQL puts the precision into the length.
  const digits = source.scale ?? source.length ?? 6
  return digits >= 0 && digits < 6 ? digits : 6
}
