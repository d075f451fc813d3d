/**
 * What a field means to a database: Connect's logical types and Debezium's semantic types brought to one vocabulary,
 * so that each dialect has one table of types and one of bindings. Reading is by the schema's name; a name that is not
 * known means what its base type means.
 */
import type { Schema } from '#data'

export type TimeUnit = 'days' | 'ms' | 'us' | 'ns'

export type Semantic =
  | { readonly kind: 'int'; readonly bits: 8 | 16 | 32 | 64 }
  | { readonly kind: 'float'; readonly bits: 32 | 64 }
  | { readonly kind: 'boolean' | 'text' | 'bytes' | 'json' | 'uuid' | 'xml' | 'tsvector' | 'ltree' | 'year' }
  | { readonly kind: 'decimal'; readonly scale: number; readonly precision: number | null }
  | { readonly kind: 'variable-decimal' }
  | { readonly kind: 'date' }
  /** `connect`: of Connect's own types, always within a day. */
  | { readonly kind: 'time'; readonly unit: TimeUnit; readonly connect: boolean }
  | { readonly kind: 'timestamp'; readonly unit: TimeUnit; readonly connect: boolean }
  | { readonly kind: 'zoned-time' | 'zoned-timestamp' }
  | { readonly kind: 'interval' }
  | { readonly kind: 'duration'; readonly unit: TimeUnit }
  | { readonly kind: 'enum' | 'set'; readonly allowed: string }
  | { readonly kind: 'bits'; readonly length: number }
  | { readonly kind: 'geometry' | 'geography' | 'point' }
  | { readonly kind: 'vector'; readonly form: 'vector' | 'halfvec' | 'sparsevec' }
  | { readonly kind: 'array'; readonly item: Schema }
  | { readonly kind: 'map' | 'struct' }

const byName: Readonly<Record<string, (schema: Schema) => Semantic>> = {
  'org.apache.kafka.connect.data.Decimal': (schema) => ({
    kind: 'decimal',
    scale: Number(schema.parameters?.['scale'] ?? 0),
    precision: numberOf(schema.parameters?.['connect.decimal.precision']),
  }),
  'org.apache.kafka.connect.data.Date': () => ({ kind: 'date' }),
  'org.apache.kafka.connect.data.Time': () => ({ kind: 'time', unit: 'ms', connect: true }),
  'org.apache.kafka.connect.data.Timestamp': () => ({ kind: 'timestamp', unit: 'ms', connect: true }),
  'io.debezium.time.Date': () => ({ kind: 'date' }),
  'io.debezium.time.Time': () => ({ kind: 'time', unit: 'ms', connect: false }),
  'io.debezium.time.MicroTime': () => ({ kind: 'time', unit: 'us', connect: false }),
  'io.debezium.time.NanoTime': () => ({ kind: 'time', unit: 'ns', connect: false }),
  'io.debezium.time.Timestamp': () => ({ kind: 'timestamp', unit: 'ms', connect: false }),
  'io.debezium.time.MicroTimestamp': () => ({ kind: 'timestamp', unit: 'us', connect: false }),
  'io.debezium.time.NanoTimestamp': () => ({ kind: 'timestamp', unit: 'ns', connect: false }),
  'io.debezium.time.ZonedTimestamp': () => ({ kind: 'zoned-timestamp' }),
  'io.debezium.time.ZonedTime': () => ({ kind: 'zoned-time' }),
  'io.debezium.time.Year': () => ({ kind: 'year' }),
  'io.debezium.time.Interval': () => ({ kind: 'interval' }),
  'io.debezium.time.MicroDuration': () => ({ kind: 'duration', unit: 'us' }),
  'io.debezium.time.NanoDuration': () => ({ kind: 'duration', unit: 'ns' }),
  'io.debezium.data.Json': () => ({ kind: 'json' }),
  'io.debezium.data.Uuid': () => ({ kind: 'uuid' }),
  'io.debezium.data.Xml': () => ({ kind: 'xml' }),
  'io.debezium.data.Tsvector': () => ({ kind: 'tsvector' }),
  'io.debezium.data.Ltree': () => ({ kind: 'ltree' }),
  'io.debezium.data.Enum': (schema) => ({ kind: 'enum', allowed: schema.parameters?.['allowed'] ?? '' }),
  'io.debezium.data.EnumSet': (schema) => ({ kind: 'set', allowed: schema.parameters?.['allowed'] ?? '' }),
  'io.debezium.data.Bits': (schema) => ({ kind: 'bits', length: Number(schema.parameters?.['length'] ?? 1) }),
  'io.debezium.data.VariableScaleDecimal': () => ({ kind: 'variable-decimal' }),
  'io.debezium.data.geometry.Geometry': () => ({ kind: 'geometry' }),
  'io.debezium.data.geometry.Geography': () => ({ kind: 'geography' }),
  'io.debezium.data.geometry.Point': () => ({ kind: 'point' }),
  'io.debezium.data.DoubleVector': () => ({ kind: 'vector', form: 'vector' }),
  'io.debezium.data.FloatVector': () => ({ kind: 'vector', form: 'halfvec' }),
  'io.debezium.data.SparseVector': () => ({ kind: 'vector', form: 'sparsevec' }),
}

/** Names of the fields that `timestamp.fields.list` makes timestamps of. */
export const epochMicros = 'rowtap.epoch.micros'
export const epochNanos = 'rowtap.epoch.nanos'

/** Confluent's sink knows Connect's names only: a Debezium type is what its base type is. */
export function semanticOf(schema: Schema, names: 'connect' | 'debezium'): Semantic {
  const { name } = schema
  if (name === epochMicros) return { kind: 'timestamp', unit: 'us', connect: true }
  if (name === epochNanos) return { kind: 'timestamp', unit: 'ns', connect: true }
  if (
    name !== null &&
    Object.hasOwn(byName, name) &&
    (names === 'debezium' || !name.startsWith('io.debezium.'))
  ) {
    const known = byName[name]
    if (known !== undefined) return known(schema)
  }
  switch (schema.type) {
    case 'int8':
      return { kind: 'int', bits: 8 }
    case 'int16':
      return { kind: 'int', bits: 16 }
    case 'int32':
      return { kind: 'int', bits: 32 }
    case 'int64':
      return { kind: 'int', bits: 64 }
    case 'float32':
      return { kind: 'float', bits: 32 }
    case 'float64':
      return { kind: 'float', bits: 64 }
    case 'string':
      return { kind: 'text' }
    case 'array':
      return schema.valueSchema === null ? { kind: 'struct' } : { kind: 'array', item: schema.valueSchema }
    default:
      return { kind: schema.type }
  }
}

/** The Debezium parameter `__debezium.source.column.…` of a field, where `column.propagate.source.type` put it. */
export function sourceColumn(
  schema: Schema,
): { type: string; length: number | null; scale: number | null } | null {
  const type = schema.parameters?.['__debezium.source.column.type']
  if (type === undefined) return null
  return {
    type: type.toUpperCase(),
    length: numberOf(schema.parameters?.['__debezium.source.column.length']),
    scale: numberOf(schema.parameters?.['__debezium.source.column.scale']),
  }
}

function numberOf(text: string | undefined): number | null {
  return text !== undefined && /^-?\d+$/.test(text) ? Number(text) : null
}
