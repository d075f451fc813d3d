/**
 * From JSON to values. A schema compiles once into a reader: a closure that knows what comes next, so that a struct
 * whose fields come in the schema's order, as JsonConverter writes them, is read without looking names up.
 */
import { Decimal, type Schema, Struct } from '#data'
import { DataError } from '#errors'
import type { JsonCursor } from './json-cursor.ts'

export type ValueReader = (cursor: JsonCursor) => unknown

const openBrace = 0x7b
const closeBrace = 0x7d
const openBracket = 0x5b
const closeBracket = 0x5d
const comma = 0x2c
const colon = 0x3a
const quote = 0x22

/** A reader of values of this schema; `defaults`: a null becomes the schema's default. */
export function readerOf(schema: Schema | null, defaults: boolean): ValueReader {
  if (schema === null) return readFree
  const read = presentReader(schema, defaults)
  const missing = whenNull(schema, defaults)
  return (cursor) => (cursor.peek() === 0x6e && cursor.null() ? missing() : read(cursor))
}

/** What stands for null or for a field that is not there. */
function whenNull(schema: Schema, defaults: boolean): () => unknown {
  if (schema.hasDefault && schema.default !== null && defaults) return () => schema.default
  if (schema.optional) return () => null
  return () => {
    throw new DataError(`Invalid null value for required ${schema.type.toUpperCase()} field`)
  }
}

const decimalName = 'org.apache.kafka.connect.data.Decimal'

function presentReader(schema: Schema, defaults: boolean): ValueReader {
  switch (schema.type) {
    case 'int8':
      return smallReader(schema, 2 ** 7)
    case 'int16':
      return smallReader(schema, 2 ** 15)
    case 'int32':
      return smallReader(schema, 2 ** 31)
    case 'int64':
      return (cursor) => readInt64(cursor)
    case 'float32':
      return (cursor) => Math.fround(readReal(cursor))
    case 'float64':
      return readReal
    case 'boolean':
      return readBoolean
    case 'string':
      return (cursor) => (cursor.peek() === quote ? cursor.string() : refuse(cursor, 'STRING'))
    case 'bytes':
      return schema.name === decimalName ? decimalReader(schema) : readBytes
    case 'array':
      return arrayReader(schema, defaults)
    case 'map':
      return mapReader(schema, defaults)
    case 'struct':
      return structReader(schema, defaults)
  }
}

const kinds: Readonly<Record<number, string>> = {
  [openBrace]: 'OBJECT',
  [openBracket]: 'ARRAY',
  [quote]: 'STRING',
  116: 'BOOLEAN',
  102: 'BOOLEAN',
  110: 'NULL',
}

/** Jackson's name of the kind of value that comes next. */
function kindOf(cursor: JsonCursor): string {
  return kinds[cursor.peek()] ?? 'NUMBER'
}

function refuse(cursor: JsonCursor, type: string): never {
  throw new DataError(`Invalid ${kindOf(cursor)} value for ${type} field`)
}

function smallReader(schema: Schema, bound: number): ValueReader {
  const type = schema.type.toUpperCase()
  return (cursor) => {
    const value = Number(readInteger(cursor, type))
    if (value < -bound || value >= bound) throw new DataError(`A number is out of range for an ${type} field`)
    return value
  }
}

function readInt64(cursor: JsonCursor): bigint {
  const value = BigInt(readInteger(cursor, 'INT64'))
  if (BigInt.asIntN(64, value) !== value) throw new DataError('A number is out of range for an INT64 field')
  return value
}

/** An integer as a number where that is exact. Digits are added up as they come; most numbers are short. */
function readInteger(cursor: JsonCursor, type: string): number | bigint {
  const next = cursor.peek()
  const { bytes, end } = cursor
  const negative = next === 0x2d
  const from = negative ? cursor.at + 1 : cursor.at
  let at = from
  let value = 0
  for (; at < end; at++) {
    const digit = (bytes[at] as number) - 0x30
    if (digit < 0 || digit > 9) break
    value = value * 10 + digit
  }
  const after = at < end ? bytes[at] : 0
  if (at > from && at - from <= 15 && after !== 0x2e && after !== 0x65 && after !== 0x45) {
    cursor.at = at
    return negative && value !== 0 ? -value : value
  }
  if (kindOf(cursor) !== 'NUMBER') refuse(cursor, type)
  const start = cursor.number()
  const text = cursor.numberText(start)
  if (cursor.integral) return BigInt(text)
  const decimal = decimalOf(text)
  try {
    return decimal.withScale(0).unscaled
  } catch {
    throw new DataError(`A number with a fraction is no value of an ${type} field`)
  }
}

function readReal(cursor: JsonCursor): number {
  if (cursor.peek() === quote) {
    const text = cursor.string()
    if (text === 'NaN' || text === 'Infinity' || text === '-Infinity') return Number(text)
    throw new DataError('Invalid STRING value for FLOAT64 field')
  }
  if (kindOf(cursor) !== 'NUMBER') refuse(cursor, 'FLOAT64')
  return Number(cursor.numberText(cursor.number()))
}

function readBoolean(cursor: JsonCursor): boolean {
  const next = cursor.peek()
  if (next === 0x74) {
    cursor.literal('true')
    return true
  }
  if (next !== 0x66) refuse(cursor, 'BOOLEAN')
  cursor.literal('false')
  return false
}

function readBytes(cursor: JsonCursor): Buffer {
  if (cursor.peek() !== quote) refuse(cursor, 'BYTES')
  const text = cursor.string()
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.replace(/=+$/, '').length % 4 === 1)
    throw new DataError('Invalid bytes field: the text is not base64')
  return Buffer.from(text, 'base64')
}

function decimalReader(schema: Schema): ValueReader {
  const scale = Number(schema.parameters?.['scale'] ?? Number.NaN)
  return (cursor) => {
    if (kindOf(cursor) === 'NUMBER') return decimalOf(cursor.numberText(cursor.number()))
    if (cursor.peek() !== quote)
      throw new DataError(
        `Invalid type for Decimal, underlying representation should be numeric or bytes but was ${kindOf(cursor)}`,
      )
    if (!Number.isInteger(scale)) throw new DataError('Invalid Decimal schema: scale parameter not found.')
    return new Decimal(unscaledOf(readBytes(cursor)), scale)
  }
}

/** An exponent of a few letters can stand for more digits than there is memory. */
function decimalOf(text: string): Decimal {
  const exponent = Number(/[eE](.*)$/.exec(text)?.[1] ?? 0)
  if (Math.abs(exponent) > 10_000) throw new DataError('The exponent of a number is out of range')
  return Decimal.parse(text)
}

/** Big-endian two's complement. */
function unscaledOf(bytes: Buffer): bigint {
  if (bytes.length === 0) return 0n
  if (bytes.length <= 6) return BigInt(bytes.readIntBE(0, bytes.length))
  return BigInt.asIntN(bytes.length * 8, BigInt(`0x${bytes.toString('hex')}`))
}

function arrayReader(schema: Schema, defaults: boolean): ValueReader {
  const item = readerOf(schema.valueSchema, defaults)
  return (cursor) => {
    if (cursor.peek() !== openBracket)
      throw new DataError(`Arrays should be encoded as JSON arrays, but found ${kindOf(cursor)}`)
    return readItems(cursor, item)
  }
}

function readItems(cursor: JsonCursor, item: ValueReader): unknown[] {
  cursor.enter()
  const items: unknown[] = []
  if (cursor.peek() !== closeBracket)
    do items.push(item(cursor))
    while (cursor.take(comma))
  cursor.leave(closeBracket)
  return items
}

/** Maps with text keys are objects, others arrays of pairs. */
function mapReader(schema: Schema, defaults: boolean): ValueReader {
  const key = readerOf(schema.keySchema, defaults)
  const value = readerOf(schema.valueSchema, defaults)
  if (schema.keySchema?.type === 'string')
    return (cursor) => {
      if (cursor.peek() !== openBrace)
        throw new DataError(
          `Maps with string fields should be encoded as JSON objects, but found ${kindOf(cursor)}`,
        )
      return readMembers(cursor, value)
    }
  return (cursor) => {
    if (cursor.peek() !== openBracket)
      throw new DataError(
        `Maps with non-string fields should be encoded as JSON array of tuples, but found ${kindOf(cursor)}`,
      )
    const pairs = readItems(cursor, (inner) => {
      if (inner.peek() !== openBracket)
        throw new DataError(`Found invalid map entry instead of array tuple: ${kindOf(inner)}`)
      inner.at++
      const first = key(inner)
      if (!inner.take(comma)) throw new DataError('Found invalid map entry, expected length 2 but found :1')
      const second = value(inner)
      if (!inner.take(closeBracket)) throw new DataError('Found invalid map entry, expected length 2')
      return [first, second] as const
    })
    return new Map(pairs as [unknown, unknown][])
  }
}

function readMembers(cursor: JsonCursor, value: ValueReader): Map<unknown, unknown> {
  cursor.enter()
  const members = new Map<unknown, unknown>()
  if (cursor.peek() !== closeBrace)
    do {
      const name = cursor.string()
      cursor.expect(colon)
      members.set(name, value(cursor))
    } while (cursor.take(comma))
  cursor.leave(closeBrace)
  return members
}

/** Sentinel of a field that has not come yet. */
const absent = Symbol('absent')

function structReader(schema: Schema, defaults: boolean): ValueReader {
  const count = schema.fields.length
  const names = schema.fields.map((field) => Buffer.from(`${JSON.stringify(field.name)}:`))
  const readers = schema.fields.map((field) => readerOf(field.schema, defaults))
  const missing = schema.fields.map((field) => whenNull(field.schema, defaults))
  return (cursor) => {
    if (cursor.peek() !== openBrace)
      throw new DataError(`Structs should be encoded as JSON objects, but found ${kindOf(cursor)}`)
    cursor.at++
    const values = new Array<unknown>(count).fill(absent)
    let next = 0
    if (!cursor.take(closeBrace)) {
      do {
        const name = names[next]
        if (name !== undefined && comesNext(cursor, name)) cursor.at += name.length
        else {
          next = schema.field(memberName(cursor))?.index ?? -1
          if (next < 0) {
            cursor.skip()
            next = count
            continue
          }
        }
        values[next] = (readers[next] as ValueReader)(cursor)
        next++
      } while (cursor.take(comma))
      cursor.expect(closeBrace)
    }
    for (let i = 0; i < count; i++) if (values[i] === absent) values[i] = missing[i]?.()
    return new Struct(schema, values)
  }
}

function memberName(cursor: JsonCursor): string {
  const name = cursor.string()
  cursor.expect(colon)
  return name
}

/** Whether exactly these bytes come next. */
function comesNext(cursor: JsonCursor, name: Uint8Array): boolean {
  const { bytes, at } = cursor
  if (at + name.length > cursor.end) return false
  for (let i = 0; i < name.length; i++) if (bytes[at + i] !== name[i]) return false
  return true
}

/** Without a schema: integers are bigint, other numbers number, objects Map, arrays unknown[]. */
export function readFree(cursor: JsonCursor): unknown {
  switch (cursor.peek()) {
    case openBrace:
      return readMembers(cursor, readFree)
    case openBracket:
      return readItems(cursor, readFree)
    case quote:
      return cursor.string()
    case 0x74:
    case 0x66:
      return readBoolean(cursor)
    case 0x6e:
      cursor.literal('null')
      return null
    default: {
      const text = cursor.numberText(cursor.number())
      return cursor.integral ? BigInt(text) : Number(text)
    }
  }
}
