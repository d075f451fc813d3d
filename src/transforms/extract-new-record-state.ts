/**
 * Debezium's `ExtractNewRecordState`: the row out of a change event. What becomes of deletes and tombstones is chosen
 * by `delete.tombstone.handling.mode`:
 *
 *                            delete event                          tombstone behind it
 *   drop                     dropped                               dropped
 *   tombstone                null under the row's schema           dropped
 *   delete-to-tombstone      null without a schema                 dropped
 *   rewrite                  the old row, with __deleted=true      dropped
 *   rewrite-with-tombstone   the old row, with __deleted=true      passed on
 *
 * Other rows get __deleted=false where deletes are rewritten. Truncates are dropped; what is no change event passes.
 */
import {
  type ConnectRecord,
  type Datum,
  datum,
  type Header,
  type Headers,
  nothing,
  scalar,
  Struct,
} from '#data'
import { DataError } from '#errors'
import { parseConfig, type Transform, type TransformPlugin, version } from '#plugin'
import { type AddedField, addedField } from './added-field.ts'
import { droppedFields, type FieldDropper } from './dropped-fields.ts'
import { extractFields, type Handling } from './extract-new-record-fields.ts'
import { rowBuilder } from './row-builder.ts'

export const extractNewRecordState: TransformPlugin = {
  kind: 'transformation',
  javaClass: 'io.debezium.transforms.ExtractNewRecordState',
  aliases: ['unwrap'],
  version,
  config: extractFields,
  create(raw) {
    const config = parseConfig(extractFields, raw)
    const headers = config['add.headers'].map((entry) => addedField(entry, config['add.headers.prefix']))
    return unwrapper({
      handling: config['delete.tombstone.handling.mode'],
      headers,
      row: rowBuilder(
        config['add.fields'].map((entry) => addedField(entry, config['add.fields.prefix'])),
        config['delete.tombstone.handling.mode'].startsWith('rewrite'),
        config['replace.null.with.default'],
      ),
      route: config['route.by.field'],
      drop: droppedFields(
        config['drop.fields.header.name'],
        config['drop.fields.from.key'],
        config['drop.fields.keep.schema.compatible'],
      ),
    })
  },
}

interface Unwrapping {
  readonly handling: Handling
  readonly headers: readonly AddedField[]
  readonly row: (envelope: Struct, row: Struct, deleted: boolean) => Datum
  readonly route: string
  readonly drop: FieldDropper | null
}

function unwrapper({ handling, headers, row, route, drop }: Unwrapping): Transform {
  const addHeaders = headerAdder(headers)
  const unwrap = (record: ConnectRecord, envelope: Struct): ConnectRecord | null => {
    const after = envelope.raw('after')
    if (envelope.raw('op') === 't') return null
    const deleted = !(after instanceof Struct)
    if (deleted && handling === 'drop') return null
    const before = envelope.raw('before')
    const topic = route === '' ? record.topic : topicOf(deleted ? before : after, route, record.topic)
    const changed = { ...record, topic, headers: addHeaders(record, envelope, deleted) }
    const held = deleted && handling.startsWith('rewrite') ? before : after
    if (held instanceof Struct) {
      const kept = drop === null ? null : drop(changed, held)
      return { ...changed, ...(kept?.key ?? {}), value: row(envelope, kept?.row ?? held, deleted) }
    }
    if (handling === 'delete-to-tombstone') return { ...changed, value: nothing }
    return { ...changed, value: datum(envelope.schema.field('after')?.schema ?? null, null) }
  }
  return <R extends ConnectRecord>(record: R): R | null => {
    const { schema } = record.value
    if (schema !== null && !schema.name?.endsWith('.Envelope')) return record
    const value = record.value.value()
    if (value === null)
      return handling === 'rewrite-with-tombstone'
        ? { ...record, headers: addHeaders(record, null, true) }
        : null
    return (value instanceof Struct ? unwrap(record, value) : record) as R | null
  }
}

const text = scalar('string')

/**
 * Adds the headers of `add.headers`. A tombstone has an `op` header only, besides those of the delete before it: in
 * Debezium both records share one set of headers.
 */
function headerAdder(added: readonly AddedField[]) {
  let deleted: { readonly from: Headers; readonly topic: string; readonly to: Headers } | null = null
  return (record: ConnectRecord, envelope: Struct | null, isDelete: boolean): Headers => {
    if (added.length === 0) return record.headers
    if (envelope === null) {
      const shared =
        deleted?.from === record.headers && deleted.topic === record.topic ? deleted.to : record.headers
      deleted = null
      const op = added.find((field) => field.field === 'op')
      return op === undefined ? shared : [...shared, { key: op.name, value: datum(text, 'd') }]
    }
    const more = added.flatMap((field): Header[] => {
      const schema = field.schema(envelope.schema)
      return schema === null ? [] : [{ key: field.name, value: datum(schema, field.value(envelope)) }]
    })
    const headers = [...record.headers, ...more]
    deleted = isDelete ? { from: record.headers, topic: record.topic, to: headers } : null
    return headers
  }
}

/** The topic that a field of the row names; a blank one changes nothing. */
function topicOf(row: unknown, field: string, topic: string): string {
  if (!(row instanceof Struct))
    throw new DataError(`route.by.field=${field}: the event has no row to take it from`)
  const found = row.schema.field(field)
  if (found === undefined) throw new DataError(`${field} is not a valid field name`)
  const value = row.get(field)
  if (value !== null && typeof value !== 'string')
    throw new DataError(`Field '${field}' is not of type STRING`)
  return value === null || value.trim() === '' ? topic : value
}
