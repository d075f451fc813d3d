/**
 * Values in Java's words: what `toString` prints (StringConverter, file sinks) and what a value's class is called
 * (errors of converters and transforms). `Struct{id=1,name=Anna}` leaves out unset fields; maps are `{a=1, b=2}`,
 * lists `[1, 2]`, dates `Thu Jan 01 00:00:00 UTC 1970`. Bytes are base64, since Java prints only an array's address.
 */
import { Decimal, javaDecimal, javaDouble, javaFloat, type Schema, Struct } from '#data'

const DAY_MS = 86_400_000
const connectData = 'org.apache.kafka.connect.data.'

export function javaText(value: unknown, schema: Schema | null): string {
  if (value === null || value === undefined) return 'null'
  if (typeof value === 'number') return numberText(value, schema)
  if (typeof value === 'bigint' && schema?.name === `${connectData}Timestamp`) return dateText(Number(value))
  if (value instanceof Struct) return structText(value)
  if (value instanceof Decimal) return javaDecimal(value.unscaled, value.scale)
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (Array.isArray(value))
    return `[${value.map((item) => javaText(item, schema?.valueSchema ?? null)).join(', ')}]`
  if (value instanceof Map) return mapText(value, schema)
  return String(value)
}

function numberText(value: number, schema: Schema | null): string {
  switch (schema?.type) {
    case 'float32':
      return javaFloat(value)
    case 'int32':
      if (schema.name === `${connectData}Date`) return dateText(value * DAY_MS)
      return schema.name === `${connectData}Time` ? dateText(value) : String(value)
    case 'int8':
    case 'int16':
      return String(value)
    default:
      return javaDouble(value)
  }
}

function structText(struct: Struct): string {
  const fields = struct.schema.fields
    .filter((field) => (struct.values[field.index] ?? null) !== null)
    .map((field) => `${field.name}=${javaText(struct.values[field.index], field.schema)}`)
  return `Struct{${fields.join(',')}}`
}

function mapText(map: ReadonlyMap<unknown, unknown>, schema: Schema | null): string {
  const entries = [...map].map(
    ([key, value]) =>
      `${javaText(key, schema?.keySchema ?? null)}=${javaText(value, schema?.valueSchema ?? null)}`,
  )
  return `{${entries.join(', ')}}`
}

/** `java.util.Date` in UTC: `EEE MMM dd HH:mm:ss zzz yyyy`. */
function dateText(milliseconds: number): string {
  const date = new Date(milliseconds)
  const [weekday = '', day = '', month = '', year = '', time = ''] = date.toUTCString().split(' ')
  return `${weekday.slice(0, 3)} ${month} ${day} ${time} UTC ${year}`
}

const numberClasses: Readonly<Record<string, string>> = {
  int8: 'java.lang.Byte',
  int16: 'java.lang.Short',
  int32: 'java.lang.Integer',
  float32: 'java.lang.Float',
}

/** The Java class of a value under its schema, or `null`. */
export function javaClassOf(value: unknown, schema: Schema | null): string {
  if (value === null || value === undefined) return 'null'
  if (isTemporal(schema)) return 'java.util.Date'
  switch (typeof value) {
    case 'string':
      return 'java.lang.String'
    case 'boolean':
      return 'java.lang.Boolean'
    case 'bigint':
      return 'java.lang.Long'
    case 'number':
      return numberClasses[schema?.type ?? ''] ?? 'java.lang.Double'
  }
  if (value instanceof Struct) return `${connectData}Struct`
  if (value instanceof Decimal) return 'java.math.BigDecimal'
  if (value instanceof Uint8Array) return '[B'
  return Array.isArray(value) ? 'java.util.ArrayList' : 'java.util.HashMap'
}

/** Connect's Date, Time or Timestamp: numbers here, `java.util.Date` in Connect. */
export function isTemporal(schema: Schema | null): boolean {
  return (
    schema !== null && /^org\.apache\.kafka\.connect\.data\.(?:Date|Time|Timestamp)$/.test(schema.name ?? '')
  )
}
