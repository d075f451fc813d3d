/** The settings that decide how columns are announced and written; named after Debezium's properties. */
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
  /** unavailable.value.placeholder, as bytes: see `placeholderBytes` of #cdc. */
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
