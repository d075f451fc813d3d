/**
 * A value as Java's `toString` prints it, which is what Kafka's file sink writes: `Struct{id=1,name=Anna}` (without
 * unset fields), `{a=1, b=2}`, `[1, 2]`, `1.0E10`, `Thu Jan 01 00:00:00 UTC 1970`. Bytes inside a value are base64,
 * since Java prints only the address of an array.
 */
import { Decimal, javaDecimal, javaDouble, javaFloat, type Schema, Struct } from '#data'

const DAY_MS = 86_400_000

export function javaText(value: unknown, schema: Schema | null): string {
  if (value === null || value === undefined) return 'null'
  if (typeof value === 'number') return numberText(value, schema)
  if (typeof value === 'bigint' && schema?.name === 'org.apache.kafka.connect.data.Timestamp')
    return dateText(Number(value))
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
      if (schema.name === 'org.apache.kafka.connect.data.Date') return dateText(value * DAY_MS)
      return schema.name === 'org.apache.kafka.connect.data.Time' ? dateText(value) : String(value)
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
