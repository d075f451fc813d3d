import { describe, expect, test } from 'vitest'
import { ByteBuffer } from '#bytes'
import {
  array,
  Decimal,
  datum,
  FixedFields,
  map,
  type Schema,
  Struct,
  scalar,
  struct,
  type ValueWriter,
} from '#data'
import { DataError } from '#errors'
import { jsonFormat } from '../../../src/converters/json-format.ts'
import { jsonString } from '../../../src/converters/json-text.ts'
import { JsonWriter } from '../../../src/converters/json-writer.ts'
import { schemaText } from '../../../src/converters/json-writer.ts'

const base64 = jsonFormat(false, true)

function payload(schema: Schema | null, value: unknown, format = base64): string {
  const out = new ByteBuffer(8)
  new JsonWriter(format).payload(datum(schema, value), out)
  return out.written().toString()
}

describe('JsonWriter', () => {
  test.each([
    ...[0, 1, 9, 10, 99, 100, 999, 1000, 9999, 10000, 12345678, 99999999, 100000000],
    ...[999999999999999, 1795207720177604, 9007199254740991],
  ])('integers of every width: %d', (value) => {
    const writer = (n: number) => {
      const out = new ByteBuffer(4)
      new JsonWriter(base64).payload({ schema: null, write: (to) => to.integer(n), value: () => n }, out)
      return out.written().toString()
    }
    expect(writer(value)).toBe(String(value))
    if (value > 0) expect(writer(-value)).toBe(String(-value))
  })

  test('text is escaped as Jackson does', () => {
    expect(payload(null, 'a"b\\c\n\t\u0001\u007fäß😀')).toBe(
      '"a\\"b\\\\c\\n\\t\\u0001\u007fäß\\uD83D\\uDE00"',
    )
  })

  test('the text of an integer, within a buffer and at its end', () => {
    for (const digits of ['0', '-1', '1234567890123456', '12345678901234567', '-9223372036854775808'])
      for (const after of [0, 1, 20]) {
        const bytes = Buffer.from(`x${digits}${'9'.repeat(after)}`)
        const out = new ByteBuffer(1)
        const write = (to: ValueWriter) => to.integerText(bytes, 1, 1 + digits.length)
        new JsonWriter(base64).payload({ schema: null, write, value: () => null }, out)
        expect(out.written().toString()).toBe(digits)
      }
  })

  test('escapes and long characters at every place of a text, within a buffer and at its end', () => {
    const parts = ['"', '\\', '\n', '\u0001', '😀', 'é', 'abcdefghi', 'xy']
    for (let round = 0; round < 3000; round++) {
      let text = ''
      for (let seed = round; seed > 0; seed = Math.floor(seed / 9)) text += parts[seed % 9] ?? ''
      const wanted = jsonString(text)
      const bytes = Buffer.from(text)
      for (const after of [0, 20]) {
        const held = Buffer.concat([bytes, Buffer.alloc(after, '"')])
        const out = new ByteBuffer(1)
        const write = (to: ValueWriter) => to.text(held, 0, bytes.length)
        new JsonWriter(base64).payload({ schema: null, write, value: () => null }, out)
        expect(out.written().toString()).toBe(wanted)
      }
    }
  })

  test.each([65_536, 65_537, 65_538, 65_539, 200_000])(
    'large text in little more memory than it takes, whatever lies at the seams: %d bytes and more',
    (size) => {
      const text = `${'x'.repeat(size - 2)}ä€😀"\\\u0001`.padEnd(size + 70_000, '€')
      const wanted = payload(null, 'ä€😀"\\\u0001').slice(1, -1)
      const out = new ByteBuffer(8)
      const bytes = Buffer.from(`~${text}~`)
      const write = (to: ValueWriter) => to.text(bytes, 1, bytes.length - 1)
      new JsonWriter(base64).payload({ schema: null, write, value: () => null }, out)
      const plain = `"${'x'.repeat(size - 2)}${wanted}`
      expect(out.written().toString()).toBe(`${plain.padEnd(out.written().toString().length - 1, '€')}"`)
      expect(JSON.parse(out.written().toString())).toBe(text)
      expect(payload(null, text)).toBe(out.written().toString())
      expect(out.bytes.length).toBeLessThan(bytes.length * 2 + 8 * 65_536)
    },
  )

  test.each(['', 'f', 'fo', 'foo', 'foob', 'fooba'])('bytes of %j are base64', (text) => {
    expect(payload(scalar('bytes'), Buffer.from(text))).toBe(
      JSON.stringify(Buffer.from(text).toString('base64')),
    )
  })

  test.each([
    0n,
    1n,
    -1n,
    127n,
    128n,
    -128n,
    -129n,
    255n,
    65535n,
    -65536n,
    2n ** 31n - 1n,
    2n ** 31n,
    -(2n ** 31n),
    -(2n ** 31n) - 1n,
    2n ** 39n,
    -(2n ** 47n) - 1n,
    2n ** 53n - 1n,
    12345678901234567890n,
    -(2n ** 64n),
  ])('the decimal %d is the same through both calls and is BigInteger.toByteArray', (unscaled) => {
    const held = payload(null, new Decimal(unscaled, 2))
    const bytes = Buffer.from(JSON.parse(held), 'base64')
    expect(BigInt.asIntN(bytes.length * 8, BigInt(`0x${bytes.toString('hex')}`))).toBe(unscaled)
    if (unscaled > -(2n ** 53n) && unscaled < 2n ** 53n) {
      const out = new ByteBuffer(4)
      const write = (to: { decimalSafe(n: number, scale: number): void }) =>
        to.decimalSafe(Number(unscaled), 2)
      new JsonWriter(base64).payload({ schema: null, write, value: () => null }, out)
      expect(out.written().toString()).toBe(held)
    }
  })

  test('decimal.format=NUMERIC prints a number', () => {
    expect(payload(null, new Decimal(12345n, 2), jsonFormat(true, true))).toBe('123.45')
  })

  test('structs, arrays, maps', () => {
    const inner = struct([['x', scalar('int32')]], { optional: true })
    const schema = struct([
      ['a', array(scalar('string', { optional: true }))],
      ['b', map(scalar('string'), scalar('int64'))],
      ['c', map(scalar('int32'), scalar('boolean'))],
      ['d', inner],
      ['e', inner],
    ])
    const value = new Struct(schema, [
      ['p', null],
      new Map([['k', 1n]]),
      new Map([
        [1, true],
        [2, false],
      ]),
      new Struct(inner, [7]),
      null,
    ])
    expect(payload(schema, value)).toBe(
      '{"a":["p",null],"b":{"k":1},"c":[[1,true],[2,false]],"d":{"x":7},"e":null}',
    )
  })

  test('maps without a schema are objects only where all keys are strings', () => {
    expect(payload(null, new Map([['a', 1n]]))).toBe('{"a":1}')
    expect(payload(null, new Map())).toBe('{}')
    expect(
      payload(
        null,
        new Map<unknown, unknown>([
          ['a', 1n],
          [2n, new Map([[true, null]])],
          [null, 'x'],
        ]),
      ),
    ).toBe('[["a",1],[2,[[true,null]]],[null,"x"]]')
  })

  test('a null key of a map that prints as an object is an error', () => {
    const schema = map(scalar('string', { optional: true }), scalar('int32'))
    expect(() => payload(schema, new Map([[null, 1]]))).toThrow('null value for field that is required')
  })

  const decimal = (scale: number, more = {}) =>
    scalar('bytes', {
      name: 'org.apache.kafka.connect.data.Decimal',
      parameters: { scale: `${scale}` },
      ...more,
    })

  test.each([
    [new Decimal(15n, 1), 150n],
    [new Decimal(1500n, 3), 150n],
    [new Decimal(-2n, 0), -200n],
    [new Decimal(3n, -2), 30000n],
    [new Decimal(0n, 5), 0n],
  ])('a decimal of another scale is written at the scale of its schema: %s', (value, unscaled) => {
    const wanted = payload(decimal(2), new Decimal(unscaled, 2))
    expect(payload(decimal(2), value)).toBe(wanted)
    const { unscaled: safe, scale } = value
    const out = new ByteBuffer(4)
    const write = (to: ValueWriter) => to.decimalSafe(Number(safe), scale)
    new JsonWriter(base64).payload({ schema: decimal(2), write, value: () => null }, out)
    expect(out.written().toString()).toBe(wanted)
  })

  test('a decimal of another scale: in fields, items, keys, values and defaults', () => {
    const schema = struct([
      ['f', decimal(2)],
      ['i', array(decimal(2))],
      ['m', map(decimal(1), decimal(2))],
      ['d', decimal(2, { optional: true, default: new Decimal(1n, 0) })],
    ])
    const one = new Decimal(1n, 0)
    const value = new Struct(schema, [one, [one], new Map([[one, one]]), null])
    expect(payload(schema, value)).toBe('{"f":"ZA==","i":["ZA=="],"m":[["Cg==","ZA=="]],"d":"ZA=="}')
    expect(schemaText(decimal(2, { default: one }), base64)).toContain('"default":"ZA=="')
  })

  test.each([new Decimal(1n, 3), new Decimal(1n, -2_000_000), new Decimal(10n, 2_000_000)])(
    'a decimal that would lose digits, or is out of all bounds, is a DataError',
    (value) => {
      expect(() => payload(decimal(2), value)).toThrow(DataError)
      expect(() => payload(decimal(2), value)).toThrow(`Schema has scale 2, value has scale ${value.scale}.`)
    },
  )

  test('decimal.format=NUMERIC prints a decimal at its own scale', () => {
    expect(payload(decimal(2), new Decimal(15n, 1), jsonFormat(true, true))).toBe('1.5')
  })

  test('an unset field prints its default, or null where the format says so', () => {
    const schema = struct([['s', scalar('string', { optional: true, default: 'no' })]])
    const value = new Struct(schema)
    expect(payload(schema, value)).toBe('{"s":"no"}')
    expect(payload(schema, value, jsonFormat(false, false))).toBe('{"s":null}')
  })

  test('null for a required field without default is an error', () => {
    const schema = struct([['s', scalar('string')]])
    expect(() => payload(schema, new Struct(schema))).toThrow('null value for field that is required')
  })

  test('fixed runs stand for their fields', () => {
    const schema = struct([
      ['a', scalar('int32')],
      ['b', scalar('string')],
      ['c', scalar('int64')],
    ])
    const run = new FixedFields(schema, 1, ['x', 5n])
    const write = (to: ValueWriter) => {
      to.beginStruct(schema)
      to.field(0)
      to.integer(1)
      to.fixed(run)
      to.endStruct()
    }
    const out = new ByteBuffer(1)
    new JsonWriter(base64).payload({ schema, write, value: () => null }, out)
    expect(out.written().toString()).toBe('{"a":1,"b":"x","c":5}')
  })

  test('schemas print in Connect’s order', () => {
    const schema = struct(
      [
        [
          't',
          scalar('int64', {
            optional: true,
            name: 'n',
            version: 1,
            doc: 'd',
            parameters: { p: '1' },
            default: 3n,
          }),
        ],
      ],
      { name: 'S' },
    )
    expect(schemaText(schema, base64)).toBe(
      '{"type":"struct","fields":[{"type":"int64","optional":true,"name":"n","version":1,"doc":"d","parameters":{"p":"1"},"default":3,"field":"t"}],"optional":false,"name":"S"}',
    )
  })

  test('a struct schema with a default of itself compiles', () => {
    const inner = struct([['x', scalar('int32')]], { optional: true })
    const schema = inner.with({ default: new Struct(inner, [1]) })
    expect(payload(struct([['i', schema]]), new Struct(struct([['i', schema]])))).toBe('{"i":{"x":1}}')
  })
})
