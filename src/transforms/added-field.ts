/**
 * Fields of a change event that ExtractNewRecordState adds to the row or to the headers. Grammar of one entry of
 * `add.fields` and `add.headers`:
 *
 *   entry := (struct '.')? field (':' name)?
 *
 * Without a struct, `op` and the `ts_` fields are the envelope's, `id`, `total_order` and `data_collection_order` those
 * of its `transaction`, all others those of its `source`. A field that is not there is looked for in the envelope, and
 * passed over where it is not there either.
 */
import { Schema, Struct } from '#data'
import { ConfigError } from '#errors'

export interface AddedField {
  readonly field: string
  /** The name in the row or of the header. */
  readonly name: string
  /** Its schema, always optional; null: there is no such field. */
  schema(envelope: Schema): Schema | null
  value(envelope: Struct): unknown
}

const envelopeFields = ['op', 'ts_ms', 'ts_us', 'ts_ns']
const transactionFields = ['id', 'total_order', 'data_collection_order']

export function addedField(entry: string, prefix: string): AddedField {
  const [place = '', alias, ...rest] = entry.split(':')
  if (rest.length > 0) throw new ConfigError(`Unexpected field name: ${entry}`)
  const parts = place.split('.')
  const field = parts[1] ?? parts[0] ?? ''
  const holder = parts.length > 1 ? (parts[0] ?? null) : holderOf(field)
  return {
    field,
    name: prefix + (alias ?? (parts.length > 1 ? `${holder}_${field}` : field)),
    schema(envelope) {
      const inside = holder === null ? envelope : envelope.field(holder)?.schema
      const found = inside?.field(field) ?? envelope.field(field)
      return found === undefined ? null : optionalOf(found.schema)
    },
    value(envelope) {
      const inside = holder === null ? envelope : envelope.raw(holder)
      if (!(inside instanceof Struct)) return null
      return inside.schema.field(field) === undefined ? envelope.raw(field) : inside.raw(field)
    },
  }
}

function holderOf(field: string): string | null {
  if (envelopeFields.includes(field)) return null
  return transactionFields.includes(field) ? 'transaction' : 'source'
}

/** Without a default: what is not there is null. */
function optionalOf({ type, fields, keySchema, valueSchema, ...rest }: Schema): Schema {
  const pairs = fields.map((each) => [each.name, each.schema] as const)
  const { name, version, doc, parameters } = rest
  return new Schema(type, { name, version, doc, parameters, optional: true }, pairs, keySchema, valueSchema)
}
