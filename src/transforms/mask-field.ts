/**
 * `MaskField`: fields lose their value, by default to 0, false, an empty text, list or map, or the epoch. A decimal
 * keeps its scale (in Connect the mask of a decimal with a scale cannot be written).
 */
import { datum, Decimal, type Schema, Struct } from '#data'
import { DataError } from '#errors'
import {
  distinctNonEmpty,
  isTemporal,
  javaClassOf,
  list,
  nonEmpty,
  parseConfig,
  string,
  type Transform,
} from '#plugin'
import { type PartTransform, withPart } from './part.ts'
import { requireMap, requireStruct } from './requirements.ts'
import { fieldValue, nullDefaults } from './struct-change.ts'

const purpose = 'mask fields'
const fields = {
  fields: list({ doc: 'Names of the fields.', importance: 'HIGH', validate: distinctNonEmpty }),
  replacement: string({
    default: null,
    doc: 'What stands in their place: a number or a text that is not empty. Unset: nothing, as the type has it.',
    importance: 'LOW',
    validate: nonEmpty,
  }),
  ...nullDefaults,
}

export const maskField: PartTransform = {
  name: 'MaskField',
  config: fields,
  create(raw, part): Transform {
    const config = parseConfig(fields, raw)
    const masked = new Set(config.fields)
    const { replacement, 'replace.null.with.default': defaults } = config
    const mask = (value: unknown, schema: Schema | null) =>
      value === null
        ? null
        : replacement === null
          ? emptyOf(value, schema)
          : replaced(value, schema, replacement)
    return (record) => {
      const { schema } = record[part]
      const value = record[part].value()
      if (schema === null) {
        const map = new Map(requireMap(value, purpose))
        for (const name of masked) map.set(name, mask(map.get(name) ?? null, null))
        return withPart(record, part, datum(null, map))
      }
      const held = requireStruct(value, schema, purpose)
      const values = held.schema.fields.map((field) => {
        const kept = fieldValue(held, field.index, defaults)
        return masked.has(field.name) ? mask(kept, field.schema) : kept
      })
      return withPart(record, part, datum(schema, new Struct(held.schema, values)))
    }
  },
}

function emptyOf(value: unknown, schema: Schema | null): unknown {
  switch (typeof value) {
    case 'string':
      return ''
    case 'bigint':
      return 0n
    case 'number':
      return 0
    case 'boolean':
      return false
  }
  if (value instanceof Decimal) return new Decimal(0n, value.scale)
  if (Array.isArray(value)) return []
  if (value instanceof Map) return new Map()
  throw new DataError(`Cannot mask value of type: class ${javaClassOf(value, schema)}`)
}

function replaced(value: unknown, schema: Schema | null, replacement: string): unknown {
  if (typeof value === 'string') return replacement
  const number = typeof value === 'bigint' || typeof value === 'number' || value instanceof Decimal
  if (!number || isTemporal(schema))
    throw new DataError(
      `Cannot mask value of type class ${javaClassOf(value, schema)} with custom replacement.`,
    )
  const parsed = numberLike(value, schema, replacement)
  if (parsed === null)
    throw new DataError(
      `Unable to convert the replacement to a number of the type ${javaClassOf(value, schema)}`,
    )
  return parsed
}

const bounds: Readonly<Record<string, number>> = { int8: 2 ** 7, int16: 2 ** 15, int32: 2 ** 31 }

/** The replacement in the form of the value; null where it does not fit. */
function numberLike(value: unknown, schema: Schema | null, text: string): unknown {
  if (!/^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/.test(text)) return null
  if (value instanceof Decimal) {
    try {
      return Decimal.parse(text).withScale(value.scale)
    } catch {
      return null
    }
  }
  const bound = bounds[schema?.type ?? '']
  if (typeof value === 'number' && bound === undefined) return Number(text)
  if (!/^[-+]?\d+$/.test(text)) return null
  const whole = BigInt(text.replace(/^\+/, ''))
  if (typeof value === 'bigint') return BigInt.asIntN(64, whole) === whole ? whole : null
  const small = Number(whole)
  return small >= -(bound ?? 0) && small < (bound ?? 0) ? small : null
}
