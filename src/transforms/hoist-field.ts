/** `HoistField`: the whole key or value becomes the one field of a struct, or of a map where there is no schema. */
import { datum, Struct, struct } from '#data'
import { parseConfig, string, type Transform } from '#plugin'
import { type PartTransform, withPart } from './part.ts'
import { perSchema } from './struct-change.ts'

const fields = { field: string({ doc: 'The name of the field.' }) }

export const hoistField: PartTransform = {
  name: 'HoistField',
  config: fields,
  create(raw, part): Transform {
    const { field } = parseConfig(fields, raw)
    const around = perSchema((schema) => struct([[field, schema]]))
    return (record) => {
      const { schema } = record[part]
      const value = record[part].value()
      if (schema === null) return withPart(record, part, datum(null, new Map([[field, value]])))
      const outer = around(schema)
      return withPart(record, part, datum(outer, new Struct(outer, [value])))
    }
  },
}
