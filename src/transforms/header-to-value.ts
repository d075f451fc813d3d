/** Debezium's `HeaderToValue`: copies or moves headers into fields of the value, also of structs in it (`after.op`). */
import { type ConnectRecord, datum, type Header, Schema, Struct } from '#data'
import { ConfigError } from '#errors'
import { distinctNonEmpty, list, oneOf, parseConfig, string, type TransformPlugin, version } from '#plugin'
import { requireStruct } from './requirements.ts'

const fields = {
  headers: list({ doc: 'Names of the headers.', importance: 'HIGH', validate: distinctNonEmpty }),
  fields: list({
    doc: 'Names of the fields, in the order of the headers. Dots descend: after.op is a field of after.',
    importance: 'HIGH',
    validate: distinctNonEmpty,
  }),
  operation: string({
    doc: 'move: the headers are removed. copy: they stay.',
    importance: 'HIGH',
    validate: oneOf('move', 'copy'),
  }),
}

interface Added {
  readonly path: readonly string[]
  readonly header: Header
}

export const headerToValue: TransformPlugin = {
  kind: 'transformation',
  javaClass: 'io.debezium.transforms.HeaderToValue',
  aliases: [],
  version,
  config: fields,
  create(raw) {
    const config = parseConfig(fields, raw)
    if (config.fields.length !== config.headers.length)
      throw new ConfigError("'fields' config must have the same number of elements as 'headers' config.")
    const paths = new Map(config.headers.map((header, i) => [header, (config.fields[i] ?? '').split('.')]))
    const moves = config.operation === 'move'
    return <R extends ConnectRecord>(record: R): R => {
      const value = record.value.value()
      if (value === null) return record
      const held = requireStruct(value, record.value.schema, 'Header field insertion')
      // Of headers with one name, the last counts.
      const present = new Map(
        record.headers.flatMap((header): [string, Added][] => {
          const path = paths.get(header.key)
          return path === undefined ? [] : [[header.key, { path, header }]]
        }),
      )
      if (present.size === 0) return record
      const added = config.headers.flatMap((name) => present.get(name) ?? [])
      const grown = grow(held, added)
      const headers = moves ? record.headers.filter(({ key }) => !paths.has(key)) : record.headers
      return { ...record, headers, value: datum(grown.schema, grown) }
    }
  },
}

/** The struct with these fields behind its own; a field that is there already takes the header's value. */
function grow(held: Struct, added: readonly Added[], depth = 0): Struct {
  const own = added.filter(({ path }) => path.length === depth + 1)
  const pairs = new Map<string, readonly [Schema, unknown]>()
  for (const { name, schema, index } of held.schema.fields) {
    const value = held.values[index] ?? null
    const deeper = added.filter(({ path }) => path.length > depth + 1 && path[depth] === name)
    const inner = deeper.length > 0 && value instanceof Struct ? grow(value, deeper, depth + 1) : null
    pairs.set(name, inner === null ? [schema, value] : [inner.schema, inner])
  }
  for (const { path, header } of own) {
    const { schema } = header.value
    if (schema === null)
      throw new ConfigError(`The header ${header.key} has no schema, so it can be no field.`)
    pairs.set(path[depth] ?? '', [schema, header.value.value()])
  }
  const grown = grownSchema(held.schema, new Map([...pairs].map(([name, [schema]]) => [name, schema])))
  return new Struct(
    grown,
    [...pairs.values()].map(([, value]) => value),
  )
}

const made = new WeakMap<Schema, Schema[]>()

/** Records with the same fields of the same schemas share one schema. */
function grownSchema(base: Schema, fields: ReadonlyMap<string, Schema>): Schema {
  const known = made.get(base) ?? []
  const same = known.find(
    (schema) =>
      schema.fields.length === fields.size &&
      schema.fields.every(({ name, schema: each }) => fields.get(name) === each),
  )
  if (same !== undefined) return same
  const { optional, name, version: number, doc, parameters } = base
  const schema = new Schema('struct', { optional, name, version: number, doc, parameters }, [...fields])
  // A header may come with a new schema each time: then nothing is gained by keeping them all.
  made.set(base, [schema, ...known].slice(0, 4))
  return schema
}
