/**
 * The push side of a value: whoever holds a value calls these, in the order of its schema; a wire format implements
 * them. Nothing is allocated per value, so numbers that are safe integers and text that is UTF-8 already have calls
 * of their own. Grammar of one value:
 *
 *   value  := null | boolean | integer | int64 | integerText | float32 | float64 | string | text | bytes
 *           | decimal | decimalSafe | struct | array | map
 *   struct := beginStruct (field value | fixed)* endStruct        every field once, in schema order
 *   array  := beginArray (element value)* endArray
 *   map    := beginMap (entry value entryValue value)* endMap
 */
import type { Schema } from './schema.ts'

export interface ValueWriter {
  null(): void
  boolean(value: boolean): void
  /** int8, int16, int32, and an int64 within ±2^53. */
  integer(value: number): void
  int64(value: bigint): void
  /** Canonical ASCII: `-?(0|[1-9][0-9]*)`, for any integer type. */
  integerText(bytes: Uint8Array, from: number, to: number): void
  float32(value: number): void
  float64(value: number): void
  string(value: string): void
  /** UTF-8. */
  text(bytes: Uint8Array, from: number, to: number): void
  bytes(bytes: Uint8Array, from: number, to: number): void
  /** A value of Connect's Decimal type: unscaled × 10^-scale. */
  decimal(unscaled: bigint, scale: number): void
  /** The same where the unscaled value is within ±2^53. */
  decimalSafe(unscaled: number, scale: number): void
  beginStruct(schema: Schema): void
  field(index: number): void
  endStruct(): void
  /** `schema` is null for an array without one. */
  beginArray(schema: Schema | null, size: number): void
  element(index: number): void
  endArray(): void
  /** Without a schema `textKeys` says whether all keys are strings; absent: they are. */
  beginMap(schema: Schema | null, size: number, textKeys?: boolean): void
  entry(index: number): void
  entryValue(): void
  endMap(): void
  /** A run of fields whose values never change: encoded once, copied ever after. Stands in for their `field` calls. */
  fixed(fields: FixedFields): void
}

/** A run of consecutive struct fields with constant values: `schema.fields[first]` has `values[0]`, and so on. */
export class FixedFields {
  readonly schema: Schema
  readonly first: number
  readonly values: readonly unknown[]
  /** The encoding of the format that wrote it last. */
  format: object | null = null
  encoded: unknown = null

  constructor(schema: Schema, first: number, values: readonly unknown[]) {
    this.schema = schema
    this.first = first
    this.values = values
  }
}
