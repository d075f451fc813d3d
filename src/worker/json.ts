/**
 * JSON as Connect's internal topics carry it: integers are 64 bits wide (bigint here), other numbers doubles. Writing
 * gives the bytes that Jackson gives, because offsets are looked up by the exact bytes of their key: no blanks,
 * characters beyond the BMP as two escapes, control characters with upper-case hex digits, doubles with a fraction.
 */
import { javaDouble } from '#data'
import type { JsonObject, JsonValue } from './herder.ts'

/** TypeScript's library does not know the reviver's third argument yet. */
type Reviver = (key: string, value: JsonValue, context: { readonly source?: string }) => JsonValue

const bigints: Reviver = (_key, value, { source }) =>
  typeof value === 'number' && source !== undefined && /^-?\d+$/.test(source) ? BigInt(source) : value

/** Throws a SyntaxError for what is no JSON. */
export function parseJson(text: string): JsonValue {
  return JSON.parse(text, bigints as (key: string, value: unknown) => unknown) as JsonValue
}

export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function jsonText(value: JsonValue): string {
  switch (typeof value) {
    case 'string':
      return quoted(value)
    case 'number':
      return Number.isFinite(value) ? javaDouble(value) : quoted(javaDouble(value))
    case 'bigint':
    case 'boolean':
      return String(value)
    default:
      if (value === null) return 'null'
  }
  if (Array.isArray(value)) return `[${value.map((each: JsonValue) => jsonText(each)).join(',')}]`
  const members = Object.entries(value as JsonObject).map(([key, each]) => `${quoted(key)}:${jsonText(each)}`)
  return `{${members.join(',')}}`
}

function quoted(text: string): string {
  return JSON.stringify(text)
    .replace(/\\(?:u([0-9a-f]{4})|.)/g, (sequence, hex: string | undefined) =>
      hex === undefined ? sequence : `\\u${hex.toUpperCase()}`,
    )
    .replace(
      /[\u{10000}-\u{10ffff}]/gu,
      (character) => `${unicodeEscape(character.charCodeAt(0))}${unicodeEscape(character.charCodeAt(1))}`,
    )
}

function unicodeEscape(unit: number): string {
  return `\\u${unit.toString(16).toUpperCase().padStart(4, '0')}`
}
