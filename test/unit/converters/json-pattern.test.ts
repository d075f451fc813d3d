import { describe, expect, test } from 'vitest'
import { ByteBuffer } from '#bytes'
import { FieldPattern, materialize, Struct, scalar, struct, type ValueWriter, writeValue } from '#data'
import { jsonFormat } from '../../../src/converters/json-format.ts'
import { JsonWriter } from '../../../src/converters/json-writer.ts'

const schema = struct([
  ['first', scalar('string')],
  ['place', scalar('string')],
  ['nanos', scalar('int64')],
  ['again', scalar('int64')],
  ['last', scalar('boolean')],
])
/** As a `source` block has them: a number in a text, twice, and with zeros behind it. */
const twoNumbers = () =>
  new FieldPattern(schema, 1, 2, ([at, micros = 0n]) => [`é["${at}"]`, micros * 1000n, at])

const format = jsonFormat(false, true)

function recordOf(pattern: FieldPattern, numbers: Float64Array) {
  const write = (to: ValueWriter) => {
    to.beginStruct(schema)
    to.field(0)
    to.string('x')
    to.pattern(pattern, numbers)
    to.field(4)
    to.boolean(true)
    to.endStruct()
  }
  return { schema, write, value: () => null }
}

function printed(writer: JsonWriter, pattern: FieldPattern, ...numbers: number[]): string {
  const out = new ByteBuffer(1)
  writer.payload(recordOf(pattern, Float64Array.from(numbers)), out)
  return out.written().toString()
}

function expected(at: number, micros: number): string {
  const nanos = BigInt(micros) * 1000n
  return `{"first":"x","place":"é[\\"${at}\\"]","nanos":${nanos},"again":${at},"last":true}`
}

describe('a pattern of fields', () => {
  test.each([
    ['the same again', [5, 5, 5]],
    ['more and fewer digits', [9, 10, 99, 100, 10, 9, 1]],
    ['zero, which has zeros behind it nowhere', [7, 0, 0, 7]],
    ['zero in turn with others', [0, 3, 0, 10, 0, 123_456_789, 0]],
    ['more than eight digits at once', [99_999_999, 100_000_000, 199_999_999, 200_000_000, 23_456_848]],
    ['the largest', [2 ** 53 - 1, 2 ** 53 - 2, 9_000_000_000_000_000, 999_999_999_999_999, 1]],
  ])('%s', (_, numbers) => {
    const writer = new JsonWriter(format)
    const pattern = twoNumbers()
    for (const number of numbers) {
      const micros = Math.min(number, 2 ** 53 - 1 - number)
      expect(printed(writer, pattern, number, micros)).toBe(expected(number, micros))
      expect(printed(writer, pattern, number, 12)).toBe(expected(number, 12))
    }
  })

  test('steps of every size, up and down', () => {
    const writer = new JsonWriter(format)
    const pattern = twoNumbers()
    let number = 1
    for (let i = 1; i < 2000; i++) {
      number = Math.abs((number + (i % 2 === 0 ? 1 : -1) * Math.floor(7.3 ** (i % 19))) % 2 ** 52)
      expect(printed(writer, pattern, number, i)).toBe(expected(number, i))
    }
  })

  test('in two formats and as an object', () => {
    const pattern = twoNumbers()
    const [one, other] = [new JsonWriter(format), new JsonWriter(jsonFormat(true, false))]
    expect(printed(one, pattern, 3, 4)).toBe(expected(3, 4))
    expect(printed(other, pattern, 5, 6)).toBe(expected(5, 6))
    expect(printed(one, pattern, 7, 8)).toBe(expected(7, 8))
    const value = materialize(recordOf(pattern, Float64Array.of(3, 4)))
    expect(value).toEqual(new Struct(schema, ['x', 'é["3"]', 4000n, 3n, true]))
    const out = new ByteBuffer(1)
    one.payload({ schema, write: (to) => writeValue(schema, value, to), value: () => null }, out)
    expect(out.written().toString()).toBe(expected(3, 4))
  })
})
