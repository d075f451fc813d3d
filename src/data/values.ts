/**
 * How a value of each schema type is held in memory once somebody asks for it (`Datum.value()`):
 *
 *   int8 int16 int32   number                 boolean   boolean        array   unknown[]
 *   int64              bigint                 string    string         map     Map<unknown, unknown>
 *   float32 float64    number                 bytes     Uint8Array     struct  Struct
 *   any optional type  null where unset
 *
 * Logical types keep their base type's form (Date: days, Time: ms, Timestamp: bigint ms), except Decimal, whose value
 * is a `Decimal`. Without a schema: null, boolean, bigint (an integer), number (a float), string, Uint8Array,
 * unknown[] and Map.
 */
import type { Schema } from './schema.ts'

/** An exact decimal: unscaled × 10^-scale. */
export class Decimal {
  readonly unscaled: bigint
  readonly scale: number

  constructor(unscaled: bigint, scale: number) {
    this.unscaled = unscaled
    this.scale = scale
  }

  /** Parses `[-+]digits[.digits][e[-+]digits]`; throws a SyntaxError for anything else. */
  static parse(text: string): Decimal {
    const match = /^([-+]?)(\d*)(?:\.(\d*))?(?:[eE]([-+]?\d+))?$/.exec(text)
    if (match === null || ((match[2] ?? '') === '' && (match[3] ?? '') === ''))
      throw new SyntaxError(`'${text}' is not a decimal number`)
    const fraction = match[3] ?? ''
    const unscaled = BigInt((match[2] ?? '') + fraction) * (match[1] === '-' ? -1n : 1n)
    return new Decimal(unscaled, fraction.length - Number(match[4] ?? 0))
  }

  /** Plain notation: never an exponent. */
  toString(): string {
    const negative = this.unscaled < 0n
    const digits = (negative ? -this.unscaled : this.unscaled).toString()
    const sign = negative ? '-' : ''
    if (this.scale <= 0) return this.unscaled === 0n ? '0' : sign + digits + '0'.repeat(-this.scale)
    const padded = digits.padStart(this.scale + 1, '0')
    return `${sign}${padded.slice(0, -this.scale)}.${padded.slice(-this.scale)}`
  }

  /** The same number at another scale; throws a RangeError if digits would be lost. */
  withScale(scale: number): Decimal {
    if (scale === this.scale) return this
    if (scale > this.scale) return new Decimal(this.unscaled * 10n ** BigInt(scale - this.scale), scale)
    const divisor = 10n ** BigInt(this.scale - scale)
    if (this.unscaled % divisor !== 0n) throw new RangeError(`${this} does not fit scale ${scale}`)
    return new Decimal(this.unscaled / divisor, scale)
  }
}

/** The value of a struct schema: one slot per field, null where unset. */
export class Struct {
  readonly schema: Schema
  readonly values: unknown[]

  constructor(schema: Schema, values: unknown[] = new Array<unknown>(schema.fields.length).fill(null)) {
    this.schema = schema
    this.values = values
  }

  /** As Connect's `Struct.get`: an unset field reads as its schema's default. Unknown fields are an error. */
  get(name: string): unknown {
    const field = this.schema.field(name)
    if (field === undefined) throw new RangeError(`${name} is not a valid field name`)
    const value = this.values[field.index] ?? null
    return value === null && field.schema.hasDefault ? field.schema.default : value
  }

  /** What was put there, without defaults; null where unset or unknown. */
  raw(name: string): unknown {
    const field = this.schema.field(name)
    return field === undefined ? null : (this.values[field.index] ?? null)
  }

  put(name: string, value: unknown): this {
    const field = this.schema.field(name)
    if (field === undefined) throw new RangeError(`${name} is not a valid field name`)
    this.values[field.index] = value
    return this
  }
}
