/**
 * `InsertField`: adds topic, partition, offset, time or a fixed text as fields. A name that ends with `!` makes a
 * required field, with `?` or without a mark an optional one.
 */
import { type ConnectRecord, datum, type Schema, scalar, Struct, struct } from '#data'
import { ConfigError, DataError } from '#errors'
import { parseConfig, string, type Transform } from '#plugin'
import { type PartTransform, withPart } from './part.ts'
import { requireMap, requireStruct } from './requirements.ts'
import { basicsOf, nullDefaults, perSchema, valuesOf } from './struct-change.ts'

const purpose = 'field insertion'
const marks = 'End the name with ! for a required field, with ? for an optional one (the default).'

const fields = {
  'topic.field': string({ default: null, doc: `Name of a field for the topic. ${marks}` }),
  'partition.field': string({ default: null, doc: `Name of a field for the partition. ${marks}` }),
  'offset.field': string({ default: null, doc: `Name of a field for the offset; sinks only. ${marks}` }),
  'timestamp.field': string({ default: null, doc: `Name of a field for the record's time. ${marks}` }),
  'static.field': string({ default: null, doc: `Name of a field for a fixed text. ${marks}` }),
  'static.value': string({ default: null, doc: 'That text.' }),
  ...nullDefaults,
}

interface Insertion {
  readonly name: string
  readonly schema: Schema
  value(record: ConnectRecord): unknown
}

const timestampName = 'org.apache.kafka.connect.data.Timestamp'

export const insertField: PartTransform = {
  name: 'InsertField',
  config: fields,
  create(raw, part): Transform {
    const config = parseConfig(fields, raw)
    const insertions = insertionsOf(config)
    if (insertions.length === 0) throw new ConfigError('No field insertion configured')
    const defaults = config['replace.null.with.default']
    const widened = perSchema((schema) =>
      struct(
        [
          ...schema.fields.map((field) => [field.name, field.schema] as const),
          ...insertions.map(({ name, schema: added }) => [name, added] as const),
        ],
        basicsOf(schema),
      ),
    )
    return (record) => {
      const { schema } = record[part]
      const value = record[part].value()
      if (value === null) return record
      if (schema === null) {
        const map = new Map(requireMap(value, purpose))
        for (const added of insertions) map.set(added.name, withoutSchema(added.value(record)))
        return withPart(record, part, datum(null, map))
      }
      const old = requireStruct(value, schema, purpose)
      const values = valuesOf(old, defaults)
      for (const added of insertions) values.push(added.value(record))
      const wide = widened(old.schema)
      return withPart(record, part, datum(wide, new Struct(wide, values)))
    }
  },
}

/** Whole numbers are bigint where no schema says otherwise. */
function withoutSchema(value: unknown): unknown {
  return typeof value === 'number' ? BigInt(value) : value
}

function insertionsOf(config: Readonly<Record<string, unknown>>): Insertion[] {
  const named = (
    key: string,
    type: 'string' | 'int32' | 'int64',
    logical: string | null,
    value: Insertion['value'],
  ) => {
    const given = config[key]
    if (typeof given !== 'string') return []
    const optional = !given.endsWith('!')
    const name = /[!?]$/.test(given) ? given.slice(0, -1) : given
    const schema = scalar(type, { optional, ...(logical === null ? {} : { name: logical, version: 1 }) })
    return [{ name, schema, value }]
  }
  return [
    ...named('topic.field', 'string', null, (record) => record.topic),
    ...named('partition.field', 'int32', null, (record) => record.partition),
    ...named('offset.field', 'int64', null, offsetOf),
    ...named('timestamp.field', 'int64', timestampName, (record) => record.timestamp),
    ...named('static.field', 'string', null, () => config['static.value']),
  ]
}

function offsetOf(record: ConnectRecord): bigint {
  if ('offset' in record && typeof record.offset === 'bigint') return record.offset
  throw new DataError(
    `Only SinkRecord supported for [${purpose}], found: org.apache.kafka.connect.source.SourceRecord`,
  )
}
