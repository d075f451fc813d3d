/** `TimestampConverter`: a point in time as text, unix time, or one of Connect's three types. */
import { datum, type Schema, scalar, Struct, struct } from '#data'
import { ConfigError, ConnectError, DataError } from '#errors'
import { type Config, javaClassOf, oneOf, parseConfig, string, type Transform } from '#plugin'
import { type PartTransform, withPart } from './part.ts'
import { requireMap, requireStruct } from './requirements.ts'
import { type DatePattern, datePattern, validPattern } from './simple-date-format.ts'
import { basicsOf, fieldValue, nullDefaults, perSchema } from './struct-change.ts'

const purpose = 'converting timestamp formats'
const fields = {
  field: string({ default: '', doc: 'The field with the time. Empty: the whole value.', importance: 'HIGH' }),
  'target.type': string({
    doc: 'What it becomes: string, unix, Date, Time or Timestamp.',
    importance: 'HIGH',
    validate: oneOf('string', 'unix', 'Date', 'Time', 'Timestamp'),
  }),
  format: string({
    default: '',
    doc: 'The pattern (java.text.SimpleDateFormat, UTC) of texts that are read or written.',
    validate: validPattern,
  }),
  'unix.precision': string({
    default: 'milliseconds',
    doc: 'The unit of unix times: seconds, milliseconds, microseconds or nanoseconds.',
    importance: 'LOW',
    validate: oneOf('nanoseconds', 'microseconds', 'milliseconds', 'seconds'),
  }),
  ...nullDefaults,
}

const DAY_MS = 86_400_000n
const connectData = 'org.apache.kafka.connect.data.'

export const timestampConverter: PartTransform = {
  name: 'TimestampConverter',
  config: fields,
  create(raw, part): Transform {
    const config = parseConfig(fields, raw)
    if (config['target.type'] === 'string' && config.format === '')
      throw new ConfigError(
        'TimestampConverter requires format option to be specified when using string timestamps',
      )
    const converter = converterOf(config)
    const defaults = config['replace.null.with.default']
    const changed = perSchema((schema) =>
      struct(
        schema.fields.map(
          (field) =>
            [
              field.name,
              field.name === config.field ? converter.schema(field.schema) : field.schema,
            ] as const,
        ),
        basicsOf(schema),
      ),
    )
    const whole = perSchema(converter.schema)
    return (record) => {
      const { schema } = record[part]
      const value = record[part].value()
      if (config.field === '') {
        if (schema === null && value === null) return record
        const to = schema === null ? null : whole(schema)
        return withPart(record, part, datum(to, converter.convert(value, schema)))
      }
      if (value === null) return record
      if (schema === null) {
        const map = new Map(requireMap(value, purpose))
        map.set(config.field, converter.convert(map.get(config.field) ?? null, null))
        return withPart(record, part, datum(null, map))
      }
      const held = requireStruct(value, schema, purpose)
      const to = changed(held.schema)
      const values = held.schema.fields.map((field) => {
        const kept = fieldValue(held, field.index, defaults)
        return field.name === config.field ? converter.convert(kept, field.schema) : kept
      })
      return withPart(record, part, datum(to, new Struct(to, values)))
    }
  },
}

interface TimeConverter {
  schema(from: Schema): Schema
  convert(value: unknown, schema: Schema | null): unknown
}

/** Units of a unix time per millisecond, or the other way round for seconds. */
const precisions: Readonly<Record<string, (milliseconds: bigint, toUnix: boolean) => bigint>> = {
  seconds: (value, toUnix) => (toUnix ? value / 1000n : value * 1000n),
  milliseconds: (value) => value,
  microseconds: (value, toUnix) => (toUnix ? value * 1000n : value / 1000n),
  nanoseconds: (value, toUnix) => (toUnix ? value * 1_000_000n : value / 1_000_000n),
}

function converterOf(config: Config<typeof fields>): TimeConverter {
  const pattern = config.format === '' ? null : datePattern(config.format)
  const unix = precisions[config['unix.precision']] ?? ((value: bigint) => value)
  const target = config['target.type']
  return {
    schema(from) {
      if (sourceOf(from) === null)
        throw new ConnectError(
          `Schema ${describe(from)} does not correspond to a known timestamp type format`,
        )
      const { optional } = from
      if (target === 'string') return scalar('string', { optional })
      if (target === 'unix') return scalar('int64', { optional })
      return scalar(target === 'Timestamp' ? 'int64' : 'int32', {
        optional,
        name: connectData + target,
        version: 1,
      })
    },
    convert(value, schema) {
      if (value === null) return null
      const milliseconds = instantOf(value, schema, pattern, unix)
      if (target === 'string') return (pattern as DatePattern).format(Number(milliseconds))
      if (target === 'unix') return unix(milliseconds, true)
      return logical(target, milliseconds, schema)
    },
  }
}

function logical(target: string, milliseconds: bigint, schema: Schema | null): unknown {
  const days = milliseconds >= 0n ? milliseconds / DAY_MS : (milliseconds - DAY_MS + 1n) / DAY_MS
  if (target === 'Timestamp') return milliseconds
  // Without a schema there are no days: the value is the instant.
  if (target === 'Date') return schema === null ? days * DAY_MS : Number(days)
  const time = milliseconds - days * DAY_MS
  return schema === null ? time : Number(time)
}

type Source = 'string' | 'unix' | 'Date' | 'Time' | 'Timestamp'

function sourceOf(schema: Schema): Source | null {
  const logicalName = schema.name?.startsWith(connectData) ? schema.name.slice(connectData.length) : ''
  if (logicalName === 'Date' || logicalName === 'Time' || logicalName === 'Timestamp') return logicalName
  if (schema.type === 'string') return 'string'
  return schema.type === 'int64' ? 'unix' : null
}

function describe(schema: Schema): string {
  const type = schema.type.toUpperCase()
  return schema.name === null ? `Schema{${type}}` : `Schema{${schema.name}:${type}}`
}

function instantOf(
  value: unknown,
  schema: Schema | null,
  pattern: DatePattern | null,
  unix: (value: bigint, toUnix: boolean) => bigint,
): bigint {
  const source = schema === null ? freeSource(value) : sourceOf(schema)
  if (source === 'string' && typeof value === 'string') {
    if (pattern === null)
      throw new DataError(
        'TimestampConverter requires format option to be specified when using string timestamps',
      )
    return BigInt(pattern.parse(value))
  }
  if (source === 'unix') return unix(BigInt(value as bigint), false)
  return source === 'Date' ? BigInt(value as number) * DAY_MS : BigInt(value as bigint)
}

function freeSource(value: unknown): Source {
  if (typeof value === 'string') return 'string'
  if (typeof value === 'bigint') return 'unix'
  throw new ConnectError(
    `TimestampConverter does not support class ${javaClassOf(value, null)} objects as timestamps`,
  )
}
