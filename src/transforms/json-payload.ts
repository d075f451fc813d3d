/**
 * JSON text as a struct with a schema, as the outbox's EventRouter expands payloads. Fields keep the order of the text;
 * every field is optional. Numbers are int32 or int64 where they are whole and fit, text where they are whole and do
 * not fit, float64 otherwise. The items of an array get one schema that all of them fit; where there is none, nothing
 * is expanded.
 */
import { array, type Schema, scalar, Struct, struct } from '#data'

export interface JsonRules {
  /** A null becomes a field of bytes, instead of no field. */
  readonly keepsNulls: boolean
  /** An empty array becomes an array of texts, instead of no field. */
  readonly keepsEmptyArrays: boolean
}

export interface Expanded {
  readonly schema: Schema
  readonly value: unknown
}

type Json = null | boolean | string | bigint | number | readonly Json[] | ReadonlyMap<string, Json>

const optional = { optional: true }
const text = scalar('string', optional)
const truth = scalar('boolean', optional)
const unknown = scalar('bytes', optional)
const noItems = array(text, optional)
/** Each holds what the one before it does. */
const numbers = [scalar('int32', optional), scalar('int64', optional), scalar('float64', optional)]

/** null: it is no JSON object or array, or its arrays mix what does not go together. */
export function expandJson(name: string, source: string, rules: JsonRules): Expanded | null {
  if (!/^\s*[[{]/.test(source)) return null
  let json: Json
  try {
    JSON.parse(source)
    json = readJson(source)
  } catch {
    return null
  }
  try {
    const schema = schemaOf(name, json, rules)
    return schema === null ? null : { schema, value: valueUnder(schema, json) }
  } catch (error) {
    if (error instanceof MixedArray) return null
    throw error
  }
}

/** Of an array whose items have no schema in common. */
class MixedArray extends Error {}

/** Of text that is JSON. JSON.parse would sort keys that look like numbers, and round numbers. */
function readJson(source: string): Json {
  const tokens = source.matchAll(/"(?:[^"\\]|\\.)*"|[-+.\w]+|[{}[\]]/g)
  const next = (): string => tokens.next().value?.[0] ?? ''
  const read = (token: string): Json => {
    if (token === '{') {
      const members = new Map<string, Json>()
      for (let key = next(); key !== '}'; key = next()) members.set(JSON.parse(key), read(next()))
      return members
    }
    if (token === '[') {
      const items: Json[] = []
      for (let item = next(); item !== ']'; item = next()) items.push(read(item))
      return items
    }
    return /^-?\d+$/.test(token) ? BigInt(token) : JSON.parse(token)
  }
  return read(next())
}

function schemaOf(name: string, json: Json, rules: JsonRules): Schema | null {
  if (json === null) return rules.keepsNulls ? unknown : null
  if (typeof json === 'boolean') return truth
  if (typeof json === 'string') return text
  if (typeof json === 'number') return numbers[2] ?? null
  if (typeof json === 'bigint')
    return (
      (BigInt.asIntN(32, json) === json
        ? numbers[0]
        : BigInt.asIntN(64, json) === json
          ? numbers[1]
          : text) ?? null
    )
  if (json instanceof Map) return objectSchema(name, json, rules)
  const items = (json as readonly Json[]).flatMap((item) => schemaOf(name, item, rules) ?? [])
  if (items.length > 0) return array(items.reduce(common), optional)
  return rules.keepsEmptyArrays ? noItems : null
}

function objectSchema(name: string, members: ReadonlyMap<string, Json>, rules: JsonRules): Schema {
  const fields = [...members].flatMap(([key, value]): [string, Schema][] => {
    const schema = schemaOf(`${name}.${key}`, value, rules)
    return schema === null ? [] : [[key, schema]]
  })
  return struct(fields, { ...optional, name })
}

/** A schema for both. */
function common(a: Schema, b: Schema): Schema {
  if (a === b || b === unknown) return a
  if (a === unknown) return b
  const [rank, other] = [numbers.indexOf(a), numbers.indexOf(b)]
  if (rank >= 0 && other >= 0) return rank > other ? a : b
  if (a.type === 'array' && b.type === 'array') {
    if (b === noItems) return a
    return a === noItems ? b : array(common(itemsOf(a), itemsOf(b)), optional)
  }
  if (a.type === 'struct' && b.type === 'struct') return commonStruct(a, b)
  throw new MixedArray()
}

const itemsOf = ({ valueSchema }: Schema): Schema => valueSchema ?? text

/** The fields of both. Debezium makes a struct that it has put together of several a required one. */
function commonStruct(a: Schema, b: Schema): Schema {
  const fields = new Map(a.fields.map((field) => [field.name, field.schema]))
  for (const { name, schema } of b.fields) {
    const known = fields.get(name)
    fields.set(name, known === undefined ? schema : common(known, schema))
  }
  const grown = fields.size > a.fields.length || fields.size > b.fields.length
  return struct([...fields], { optional: a.optional && b.optional && !grown, name: a.name })
}

function valueUnder(schema: Schema, json: Json): unknown {
  if (json === null || schema === unknown) return null
  if (schema.type === 'struct') {
    const members = json as ReadonlyMap<string, Json>
    const values = schema.fields.map((field) => valueUnder(field.schema, members.get(field.name) ?? null))
    return new Struct(schema, values)
  }
  if (schema.type === 'array')
    return (json as readonly Json[]).map((item) => valueUnder(itemsOf(schema), item))
  if (schema.type === 'string') return String(json)
  return schema.type === 'int32' || schema.type === 'float64' ? Number(json) : json
}
