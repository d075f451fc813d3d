/**
 * Source offsets in the bytes of Connect's offsets topic: key `["connector",{partition}]`, value `{offset}`, as
 * JsonConverter without schemas prints them. Lookups are by the exact bytes of the key, so members keep the order their
 * connector gives them. Integers are 64 bits wide (bigint), other numbers doubles.
 */
import type { OffsetMap, OffsetValue } from '#data'
import { javaDouble } from '#data'
import { DataError } from '#errors'

export function offsetKeyText(connector: string, partition: OffsetMap): string {
  return `${offsetKeyPrefix(connector)}${mapText(partition)}]`
}

/** What all keys of a connector begin with. */
export function offsetKeyPrefix(connector: string): string {
  return `[${quoted(connector)},`
}

export function mapText(map: OffsetMap): string {
  let text = ''
  for (const name in map) text += `${text === '' ? '' : ','}${quoted(name)}:${valueText(map[name] ?? null)}`
  return `{${text}}`
}

function valueText(value: OffsetValue): string {
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
  throw new DataError(
    `An offset may hold only text, numbers and booleans, but there is a value of type ${typeof value}.`,
  )
}

/** Jackson's escapes: JSON's short ones, else four upper-case hex digits; beyond the BMP two of them. */
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

/** Connector and partition of a stored key; null for a key of another kind. */
export function parseOffsetKey(
  key: string,
): { readonly connector: string; readonly partition: OffsetMap } | null {
  const parsed = parseOrNull(key)
  if (!Array.isArray(parsed) || parsed.length !== 2) return null
  const [connector, partition] = parsed as readonly unknown[]
  return typeof connector === 'string' && isMap(partition) ? { connector, partition } : null
}

/** A stored offset; throws a DataError for what is none. */
export function parseOffset(value: string): OffsetMap {
  const parsed = parseOrNull(value)
  if (isMap(parsed)) return parsed
  throw new DataError('A stored source offset is not a JSON object of plain values.')
}

/** TypeScript's library does not know the reviver's third argument yet. */
type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown

const integersAreBigints: Reviver = (_key, value, { source }) =>
  typeof value === 'number' && source !== undefined && /^-?\d+$/.test(source) ? BigInt(source) : value

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text, integersAreBigints as (key: string, value: unknown) => unknown)
  } catch {
    return null
  }
}

function isMap(value: unknown): value is OffsetMap {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((each) => each === null || typeof each !== 'object')
  )
}
