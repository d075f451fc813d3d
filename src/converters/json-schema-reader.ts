/**
 * The inverse of `json-schema-text.ts`: a schema out of its JSON. `default` is read with the schema it belongs to, from
 * the bytes, so that 64-bit numbers and decimals stay exact.
 */
import { array, map, scalar, type Schema, type SchemaOptions, type SchemaType, struct } from '#data'
import { DataError } from '#errors'
import { JsonCursor } from './json-cursor.ts'
import { readerOf, readFree } from './json-value-reader.ts'

/** What the members of a schema object say, as they come. */
interface Draft {
  type: unknown
  optional: boolean
  name: string | null
  version: number | null
  doc: string | null
  parameters: Record<string, string> | null
  items: Schema | null
  keys: Schema | null
  values: Schema | null
  fields: (readonly [string, Schema])[] | null
  /** Name of this schema as a field of another. */
  field: unknown
  /** Where the default's JSON begins. */
  defaultAt: number
}

/** Reads the schema that comes next; null for `null`. */
export function readSchema(cursor: JsonCursor): Schema | null {
  return cursor.null() ? null : readNamed(cursor).schema
}

function readNamed(cursor: JsonCursor): { readonly schema: Schema; readonly field: unknown } {
  const draft: Draft = {
    type: null,
    optional: false,
    name: null,
    version: null,
    doc: null,
    parameters: null,
    items: null,
    keys: null,
    values: null,
    fields: null,
    field: null,
    defaultAt: -1,
  }
  if (cursor.peek() !== 0x7b) throw new DataError("Schema must contain 'type' field")
  cursor.enter()
  if (cursor.peek() !== 0x7d)
    do {
      const name = cursor.string()
      cursor.expect(0x3a)
      readMember(cursor, name, draft)
    } while (cursor.take(0x2c))
  cursor.leave(0x7d)
  const schema = build(draft)
  if (draft.defaultAt < 0) return { schema, field: draft.field }
  const value = readerOf(schema, false)(new JsonCursor(cursor.bytes, draft.defaultAt, cursor.end))
  return { schema: value === null ? schema : schema.with({ default: value }), field: draft.field }
}

function readMember(cursor: JsonCursor, name: string, draft: Draft): void {
  switch (name) {
    case 'items':
    case 'keys':
    case 'values':
      draft[name] = readSchema(cursor)
      return
    case 'fields':
      draft.fields = readFields(cursor)
      return
    case 'default':
      cursor.peek()
      draft.defaultAt = cursor.at
      return cursor.skip()
    case 'parameters':
      draft.parameters = parametersOf(readFree(cursor))
      return
    default:
      readAttribute(name, readFree(cursor), draft)
  }
}

function readAttribute(name: string, value: unknown, draft: Draft): void {
  if (name === 'type') draft.type = value
  else if (name === 'field') draft.field = value
  else if (name === 'optional') draft.optional = value === true
  else if (name === 'name' && typeof value === 'string') draft.name = value
  else if (name === 'doc' && typeof value === 'string') draft.doc = value
  else if (name === 'version' && typeof value === 'bigint') draft.version = Number(value)
}

function readFields(cursor: JsonCursor): (readonly [string, Schema])[] {
  if (!cursor.take(0x5b)) throw new DataError('Struct schema\'s "fields" argument is not an array.')
  const fields: (readonly [string, Schema])[] = []
  if (cursor.take(0x5d)) return fields
  do {
    const { schema, field } = readNamed(cursor)
    if (typeof field !== 'string') throw new DataError("Struct schema's field name not specified properly")
    fields.push([field, schema])
  } while (cursor.take(0x2c))
  cursor.expect(0x5d)
  return fields
}

function parametersOf(value: unknown): Record<string, string> | null {
  if (!(value instanceof Map)) return null
  const parameters: Record<string, string> = {}
  for (const [name, text] of value as Map<string, unknown>) {
    if (typeof text !== 'string') throw new DataError('Schema parameters must have string values.')
    parameters[name] = text
  }
  return parameters
}

const scalars: Readonly<Record<string, Exclude<SchemaType, 'array' | 'map' | 'struct'>>> = {
  boolean: 'boolean',
  int8: 'int8',
  int16: 'int16',
  int32: 'int32',
  int64: 'int64',
  float: 'float32',
  double: 'float64',
  bytes: 'bytes',
  string: 'string',
}

function build(draft: Draft): Schema {
  const { type, optional, name, version, doc, parameters } = draft
  if (typeof type !== 'string') throw new DataError("Schema must contain 'type' field")
  const options: SchemaOptions = { optional, name, version, doc, parameters }
  switch (type) {
    case 'array':
      return array(given(draft.items, 'Array schema did not specify the element type'), options)
    case 'map':
      return map(
        given(draft.keys, 'Map schema did not specify the key type'),
        given(draft.values, 'Map schema did not specify the value type'),
        options,
      )
    case 'struct':
      return struct(given(draft.fields, 'Struct schema\'s "fields" argument is not an array.'), options)
  }
  const known = Object.hasOwn(scalars, type) ? scalars[type] : undefined
  if (known === undefined) throw new DataError(`Unknown schema type: ${type}`)
  return scalar(known, options)
}

function given<T>(part: T | null, message: string): T {
  if (part === null) throw new DataError(message)
  return part
}
