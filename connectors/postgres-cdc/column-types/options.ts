/** The settings that decide how columns are announced and written; named after Debezium's properties. */
import { ConfigError } from '#errors'

export interface TypeOptions {
  /** decimal.handling.mode */
  readonly decimals: 'precise' | 'double' | 'string'
  /** time.precision.mode */
  readonly times:
    | 'adaptive'
    | 'adaptive_time_microseconds'
    | 'connect'
    | 'isostring'
    | 'microseconds'
    | 'nanoseconds'
  /** binary.handling.mode */
  readonly binary: 'bytes' | 'base64' | 'base64-url-safe' | 'hex'
  /** interval.handling.mode */
  readonly intervals: 'numeric' | 'string'
  /** hstore.handling.mode */
  readonly hstore: 'json' | 'map'
  /** money.fraction.digits */
  readonly moneyFractionDigits: number
  /** include.unknown.datatypes */
  readonly includeUnknown: boolean
  /** unavailable.value.placeholder, as bytes: see `placeholderBytes`. */
  readonly placeholder: Uint8Array
  /**
   * What becomes of a value that its announced schema cannot hold (NaN as a precise decimal): `null` where the column
   * allows it (event.converting.failure.handling.mode=warn or skip), or an error (fail).
   */
  readonly unrepresentable: 'null' | 'fail'
}

export const defaultTypeOptions: TypeOptions = {
  decimals: 'precise',
  times: 'adaptive',
  binary: 'bytes',
  intervals: 'numeric',
  hstore: 'json',
  moneyFractionDigits: 2,
  includeUnknown: false,
  placeholder: Buffer.from('__debezium_unavailable_value'),
  unrepresentable: 'null',
}

/** `unavailable.value.placeholder`: a text, or bytes after `hex:`. */
export function placeholderBytes(value: string): Uint8Array {
  if (!value.startsWith('hex:')) return Buffer.from(value)
  const hex = value.slice(4).replaceAll(' ', '')
  if (hex.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(hex))
    throw new ConfigError(
      'Invalid value for configuration unavailable.value.placeholder: not hexadecimal digits in pairs after hex:.',
    )
  return Buffer.from(hex, 'hex')
}
