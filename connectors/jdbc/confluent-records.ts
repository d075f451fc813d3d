/**
 * Confluent's reading of records: a struct (or a text) is the row, a null value a delete, `pk.mode` says where the key
 * comes from. Change events must be unwrapped before.
 */
import { type Schema, type SinkRecord, Struct, scalar, struct } from '#data'
import { ConnectError, DataError } from '#errors'
import { type Change, coordinates } from './change.ts'
import type { WantedColumn } from './dialects/dialect.ts'
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
import { epochMicros, epochNanos } from './semantic.ts'

export interface ConfluentRecordSettings {
  readonly keyMode: 'none' | 'kafka' | 'record_key' | 'record_value'
  readonly keyFields: readonly string[]
  readonly whitelist: readonly string[]
  readonly deletes: boolean
  readonly defaults: boolean
  readonly epochFields: readonly string[]
  readonly epochUnit: 'us' | 'ns'
  readonly textColumn: string
}

export function confluentReader(settings: ConfluentRecordSettings): (record: SinkRecord) => Change {
  const cache = new LayoutCache()
  return (record) => {
    const keySchema = record.key.schema
    const value = record.value.value()
    if (value === null || value === undefined) return deletion(settings, cache, record)
    const valueSchema = record.value.schema
    checkValue(settings, record, value, valueSchema)
    const key = settings.keyMode === 'record_key' ? record.key.value() : null
    if (settings.keyMode === 'record_key') checkKey(record, key)
    const scope = settings.keyMode === 'record_key' ? keySchema : null
    const layout = cache.get('', scope, valueSchema, () => compile(settings, record, scope, valueSchema))
    const row = value instanceof Struct ? value : textStruct(value)
    return { kind: 'write', layout, values: readRow(layout, record, key, row), record, partial: false }
  }
}

function deletion(settings: ConfluentRecordSettings, cache: LayoutCache, record: SinkRecord): Change {
  if (!settings.deletes)
    throw new ConnectError(
      `The record at ${coordinates(record)} has a null value, but the connector is configured with ` +
        `'delete.enabled=false' and 'pk.mode=${settings.keyMode}' and therefore requires records with a non-null Struct ` +
        `or String value and non-null Struct or String schema.`,
      {
        remedy:
          'Set delete.enabled=true with pk.mode=record_key, or drop tombstones with the transform Filter and the predicate RecordIsTombstone.',
      },
    )
  const key = record.key.value()
  checkKey(record, key)
  const layout = cache.get('delete', record.key.schema, null, () =>
    layoutOf(keyColumns(settings, record, record.key.schema, null), [], []),
  )
  return { kind: 'delete', layout, values: readRow(layout, record, key, null), record, partial: false }
}

function checkValue(
  settings: ConfluentRecordSettings,
  record: SinkRecord,
  value: unknown,
  schema: Schema | null,
): void {
  if (schema !== null && value instanceof Struct) {
    if (isChangeEvent(schema))
      throw new DataError(`The record at ${coordinates(record)} is a Debezium change event, not a row.`, {
        remedy:
          'Add the transform io.debezium.transforms.ExtractNewRecordState (transforms=unwrap, ' +
          'transforms.unwrap.type=io.debezium.transforms.ExtractNewRecordState), or use debezium-jdbc-sink, which takes change events as they are.',
      })
    return
  }
  if (schema?.type === 'string' && settings.whitelist.length === 0 && settings.epochFields.length === 0)
    return
  throw new ConnectError(
    `The connector is configured with 'delete.enabled=${settings.deletes}' and 'pk.mode=${settings.keyMode}' and therefore ` +
      `requires records with a non-null Struct or String value and non-null Struct or String schema, but found record at ` +
      `${coordinates(record)} with a ${kindOf(value)} value and ${schema === null ? 'null' : schema.type} value schema.`,
    { remedy: 'Use a converter with schemas (JsonConverter with schemas.enable=true, or Avro).' },
  )
}

function checkKey(record: SinkRecord, key: unknown): void {
  const schema = record.key.schema
  if (key !== null && key !== undefined && schema !== null && !/^(array|map)$/.test(schema.type)) return
  throw new ConnectError(
    `The connector is configured with 'pk.mode=record_key' and therefore requires records with a non-null key and a ` +
      `primitive or Struct key schema, but found record at ${coordinates(record)} with a ${kindOf(key)} key and ` +
      `${schema === null ? 'null' : schema.type} key schema.`,
  )
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (value instanceof Struct) return 'Struct'
  if (value instanceof Map) return 'Map'
  return Array.isArray(value) ? 'List' : typeof value
}

function isChangeEvent(schema: Schema): boolean {
  return ['op', 'before', 'after', 'source'].every((name) => schema.field(name) !== undefined)
}

function compile(
  settings: ConfluentRecordSettings,
  record: SinkRecord,
  keySchema: Schema | null,
  given: Schema | null,
): Layout {
  const schema = given === null || given.type !== 'struct' ? null : given
  const keys = keyColumns(settings, record, keySchema, schema)
  const taken = new Set(keys.map((column) => column.name))
  const names = schema === null ? [settings.textColumn] : schema.fields.map((field) => field.name)
  const others = names
    .filter(
      (name) => !taken.has(name) && (settings.whitelist.length === 0 || settings.whitelist.includes(name)),
    )
    .flatMap((name) =>
      schema === null ? [textColumn(settings)] : [valueColumn(schema, name, false, settings.defaults)],
    )
    .filter((column) => column !== null)
    .map((column) => epochColumn(settings, column))
  if (keys.length + others.length === 0)
    throw new ConnectError(
      `No fields found using key and value schemas for the record at ${coordinates(record)}.`,
      { remedy: 'Check pk.fields and fields.whitelist.' },
    )
  return layoutOf(keys, others, creationOrder(settings, keys, others, names))
}

/** A new table has the default kafka columns first, then the value's fields in their order, then those of the key alone. */
function creationOrder(
  settings: ConfluentRecordSettings,
  keys: readonly LayoutColumn[],
  others: readonly LayoutColumn[],
  names: readonly string[],
): WantedColumn[] {
  const byName = new Map([...keys, ...others].map((column) => [column.name, column]))
  const ofValue = names.flatMap((name) => byName.get(name) ?? [])
  const alone = keys.filter((column) => !names.includes(column.name))
  if (settings.keyMode === 'kafka') return [...alone, ...ofValue]
  return [...ofValue, ...alone.sort((a, b) => (a.name < b.name ? -1 : 1))]
}

function keyColumns(
  settings: ConfluentRecordSettings,
  record: SinkRecord,
  keySchema: Schema | null,
  valueSchema: Schema | null,
): LayoutColumn[] {
  const { keyMode, keyFields, defaults } = settings
  switch (keyMode) {
    case 'none':
      return []
    case 'kafka':
      return kafkaColumns(keyFields)
    case 'record_value': {
      if (valueSchema === null)
        throw new ConnectError(
          `PK mode is record_value, but the value of the record at ${coordinates(record)} is no Struct.`,
        )
      const names = keyFields.length === 0 ? valueSchema.fields.map((field) => field.name) : keyFields
      return names.map((name) =>
        present(valueColumn(valueSchema, name, true, defaults), 'record_value', name, record),
      )
    }
    default:
      return recordKeyColumns(settings, record, keySchema)
  }
}

function recordKeyColumns(
  settings: ConfluentRecordSettings,
  record: SinkRecord,
  schema: Schema | null,
): LayoutColumn[] {
  const { keyFields, defaults } = settings
  if (schema === null)
    throw new ConnectError(
      `PK mode is record_key, but the key of the record at ${coordinates(record)} has no schema.`,
    )
  if (schema.type !== 'struct') {
    const [name] = keyFields
    if (name === undefined || keyFields.length > 1)
      throw new ConnectError(
        `Need exactly one PK column defined since the key schema of topic ${record.origin.topic} is for a primitive type, defined columns are: [${keyFields.join(', ')}].`,
        { remedy: 'Set pk.fields to the name of the key column.' },
      )
    return [{ name, schema, key: true, source: 'key', read: (_record, key) => key }]
  }
  const columns = keyStructColumns(schema, keyFields, defaults)
  const missing = keyFields.find((name) => schema.field(name) === undefined)
  if (missing !== undefined) present(null, 'record_key', missing, record)
  return columns
}

function present(column: LayoutColumn | null, mode: string, name: string, record: SinkRecord): LayoutColumn {
  if (column !== null) return column
  throw new ConnectError(
    `PK mode is ${mode} with the field '${name}' in pk.fields, but the record at ${coordinates(record)} does not have it.`,
  )
}

function textColumn(settings: ConfluentRecordSettings): LayoutColumn {
  const schema = scalar('string', { optional: true })
  return {
    name: settings.textColumn,
    schema,
    key: false,
    source: 'text',
    read: (_record, _key, value) => value?.values[0],
  }
}

/** A plain text as a row of one value. */
function textStruct(text: unknown): Struct {
  return new Struct(textSchema, [text])
}
const textSchema = struct([['text', scalar('string')]])

function epochColumn(settings: ConfluentRecordSettings, column: LayoutColumn): LayoutColumn {
  if (!settings.epochFields.includes(column.name) || !/^(int64|string)$/.test(column.schema.type))
    return column
  return {
    ...column,
    schema: column.schema.with({ name: settings.epochUnit === 'us' ? epochMicros : epochNanos }),
  }
}
