/**
 * Debezium's reading of records: change events as they are, rows as ExtractNewRecordState leaves them, tombstones.
 *
 *   envelope   op c, r, u → `after` is written;  d → deleted;  t → truncated;  m → nothing
 *   flat       a struct is written; null with or without a schema is a delete
 *
 * A value that the source did not send (an unchanged TOAST column) is left out of the statement: the row keeps its own.
 */
import { type Schema, type SinkRecord, Struct } from '#data'
import { ConnectError, DataError } from '#errors'
import { type Change, coordinates } from './change.ts'
import {
  kafkaColumns,
  keyStructColumns,
  type Layout,
  LayoutCache,
  type LayoutColumn,
  layoutOf,
  readRow,
  valueColumn,
} from './record-fields.ts'
import { isUnavailable } from './values.ts'

export interface DebeziumRecordSettings {
  readonly keyMode: 'none' | 'kafka' | 'record_key' | 'record_value' | 'record_header'
  readonly keyFields: readonly string[]
  readonly deletes: boolean
  readonly truncates: boolean
  /** Whether a field of the value becomes a column. */
  readonly accepts: (topic: string, field: string) => boolean
  readonly cloudEvent: (schemaName: string) => boolean
}

export interface DebeziumEvent {
  readonly change: Change
  /** The envelope's `source`, for table names. */
  readonly source: Struct | null
}

/** null: nothing to do for this record. */
export type DebeziumReader = (record: SinkRecord) => DebeziumEvent | null

export function debeziumReader(settings: DebeziumRecordSettings): DebeziumReader {
  const cache = new LayoutCache()
  return (record) => {
    const value = payloadOf(settings, record)
    if (value === null) return tombstone(settings, cache, record)
    if (!isEnvelope(value.schema)) {
      const change = written(settings, cache, record, value, true)
      return { change, source: null }
    }
    return envelope(settings, cache, record, value)
  }
}

function payloadOf(settings: DebeziumRecordSettings, record: SinkRecord): Struct | null {
  const value = record.value.value()
  if (value === null || value === undefined) return null
  if (!(value instanceof Struct))
    throw new DataError(
      `The record at ${coordinates(record)} has a value that is no struct with a schema, so it has no columns.`,
      { remedy: 'Use a converter with schemas (JsonConverter with schemas.enable=true, or Avro).' },
    )
  if (value.schema.name === null || !settings.cloudEvent(value.schema.name)) return value
  const data = value.raw('data')
  return data instanceof Struct ? data : null
}

function isEnvelope(schema: Schema): boolean {
  return (
    (schema.name?.endsWith('.Envelope') === true || schema.name === 'Envelope' || schema.name === null) &&
    schema.field('op') !== undefined &&
    schema.field('after') !== undefined
  )
}

function envelope(
  settings: DebeziumRecordSettings,
  cache: LayoutCache,
  record: SinkRecord,
  event: Struct,
): DebeziumEvent | null {
  const source = event.raw('source')
  const from = source instanceof Struct ? source : null
  const op = event.raw('op')
  switch (op) {
    case 't':
      if (!settings.truncates) return null
      return {
        change: { kind: 'truncate', layout: noLayout, values: [], record, partial: false },
        source: from,
      }
    case 'd': {
      const before = event.raw('before')
      const change = removed(settings, cache, record, before instanceof Struct ? before : null)
      return change === null ? null : { change, source: from }
    }
    case 'm':
      return null
    default: {
      const after = event.raw('after')
      if (!(after instanceof Struct))
        throw new DataError(`The change event at ${coordinates(record)} has no 'after' for its op.`)
      return { change: written(settings, cache, record, after, op !== 'c' && op !== 'r'), source: from }
    }
  }
}

const noLayout: Layout = layoutOf([], [], [])

function tombstone(
  settings: DebeziumRecordSettings,
  cache: LayoutCache,
  record: SinkRecord,
): DebeziumEvent | null {
  // Without a value there is nothing to take another key from.
  if (settings.keyMode !== 'record_key') return null
  const change = removed(settings, cache, record, null)
  return change === null ? null : { change, source: null }
}

function removed(
  settings: DebeziumRecordSettings,
  cache: LayoutCache,
  record: SinkRecord,
  before: Struct | null,
): Change | null {
  if (!settings.deletes || settings.keyMode === 'none' || settings.keyMode === 'kafka') return null
  if (settings.keyMode === 'record_value' && before === null) return null
  const schema = settings.keyMode === 'record_value' ? (before?.schema ?? null) : null
  const layout = cache.get(`delete ${headerScope(settings, record)}`, record.key.schema, schema, () =>
    layoutOf(keyColumns(settings, record, schema), [], []),
  )
  return {
    kind: 'delete',
    layout,
    values: readRow(layout, record, record.key.value(), before),
    record,
    partial: false,
  }
}

function written(
  settings: DebeziumRecordSettings,
  cache: LayoutCache,
  record: SinkRecord,
  row: Struct,
  mayLack: boolean,
): Change {
  const scope = `${record.topic}\n${headerScope(settings, record)}`
  const keySchema = settings.keyMode === 'record_key' ? record.key.schema : null
  const layout = cache.get(scope, keySchema, row.schema, () => compile(settings, record, row.schema))
  const key = settings.keyMode === 'record_key' ? record.key.value() : null
  const values = readRow(layout, record, key, row)
  const lacking = mayLack ? layout.mayLack.filter((i) => isUnavailable(values[i])) : []
  if (lacking.length === 0) return { kind: 'write', layout, values, record, partial: false }
  const kept = values.filter((_, i) => !lacking.includes(i))
  return { kind: 'write', layout: layout.without(lacking), values: kept, record, partial: true }
}

function compile(settings: DebeziumRecordSettings, record: SinkRecord, schema: Schema): Layout {
  const keys = keyColumns(settings, record, schema)
  const taken = new Set(keys.map((column) => column.name))
  const others = schema.fields
    .filter((field) => !taken.has(field.name) && settings.accepts(record.topic, field.name))
    .map((field) => valueColumn(schema, field.name, false, false))
    .filter((column) => column !== null)
  if (keys.length + others.length === 0)
    throw new ConnectError(`No field of the record at ${coordinates(record)} becomes a column.`, {
      remedy: 'Check field.include.list and field.exclude.list.',
    })
  return layoutOf(keys, others, [...keys, ...others])
}

function keyColumns(
  settings: DebeziumRecordSettings,
  record: SinkRecord,
  schema: Schema | null,
): LayoutColumn[] {
  switch (settings.keyMode) {
    case 'none':
      return []
    case 'kafka':
      return kafkaColumns([])
    case 'record_header':
      return headerColumns(record)
    case 'record_value': {
      const names =
        settings.keyFields.length === 0
          ? (schema?.fields ?? []).map((field) => field.name)
          : settings.keyFields
      return names.map((name) => {
        const column = schema === null ? null : valueColumn(schema, name, true, false)
        if (column === null) throw missingKeyField(record, name, 'value')
        return column
      })
    }
    default:
      return recordKeyColumns(settings, record)
  }
}

function recordKeyColumns(settings: DebeziumRecordSettings, record: SinkRecord): LayoutColumn[] {
  const schema = record.key.schema
  if (schema === null)
    throw new ConnectError(
      `Configured primary key mode 'record_key' cannot have null schema: the record at ${coordinates(record)} has no key with a schema.`,
      { remedy: 'Set primary.key.mode to record_value with primary.key.fields, or give the records keys.' },
    )
  if (schema.type === 'struct') {
    const missing = settings.keyFields.find((name) => schema.field(name) === undefined)
    if (missing !== undefined) throw missingKeyField(record, missing, 'key')
    return keyStructColumns(schema, settings.keyFields, false)
  }
  const [name] = settings.keyFields
  if (name === undefined || settings.keyFields.length > 1)
    throw new ConnectError(
      `The key of the record at ${coordinates(record)} is a ${schema.type}, which has no field to name its column by.`,
      { remedy: 'Set primary.key.fields to one name.' },
    )
  return [{ name, schema, key: true, source: 'key', read: (_record, key) => key }]
}

function missingKeyField(record: SinkRecord, name: string, part: string): ConnectError {
  return new ConnectError(
    `primary.key.fields names '${name}', but the ${part} of the record at ${coordinates(record)} does not have it.`,
  )
}

/** All headers, as the reference takes them, but for those that say who produced the record. */
function headerColumns(record: SinkRecord): LayoutColumn[] {
  const columns = record.headers.flatMap((header, index): LayoutColumn[] => {
    const { schema } = header.value
    if (header.key.startsWith('__debezium.') || schema === null) return []
    const read = (from: SinkRecord): unknown => from.headers[index]?.value.value()
    return [{ name: header.key, schema, key: true, source: `h${index}`, read }]
  })
  if (columns.length > 0) return columns
  throw new ConnectError(
    `Configured primary key mode 'record_header' needs headers: the record at ${coordinates(record)} has none with a schema.`,
  )
}

/** Headers have schemas of their own, so what they are is part of where a layout is found. */
function headerScope(settings: DebeziumRecordSettings, record: SinkRecord): string {
  if (settings.keyMode !== 'record_header') return ''
  return record.headers
    .map((header) => `${header.key}:${header.value.schema?.type}:${header.value.schema?.name}`)
    .join(',')
}
