/** `ValueToKey`: fields of the value become the key. */
import { datum, Struct, struct } from '#data'
import { DataError } from '#errors'
import { distinctNonEmpty, list, parseConfig, type TransformPlugin, version } from '#plugin'
import { packageName } from './part.ts'
import { requireMap, requireStruct } from './requirements.ts'
import { fieldValue, nullDefaults, perSchema } from './struct-change.ts'

const purpose = 'copying fields from value to key'
const fields = {
  fields: list({
    doc: 'Names of the fields, in the order that the key shall have.',
    importance: 'HIGH',
    validate: distinctNonEmpty,
  }),
  ...nullDefaults,
}

export const valueToKey: TransformPlugin = {
  kind: 'transformation',
  javaClass: `${packageName}ValueToKey`,
  aliases: [],
  version,
  config: fields,
  create(raw) {
    const config = parseConfig(fields, raw)
    const defaults = config['replace.null.with.default']
    const plan = perSchema((schema) => {
      const chosen = config.fields.map((name) => {
        const field = schema.field(name)
        if (field === undefined) throw new DataError(`Field does not exist: ${name}`)
        return field
      })
      return { chosen, schema: struct(chosen.map((field) => [field.name, field.schema] as const)) }
    })
    return (record) => {
      const { schema } = record.value
      const value = record.value.value()
      if (schema === null) {
        const map = requireMap(value, purpose)
        return {
          ...record,
          key: datum(null, new Map(config.fields.map((name) => [name, map.get(name) ?? null]))),
        }
      }
      const held = requireStruct(value, schema, purpose)
      const { chosen, schema: keySchema } = plan(held.schema)
      const values = chosen.map((field) => fieldValue(held, field.index, defaults))
      return { ...record, key: datum(keySchema, new Struct(keySchema, values)) }
    }
  },
}
