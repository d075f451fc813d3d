/**
 * The push side of a value: whoever holds a value calls these, in the order of its schema; a wire format implements
 * them. Nothing is allocated per value, so numbers that are safe integers and text that is UTF-8 already have calls
 * of their own. Grammar of one value:
 *
 *   value  := null | boolean | integer | int64 | integerText | float32 | float64 | string | text | bytes
 *           | decimal | decimalSafe | struct | array | map
 *   struct := beginStruct (field value | fixed | pattern)* endStruct        every field once, in schema order
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
  /** A run of fields that follow from a few numbers; stands in for their `field` calls as well. */
  pattern(fields: FieldPattern, numbers: Float64Array): void
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

/** The values of a pattern's fields for some numbers: all of them, in the order of the schema. */
export type PatternValues = (numbers: readonly bigint[]) => readonly unknown[]

/**
 * A run of consecutive struct fields that follow from a few whole numbers: positions, times, ids. Between neighbouring
 * records few of the numbers change, and of those few digits; so a format that prints digits keeps what it wrote last.
 * For its sake a number shows in the values as its decimal digits and not otherwise; they may be part of a text.
 */
export class FieldPattern {
  readonly schema: Schema
  readonly first: number
  /** How many numbers there are: safe integers, not negative. */
  readonly count: number
  readonly #values: PatternValues
  readonly #numbers: Float64Array
  readonly #integers: bigint[]
  /** The encoding of the format that wrote it last. */
  format: object | null = null
  encoded: unknown = null

  constructor(schema: Schema, first: number, count: number, values: PatternValues) {
    this.schema = schema
    this.first = first
    this.count = count
    this.#values = values
    this.#numbers = new Float64Array(count)
    this.#integers = new Array<bigint>(count).fill(0n)
  }

  values(numbers: Float64Array): readonly unknown[] {
    for (let i = 0; i < this.count; i++) {
      const number = numbers[i] as number
      if (number === this.#numbers[i]) continue
      this.#numbers[i] = number
      this.#integers[i] = BigInt(number)
    }
    return this.#values(this.#integers)
  }
}
