/** `SetSchemaMetadata`: gives a schema another name or version. */
import { datum, type Schema, Struct } from '#data'
import { ConfigError, DataError } from '#errors'
import { int, parseConfig, string, type Transform } from '#plugin'
import { type PartTransform, withPart } from './part.ts'
import { nullDefaults, perSchema, valuesOf } from './struct-change.ts'

const fields = {
  'schema.name': string({ default: null, doc: 'The new name.', importance: 'HIGH' }),
  'schema.version': int({ default: null, doc: 'The new version.', importance: 'HIGH' }),
  ...nullDefaults,
}

export const setSchemaMetadata: PartTransform = {
  name: 'SetSchemaMetadata',
  config: fields,
  create(raw, part): Transform {
    const config = parseConfig(fields, raw)
    const { 'schema.name': name, 'schema.version': version } = config
    if (name === null && version === null) throw new ConfigError('Neither schema name nor version configured')
    const defaults = config['replace.null.with.default']
    const renamed = perSchema((schema: Schema) =>
      schema.with({ ...(name === null ? {} : { name }), ...(version === null ? {} : { version }) }),
    )
    return (record) => {
      const { schema } = record[part]
      const value = record[part].value()
      if (schema === null) {
        if (value === null) return record
        throw new DataError('Schema required for [updating schema metadata]')
      }
      const changed = renamed(schema)
      const held = value instanceof Struct ? new Struct(changed, valuesOf(value, defaults)) : value
      return withPart(record, part, datum(changed, held))
    }
  },
}
