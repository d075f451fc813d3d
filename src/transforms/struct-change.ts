/** Building structs out of structs: what a new schema keeps of the old one, and fields with or without their defaults. */
import type { Schema, SchemaOptions, Struct } from '#data'
import { boolean } from '#plugin'

/** Name, version, doc and parameters: what Connect's transforms keep of a struct that they build anew. */
export function basicsOf(schema: Schema): SchemaOptions {
  return { name: schema.name, version: schema.version, doc: schema.doc, parameters: schema.parameters }
}

/** Remembers what was made for each schema, so that equal records share one new schema. */
export function perSchema<T>(make: (schema: Schema) => T): (schema: Schema) => T {
  const made = new WeakMap<Schema, T>()
  let lastSchema: Schema | null = null
  let last: T
  return (schema) => {
    if (schema === lastSchema) return last
    let found = made.get(schema)
    if (found === undefined) {
      found = make(schema)
      made.set(schema, found)
    }
    lastSchema = schema
    last = found
    return found
  }
}

/** The property that most of Connect's transforms have. */
export const nullDefaults = {
  'replace.null.with.default': boolean({
    default: true,
    doc: 'Whether a null in a field that has a default counts as the default.',
  }),
}

/** The values of a struct's fields; with `defaults`, null where there is a default is the default. */
export function valuesOf(struct: Struct, defaults: boolean): unknown[] {
  if (!defaults) return struct.values.slice()
  return struct.schema.fields.map(({ index, schema }) => {
    const value = struct.values[index] ?? null
    return value === null && schema.hasDefault ? schema.default : value
  })
}

export function fieldValue(struct: Struct, index: number, defaults: boolean): unknown {
  const value = struct.values[index] ?? null
  if (value !== null || !defaults) return value
  const schema = struct.schema.fields[index]?.schema
  return schema?.hasDefault ? schema.default : null
}
