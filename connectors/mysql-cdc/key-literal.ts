/** The value of a key's column as a literal of SQL, from the form in which records have it. */
import { Decimal, type Schema } from '#data'
import { ConnectError } from '#errors'
import { canonicalType, type DeclaredColumn } from './column-types/declared-column.ts'
import type { TypeOptions } from './column-types/options.ts'

const binaries = new Set(['BINARY', 'VARBINARY', 'TINYBLOB', 'BLOB', 'MEDIUMBLOB', 'LONGBLOB'])

/** `value` is not null. What has no literal is a ConnectError that names the column. */
export function keyLiteral(
  value: unknown,
  schema: Schema,
  column: DeclaredColumn,
  binary: TypeOptions['binary'],
): string {
  if (typeof value === 'boolean') return value ? '1' : '0'
  if (value instanceof Decimal) return value.toString()
  if (value instanceof Uint8Array) return schema.name === 'io.debezium.data.Bits' ? bits(value) : hex(value)
  if (typeof value === 'string') return textLiteral(value, schema, column, binary)
  if (typeof value === 'number' || typeof value === 'bigint') return numberLiteral(value, schema)
  throw new ConnectError(`The column ${column.name} of a key has a type that rows cannot be looked up by.`)
}

function hex(bytes: Uint8Array): string {
  return `X'${Buffer.from(bytes).toString('hex')}'`
}

function bits(littleEndian: Uint8Array): string {
  return String(BigInt(`0x0${Buffer.from(littleEndian).reverse().toString('hex')}`))
}

function textLiteral(
  value: string,
  schema: Schema,
  column: DeclaredColumn,
  binary: TypeOptions['binary'],
): string {
  if (binaries.has(canonicalType(column.declaredType).type))
    return hex(Buffer.from(value, binary === 'hex' ? 'hex' : 'base64'))
  if (schema.name?.startsWith('io.debezium.time.')) return quoted(value.replace('T', ' ').replace('Z', ''))
  return `_utf8mb4 ${hex(Buffer.from(value))}`
}

/** Of digits and punctuation. */
function quoted(text: string): string {
  return `'${text}'`
}

function numberLiteral(value: number | bigint, { name }: Schema): string {
  switch (name) {
    case 'io.debezium.time.Date':
    case 'org.apache.kafka.connect.data.Date':
      return quoted(dateTime(BigInt(value) * 86_400_000_000n).slice(0, 10))
    case 'io.debezium.time.Timestamp':
    case 'org.apache.kafka.connect.data.Timestamp':
      return quoted(dateTime(BigInt(value) * 1000n))
    case 'io.debezium.time.MicroTimestamp':
      return quoted(dateTime(BigInt(value)))
    case 'io.debezium.time.NanoTimestamp':
      return quoted(dateTime(BigInt(value) / 1000n))
    case 'org.apache.kafka.connect.data.Time':
      return quoted(time(BigInt(value) * 1000n))
    case 'io.debezium.time.MicroTime':
      return quoted(time(BigInt(value)))
    case 'io.debezium.time.NanoTime':
      return quoted(time(BigInt(value) / 1000n))
    default:
      return String(value)
  }
}

const second = 1_000_000n

function fraction(micros: bigint): string {
  return micros.toString().padStart(6, '0')
}

/** Microseconds since 1970; of the years 0 to 9999. */
function dateTime(micros: bigint): string {
  const rest = ((micros % second) + second) % second
  const whole = new Date(Number((micros - rest) / 1000n)).toISOString()
  return `${whole.slice(0, 19).replace('T', ' ')}.${fraction(rest)}`
}

/** A TIME may be negative, and longer than a day. */
function time(micros: bigint): string {
  const size = micros < 0n ? -micros : micros
  const seconds = size / second
  const two = (part: bigint) => part.toString().padStart(2, '0')
  const clock = `${two(seconds / 3600n)}:${two((seconds / 60n) % 60n)}:${two(seconds % 60n)}`
  return `${micros < 0n ? '-' : ''}${clock}.${fraction(size % second)}`
}
