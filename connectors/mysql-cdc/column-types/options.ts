/** The settings that decide how columns are announced and written; named after Debezium's properties. */

export interface TypeOptions {
  /** decimal.handling.mode */
  readonly decimals: 'precise' | 'double' | 'string'
  /** bigint.unsigned.handling.mode */
  readonly bigintUnsigned: 'long' | 'precise'
  /** time.precision.mode; `adaptive` is none of these connectors'. */
  readonly times: 'adaptive_time_microseconds' | 'connect' | 'isostring' | 'microseconds' | 'nanoseconds'
  /** binary.handling.mode */
  readonly binary: 'bytes' | 'base64' | 'base64-url-safe' | 'hex'
  /** enable.time.adjuster: years below 70 are of the 21st century, those below 100 of the 20th. */
  readonly adjustYears: boolean
  /** unavailable.value.placeholder, as bytes. */
  readonly placeholder: Uint8Array
  /**
   * What becomes of a value that its announced schema cannot hold (a negative TIME as a time of day): `null` where the
   * column allows it (event.converting.failure.handling.mode=warn or skip), or an error (fail).
   */
  readonly unrepresentable: 'null' | 'fail'
}

export const defaultTypeOptions: TypeOptions = {
  decimals: 'precise',
  bigintUnsigned: 'long',
  times: 'adaptive_time_microseconds',
  binary: 'bytes',
  adjustYears: true,
  placeholder: Buffer.from('__debezium_unavailable_value'),
  unrepresentable: 'null',
}
