/** `ReplaceField`: leaves fields out, or renames them. */
import { datum, Struct, struct } from '#data'
import { list, parseConfig, type Transform, type Validator } from '#plugin'
import { type PartTransform, withPart } from './part.ts'
import { requireMap, requireStruct } from './requirements.ts'
import { basicsOf, fieldValue, nullDefaults, perSchema } from './struct-change.ts'

const purpose = 'field replacement'

const pairs: Validator<readonly string[]> = (value) => {
  const wrong = value?.find((pair) => pair.split(':').length !== 2)
  return wrong === undefined ? null : `Invalid rename mapping: ${wrong}`
}

const fields = {
  exclude: list({ default: [], doc: 'Fields to leave out; they go before include.' }),
  include: list({ default: [], doc: 'The only fields to keep. Empty: all.' }),
  renames: list({ default: [], doc: 'Fields to rename, as old:new.', validate: pairs }),
  ...nullDefaults,
}

export const replaceField: PartTransform = {
  name: 'ReplaceField',
  config: fields,
  create(raw, part): Transform {
    const config = parseConfig(fields, raw)
    const exclude = new Set(config.exclude)
    const include = new Set(config.include)
    const renames = new Map(config.renames.map((pair) => pair.split(':') as [string, string]))
    const defaults = config['replace.null.with.default']
    const kept = (name: string) => !exclude.has(name) && (include.size === 0 || include.has(name))
    const renamed = (name: string) => renames.get(name) ?? name
    const plan = perSchema((schema) => {
      const left = schema.fields.filter((field) => kept(field.name))
      return {
        indexes: left.map((field) => field.index),
        schema: struct(
          left.map((field) => [renamed(field.name), field.schema] as const),
          basicsOf(schema),
        ),
      }
    })
    return (record) => {
      const { schema } = record[part]
      const value = record[part].value()
      if (value === null) return record
      if (schema === null) {
        const entries = [...requireMap(value, purpose)].filter(([name]) => kept(String(name)))
        const map = new Map(entries.map(([name, held]) => [renamed(String(name)), held]))
        return withPart(record, part, datum(null, map))
      }
      const old = requireStruct(value, schema, purpose)
      const { indexes, schema: narrow } = plan(old.schema)
      const values = indexes.map((index) => fieldValue(old, index, defaults))
      return withPart(record, part, datum(narrow, new Struct(narrow, values)))
    }
  },
}
