/** `ExtractField`: one field takes the place of the whole key or value. */
import { datum } from '#data'
import { oneOfIgnoringCase, parseConfig, string, type Transform } from '#plugin'
import { fieldAt, fieldPath, valueAt } from './field-path.ts'
import { type PartTransform, withPart } from './part.ts'
import { requireMap, requireStruct, UnknownFieldError } from './requirements.ts'
import { nullDefaults } from './struct-change.ts'

const purpose = 'field extraction'
const fields = {
  field: string({ doc: 'The name of the field.' }),
  ...nullDefaults,
  'field.syntax.version': string({
    default: 'V1',
    doc: 'V1: the name is taken as it is. V2: dots lead into nested fields; backticks keep dots that belong to a name.',
    importance: 'HIGH',
    validate: oneOfIgnoringCase('V1', 'V2'),
  }),
}

export const extractField: PartTransform = {
  name: 'ExtractField',
  config: fields,
  create(raw, part): Transform {
    const config = parseConfig(fields, raw)
    const path = fieldPath(config.field, config['field.syntax.version'])
    const defaults = config['replace.null.with.default']
    return (record) => {
      const { schema } = record[part]
      const value = record[part].value()
      if (schema === null) {
        const found = value === null ? null : valueAt(requireMap(value, purpose), path, false)
        return withPart(record, part, datum(null, found))
      }
      if (value !== null) requireStruct(value, schema, purpose)
      const field = fieldAt(schema, path)
      if (field === null) throw new UnknownFieldError(`Unknown field: ${config.field}`)
      return withPart(record, part, datum(field.schema, valueAt(value, path, defaults)))
    }
  },
}
