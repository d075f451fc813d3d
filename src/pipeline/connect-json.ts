/**
 * JSON as Connect's internal topics carry it: integers are 64 bits wide (bigint here), other numbers doubles. Writing
 * gives the bytes that Jackson gives, because offsets are looked up by the exact bytes of their key: no blanks, short
 * escapes where JSON has them, else four upper-case hex digits (two escapes beyond the BMP), doubles with a fraction.
 */
import { javaDouble } from '#data'
import { DataError } from '#errors'
import { jsonPlace } from '#plugin'

export type JsonValue = string | bigint | number | boolean | null | readonly JsonValue[] | JsonObject
export interface JsonObject {
  readonly [key: string]: JsonValue
}

/** TypeScript's library does not know the reviver's third argument yet. */
type Reviver = (key: string, value: JsonValue, context: { readonly source?: string }) => JsonValue

const bigints: Reviver = (_key, value, { source }) =>
  typeof value === 'number' && source !== undefined && /^-?\d+$/.test(source) ? BigInt(source) : value

/** Throws a DataError for what is no JSON; it does not quote the text, which may hold secrets (invariant 7). */
export function parseJson(text: string): JsonValue {
  try {
    return JSON.parse(text, bigints as (key: string, value: unknown) => unknown) as JsonValue
  } catch {
    throw new DataError(`A text is no valid JSON from ${jsonPlace(text)} on.`)
  }
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
    case 'object':
      return value === null ? 'null' : structureText(value)
    default:
      throw new DataError(
        `JSON may hold only text, numbers and booleans, but there is a value of type ${typeof value}.`,
      )
  }
}

function structureText(value: readonly JsonValue[] | JsonObject): string {
  if (Array.isArray(value)) return `[${value.map((each: JsonValue) => jsonText(each)).join(',')}]`
  const members = Object.entries(value as JsonObject)
  return `{${members.map(([key, each]) => `${quoted(key)}:${jsonText(each)}`).join(',')}}`
}

function quoted(text: string): string {
  return `"${text.replace(/["\\\u0000-\u001f\ud800-\udfff]/g, escaped)}"`
}

const short: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\f': '\\f',
  '\r': '\\r',
}

function escaped(unit: string): string {
  return short[unit] ?? `\\u${unit.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`
}
