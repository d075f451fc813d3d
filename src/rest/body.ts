/**
 * Request bodies: bytes to JSON as Connect's parser reads it, and JSON to the shapes that the endpoints take. Where
 * Kafka Connect answers with the text of its parser and a 500, we answer 400 and say what is wrong. Messages never
 * quote the body: it may hold secrets (invariant 7).
 */
import { jsonPlace, type SubmittedConfig } from '#plugin'
import {
  HerderError,
  type ConnectorOffset,
  type CreateRequest,
  type JsonObject,
  type JsonValue,
  type TargetState,
} from '#worker'

/** A number as it was written: `1.50` and `1E+2` keep their text where a number becomes a setting. */
class NumberText {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

export type Json = string | boolean | null | NumberText | readonly Json[] | { readonly [key: string]: Json }
export type Members = { readonly [key: string]: Json }

function refuse(message: string): never {
  throw new HerderError(400, message)
}

/** null for an empty body: each endpoint says itself what it misses. */
export function readJson(bytes: Buffer): Json {
  const text = decoded(bytes)
  if (text.trim() === '') return null
  const keepNumbers = (_key: string, value: unknown, context?: { readonly source?: string }): unknown =>
    typeof value === 'number' ? new NumberText(context?.source ?? String(value)) : value
  try {
    return JSON.parse(text, keepNumbers) as Json
  } catch {
    return refuse(`The request body is not valid JSON: it cannot be read from ${jsonPlace(text)} on.`)
  }
}

/** UTF-8, or UTF-16 and UTF-32 as their zero bytes show; a byte order mark is dropped. */
function decoded(bytes: Buffer): string {
  const [first, second] = bytes
  const encoding =
    (first === 0xff && second === 0xfe) || (first !== 0 && second === 0)
      ? 'utf-16le'
      : (first === 0xfe && second === 0xff) || (first === 0 && second !== 0 && bytes.length > 1)
        ? 'utf-16be'
        : 'utf-8'
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes)
  } catch {
    return refuse('The request body is not valid UTF-8 text.')
  }
}

export function membersOf(json: Json, what: string): Members {
  if (json === null) refuse(`${what} is missing: a JSON object is expected.`)
  if (typeof json !== 'object' || Array.isArray(json) || json instanceof NumberText)
    refuse(`${what} must be a JSON object.`)
  return json as Members
}

export function onlyKnown(members: Members, known: readonly string[], what: string): void {
  const unknown = Object.keys(members).find((key) => !known.includes(key))
  if (unknown !== undefined)
    refuse(`Unrecognized field '${unknown}' in ${what}; it may have: ${known.join(', ')}.`)
}

/** Scalars become text, as everywhere in Connect's configurations. */
export function textOf(json: Json | undefined, what: string): string | null {
  if (json === undefined || json === null) return null
  if (typeof json === 'string') return json
  if (typeof json === 'boolean') return String(json)
  if (json instanceof NumberText) return json.text
  return refuse(`${what} must be a string, not ${Array.isArray(json) ? 'an array' : 'an object'}.`)
}

/** A flat map of settings. A null stays one: validation answers it, or a PATCH removes the key. */
export function readConfig(json: Json, what = 'The request body'): SubmittedConfig {
  const members = membersOf(json, what)
  return Object.fromEntries(
    Object.entries(members).map(([key, value]) => [key, textOf(value, `The value of '${key}'`)]),
  )
}

const targetStates: Readonly<Record<string, TargetState>> = {
  RUNNING: 'STARTED',
  PAUSED: 'PAUSED',
  STOPPED: 'STOPPED',
}

export function readCreateRequest(json: Json): CreateRequest {
  const members = membersOf(json, 'The request body')
  onlyKnown(members, ['name', 'config', 'initial_state'], 'the request')
  const name = trimmed(textOf(members['name'], "The field 'name'") ?? '')
  const config = readConfig(members['config'] ?? null, "The field 'config'")
  const state = textOf(members['initial_state'], "The field 'initial_state'")
  if (state === null) return { name, config }
  const targetState = targetStates[state.toUpperCase()]
  if (targetState === undefined) refuse("The field 'initial_state' must be RUNNING, PAUSED or STOPPED.")
  return { name, config, targetState }
}

/** Java's trim: only what is not above the space goes, so that a no-break space stays. */
function trimmed(text: string): string {
  return text.replace(/^[\0- ]+|[\0- ]+$/g, '')
}

/** null where the request names no offsets. */
export function readOffsets(json: Json): ConnectorOffset[] | null {
  const members = membersOf(json, 'The request body')
  onlyKnown(members, ['offsets'], 'the request')
  const list = members['offsets'] ?? null
  if (list === null) return null
  if (!Array.isArray(list)) refuse("The field 'offsets' must be an array.")
  return (list as readonly Json[]).map((each) => {
    const element = membersOf(each, "An element of 'offsets'")
    onlyKnown(element, ['partition', 'offset'], "an element of 'offsets'")
    return { partition: mapOf(element, 'partition'), offset: mapOf(element, 'offset') }
  })
}

function mapOf(element: Members, key: string): JsonObject | null {
  const json = element[key] ?? null
  return json === null ? null : (jsonValue(membersOf(json, `The field '${key}'`)) as JsonObject)
}

/** Integers become bigint, whatever their size; the herder refuses what is beyond 64 bits. */
function jsonValue(json: Json): JsonValue {
  if (json instanceof NumberText) return /^-?\d+$/.test(json.text) ? BigInt(json.text) : Number(json.text)
  if (json === null || typeof json !== 'object') return json
  if (Array.isArray(json)) return (json as readonly Json[]).map(jsonValue)
  return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, jsonValue(value)]))
}

export function readLevel(json: Json): string | null {
  return readConfig(json)['level'] ?? null
}
