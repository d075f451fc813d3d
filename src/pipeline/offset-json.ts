/**
 * Source offsets in the bytes of Connect's offsets topic: key `["connector",{partition}]`, value `{offset}`, as
 * JsonConverter without schemas prints them. Lookups are by the exact bytes of the key, so members keep the order their
 * connector gives them.
 */
import type { OffsetMap } from '#data'
import { DataError } from '#errors'
import { isJsonObject, type JsonValue, jsonText, parseJson } from './connect-json.ts'

export function offsetKeyText(connector: string, partition: OffsetMap): string {
  return `${offsetKeyPrefix(connector)}${offsetText(partition)}]`
}

/** What all keys of a connector begin with. */
export function offsetKeyPrefix(connector: string): string {
  return `[${jsonText(connector)},`
}

/** Refuses what could not be read back: the map is flat. */
export function offsetText(map: OffsetMap): string {
  if (isFlat(map)) return jsonText(map)
  throw new DataError(
    'An offset may hold only text, numbers and booleans, but there is a list or a map in it.',
  )
}

/** A stored offset; throws a DataError for what is none. */
export function parseOffset(value: string): OffsetMap {
  let parsed: JsonValue
  try {
    parsed = parseJson(value)
  } catch {
    parsed = null
  }
  if (isJsonObject(parsed) && isFlat(parsed)) return parsed
  throw new DataError('A stored source offset is not a JSON object of plain values.')
}

function isFlat(map: { readonly [name: string]: JsonValue }): map is OffsetMap {
  return Object.values(map).every((each) => each === null || typeof each !== 'object')
}
