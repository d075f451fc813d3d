/**
 * `Cast`: values become another type. Fractions are cut off, texts are read strictly. A number that does not fit the
 * new type is an error (Connect lets whole numbers wrap around).
 */
import { datum, type Schema, scalar, Struct, struct } from '#data'
import { ConfigError } from '#errors'
import { list, parseConfig, type Transform, type Validator } from '#plugin'
import { castValue, type CastType, isCastType } from './cast-value.ts'
import { type PartTransform, withPart } from './part.ts'
import { requireMap, requireStruct } from './requirements.ts'
import { basicsOf, fieldValue, nullDefaults, perSchema } from './struct-change.ts'

const purpose = 'cast types'

interface Spec {
  /** null: the whole value. */
  readonly whole: CastType | null
  readonly fields: ReadonlyMap<string, CastType>
}

const schemaTypes = 'INT8 INT16 INT32 INT64 FLOAT32 FLOAT64 BOOLEAN STRING BYTES ARRAY MAP STRUCT'.split(' ')

/** The parsed specification, or what is wrong with it, in Connect's words. */
function parseSpec(entries: readonly string[]): Spec | { readonly problem: string } {
  const fields = new Map<string, CastType>()
  let whole: CastType | null = null
  for (const entry of entries) {
    const parts = entry.split(':')
    if (parts.length > 2)
      return {
        problem: `Invalid value [${entries.join(', ')}] for configuration spec: Invalid rename mapping: ${entry}`,
      }
    const given = (parts.at(-1) ?? '').trim()
    if (!schemaTypes.includes(given.toUpperCase()))
      return {
        problem:
          'Invalid value java.lang.IllegalArgumentException: No enum constant org.apache.kafka.connect.data.Schema.Type.' +
          `${given.toUpperCase()} for configuration Invalid type found in casting spec: ${given}`,
      }
    const type = given.toLowerCase()
    if (!isCastType(type))
      return {
        problem: `Cast transformation does not support casting to/from ${given.toUpperCase()}; supported types are int8, int16, int32, int64, float32, float64, boolean, string`,
      }
    if (parts.length === 1) whole = type
    else fields.set((parts[0] ?? '').trim(), type)
  }
  if (whole !== null && entries.length > 1)
    return {
      problem:
        'Cast transformations that specify a type to cast the entire value to may only specify a single cast in their spec',
    }
  return { whole, fields }
}

const validSpec: Validator<readonly string[]> = (value) => {
  const spec = parseSpec(value ?? [])
  return 'problem' in spec ? [spec.problem] : null
}

const fields = {
  spec: list({
    doc: 'What becomes what, as field:type, or one type alone for the whole value. Types: int8, int16, int32, int64, float32, float64, boolean, string.',
    importance: 'HIGH',
    validate: validSpec,
  }),
  ...nullDefaults,
}

export const cast: PartTransform = {
  name: 'Cast',
  config: fields,
  create(raw, part): Transform {
    const config = parseConfig(fields, raw)
    const spec = parseSpec(config.spec)
    if ('problem' in spec) throw new ConfigError(spec.problem)
    const defaults = config['replace.null.with.default']
    const { whole } = spec
    const recast = perSchema((schema) =>
      whole === null ? castStruct(schema, spec.fields) : castScalar(schema, whole),
    )
    return (record) => {
      const { schema } = record[part]
      const value = record[part].value()
      if (value === null) return record
      if (whole !== null) {
        const to = schema === null ? null : recast(schema)
        return withPart(
          record,
          part,
          datum(
            to,
            whole.startsWith('int') && schema === null
              ? freeCast(value, whole)
              : castValue(value, schema, whole),
          ),
        )
      }
      if (schema === null) {
        const map = new Map(requireMap(value, purpose))
        for (const [name, type] of spec.fields) map.set(name, freeCast(map.get(name) ?? null, type))
        return withPart(record, part, datum(null, map))
      }
      const held = requireStruct(value, schema, purpose)
      const to = recast(held.schema)
      const values = held.schema.fields.map((field) => {
        const kept = fieldValue(held, field.index, defaults)
        const type = spec.fields.get(field.name)
        return type === undefined || kept === null ? kept : castValue(kept, field.schema, type)
      })
      return withPart(record, part, datum(to, new Struct(to, values)))
    }
  },
}

/** Without a schema, whole numbers are bigint whatever type they were cast to. */
function freeCast(value: unknown, type: CastType): unknown {
  if (value === null) return null
  const result = castValue(value, null, type)
  return typeof result === 'number' && type.startsWith('int') ? BigInt(result) : result
}

function castStruct(schema: Schema, types: ReadonlyMap<string, CastType>): Schema {
  return struct(
    schema.fields.map((field) => {
      const type = types.get(field.name)
      return [field.name, type === undefined ? field.schema : castScalar(field.schema, type)] as const
    }),
    basicsOf(schema),
  )
}

function castScalar(schema: Schema, type: CastType): Schema {
  const fallback =
    schema.hasDefault && schema.default !== null ? { default: castValue(schema.default, schema, type) } : {}
  return scalar(type, { optional: schema.optional, ...fallback })
}
