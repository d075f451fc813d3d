/** The settings of JsonConverter that change a payload. Compared by identity: get them from `jsonFormat`. */
export interface JsonFormat {
  /** `decimal.format=NUMERIC`; else BASE64. */
  readonly numericDecimals: boolean
  /** `replace.null.with.default`: an unset field prints its schema's default. */
  readonly defaultsForNull: boolean
}

const formats: readonly JsonFormat[] = [
  { numericDecimals: false, defaultsForNull: false },
  { numericDecimals: false, defaultsForNull: true },
  { numericDecimals: true, defaultsForNull: false },
  { numericDecimals: true, defaultsForNull: true },
]

export function jsonFormat(numericDecimals: boolean, defaultsForNull: boolean): JsonFormat {
  return formats[(numericDecimals ? 2 : 0) + (defaultsForNull ? 1 : 0)] as JsonFormat
}
