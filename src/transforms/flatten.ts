/** `Flatten`: fields of nested structs (or maps, where there is no schema) become fields of the outermost one. */
import { datum, type Schema, Struct, struct } from '#data'
import { DataError } from '#errors'
import { parseConfig, string, type Transform } from '#plugin'
import { type PartTransform, withPart } from './part.ts'
import { requireMap, requireStruct } from './requirements.ts'
import { basicsOf, perSchema } from './struct-change.ts'

const purpose = 'flattening'
const fields = {
  delimiter: string({ default: '.', doc: 'What stands between the outer and the inner name.' }),
}

/** Where a field of the flat struct comes from: the indexes to go down. */
interface Flat {
  readonly name: string
  readonly path: readonly number[]
  readonly schema: Schema
}

export const flatten: PartTransform = {
  name: 'Flatten',
  config: fields,
  create(raw, part): Transform {
    const { delimiter } = parseConfig(fields, raw)
    const plan = perSchema((schema) => {
      const flats = flatFields(schema, '', [], false, null, delimiter)
      return {
        flats,
        schema: struct(
          flats.map((flat) => [flat.name, flat.schema] as const),
          basicsOf(schema),
        ),
      }
    })
    return (record) => {
      const { schema } = record[part]
      const value = record[part].value()
      if (value === null) return record
      if (schema === null) {
        const flat = new Map<unknown, unknown>()
        flattenMap(requireMap(value, purpose), '', delimiter, flat)
        return withPart(record, part, datum(null, flat))
      }
      const held = requireStruct(value, schema, purpose)
      const { flats, schema: to } = plan(held.schema)
      return withPart(
        record,
        part,
        datum(
          to,
          new Struct(
            to,
            flats.map((flat) => reach(held, flat.path)),
          ),
        ),
      )
    }
  },
}

function reach(from: Struct, path: readonly number[]): unknown {
  let value: unknown = from
  for (const index of path) {
    if (!(value instanceof Struct)) return null
    const held: unknown = value.values[index] ?? null
    const { schema } = value.schema.fields[index] ?? {}
    value = held === null && schema?.hasDefault ? schema.default : held
  }
  return value
}

function flatFields(
  schema: Schema,
  prefix: string,
  path: readonly number[],
  optional: boolean,
  fallback: Struct | null,
  delimiter: string,
): Flat[] {
  return schema.fields.flatMap((field) => {
    const name = prefix === '' ? field.name : `${prefix}${delimiter}${field.name}`
    const inner = [...path, field.index]
    const may = optional || field.schema.optional
    const own = field.schema.hasDefault ? field.schema.default : (fallback?.raw(field.name) ?? null)
    if (field.schema.type === 'map')
      throw new DataError(
        `Flatten transformation does not support MAP for record with schemas (for field ${name}).`,
      )
    if (field.schema.type === 'struct')
      return flatFields(field.schema, name, inner, may, own instanceof Struct ? own : null, delimiter)
    const changed = field.schema.with({ optional: may, ...(own === null ? {} : { default: own }) })
    return [{ name, path: inner, schema: changed }]
  })
}

function flattenMap(
  map: ReadonlyMap<unknown, unknown>,
  prefix: string,
  delimiter: string,
  into: Map<unknown, unknown>,
): void {
  for (const [key, value] of map) {
    const name = prefix === '' ? String(key) : `${prefix}${delimiter}${String(key)}`
    if (value instanceof Map) flattenMap(value, name, delimiter, into)
    else into.set(name, value)
  }
}
