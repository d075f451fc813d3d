/** `HeaderFrom`: copies or moves fields into headers. */
import { type Datum, datum, type Header, Struct, struct } from '#data'
import { ConfigError, DataError } from '#errors'
import { distinctNonEmpty, list, oneOf, parseConfig, string, type Transform } from '#plugin'
import { type PartTransform, withPart } from './part.ts'
import { requireMap, requireStruct } from './requirements.ts'
import { basicsOf, fieldValue, nullDefaults, perSchema } from './struct-change.ts'

const purpose = 'move/copy'
const fields = {
  fields: list({ doc: 'Names of the fields.', importance: 'HIGH', validate: distinctNonEmpty }),
  headers: list({
    doc: 'Names of the headers, in the order of the fields.',
    importance: 'HIGH',
    validate: distinctNonEmpty,
  }),
  operation: string({
    doc: 'move: the fields are removed. copy: they stay.',
    importance: 'HIGH',
    validate: oneOf('move', 'copy'),
  }),
  ...nullDefaults,
}

export const headerFrom: PartTransform = {
  name: 'HeaderFrom',
  config: fields,
  create(raw, part): Transform {
    const config = parseConfig(fields, raw)
    if (config.fields.length !== config.headers.length)
      throw new ConfigError("'fields' config must have the same number of elements as 'headers' config.")
    const names = config.fields.map((field, i) => ({ field, header: config.headers[i] ?? '' }))
    const moved = new Set(config.operation === 'move' ? config.fields : [])
    const defaults = config['replace.null.with.default']
    const narrowed = perSchema((schema) => {
      const left = schema.fields.filter((field) => !moved.has(field.name))
      const pairs = left.map((field) => [field.name, field.schema] as const)
      return { left, schema: struct(pairs, basicsOf(schema)) }
    })
    const fromStruct = (held: Struct): { added: Header[]; rest: Datum } => {
      const added = names.map(({ field: name, header }) => {
        const field = held.schema.field(name)
        if (field === undefined) throw new DataError(`${name} is not a valid field name`)
        return { key: header, value: datum(field.schema, fieldValue(held, field.index, defaults)) }
      })
      if (moved.size === 0) return { added, rest: datum(held.schema, held) }
      const { left, schema } = narrowed(held.schema)
      const values = left.map((field) => fieldValue(held, field.index, defaults))
      return { added, rest: datum(schema, new Struct(schema, values)) }
    }
    const fromMap = (held: ReadonlyMap<unknown, unknown>): { added: Header[]; rest: Datum } => ({
      added: names.map(({ field, header }) => ({ key: header, value: datum(null, held.get(field) ?? null) })),
      rest: datum(null, new Map([...held].filter(([name]) => !moved.has(String(name))))),
    })
    return (record) => {
      const { schema } = record[part]
      const value = record[part].value()
      const { added, rest } =
        schema === null
          ? fromMap(requireMap(value, purpose))
          : fromStruct(requireStruct(value, schema, purpose))
      const changed = { ...record, headers: [...record.headers, ...added] }
      return moved.size === 0 ? changed : withPart(changed, part, rest)
    }
  },
}
