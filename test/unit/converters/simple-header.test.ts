import { expect, test } from 'vitest'
import { ByteBuffer } from '#bytes'
import { array, Decimal, datum, map, nothing, type Schema, scalar, struct, Struct } from '#data'
import { simpleHeaderConverter } from '../../../src/converters/simple-header.ts'

const converter = simpleHeaderConverter.create({})
const text = (schema: Schema | null, value: unknown) => {
  const out = new ByteBuffer()
  converter.write('t', 'h', datum(schema, value), out)
  return out.copy().toString()
}
const read = (given: string) => converter.read('t', 'h', Buffer.from(given))
const connectData = 'org.apache.kafka.connect.data.'
const point = struct([
  ['x', scalar('int32')],
  ['label', scalar('string', { optional: true })],
])

test.each<[Schema | null, unknown, string]>([
  [scalar('string'), 'plain "text"', 'plain "text"'],
  [scalar('int8'), 42, '42'],
  [scalar('float32'), 1.5, '1.5'],
  [scalar('float64'), 100, '100.0'],
  [null, 5n, '5'],
  [scalar('boolean'), true, 'true'],
  [scalar('bytes'), Buffer.from('foo'), 'Zm9v'],
  [scalar('bytes'), new Decimal(12345n, 2), '123.45'],
  [array(scalar('string')), ['a', 'b"\\c'], '["a","b\\"\\\\c"]'],
  [map(scalar('string'), scalar('int32')), new Map([['a', 1]]), '{"a":1}'],
  [point, new Struct(point, [1, null]), '{"x":1,"label":null}'],
  [scalar('int32', { name: `${connectData}Date` }), 19782, '2024-02-29'],
  [scalar('int32', { name: `${connectData}Time` }), 3723004, '01:02:03.004Z'],
  [scalar('int64', { name: `${connectData}Timestamp` }), 1709210096789n, '2024-02-29T12:34:56.789Z'],
])('%o writes %s', (schema, value, expected) => {
  expect(text(schema, value)).toBe(expected)
})

test.each<[string, string, unknown]>([
  ['42', 'int8', 42],
  ['-129', 'int16', -129],
  ['70000', 'int32', 70000],
  ['3000000000', 'int64', 3000000000n],
  ['1.0', 'int8', 1],
  ['1.5', 'float32', 1.5],
  ['0.1', 'float32', Math.fround(0.1)],
  ['1.23456789012', 'float64', 1.23456789012],
  ['12345678901234567890', 'bytes', new Decimal(12345678901234567890n, 0)],
  ['true', 'boolean', true],
  ['plain text', 'string', 'plain text'],
  ['true}', 'string', 'true}'],
  ['1,2', 'string', '1,2'],
  ['', 'string', ''],
  ['[1,', 'string', '[1,'],
  ['{"a"}', 'string', '{"a"}'],
  ['2024-02-29', 'int32', 19782],
  ['2024-02-31x', 'string', '2024-02-31x'],
  ['01:02:03.004Z', 'int32', 3723004],
  ['2024-02-29T12:34:56.789Z', 'int64', 1709210096789n],
  ['[1,2,300]', 'array', [1, 2, 300]],
  ['[1, 2.5]', 'array', [1, 2.5]],
  ['[1,5000000000]', 'array', [1n, 5000000000n]],
  [
    '{"a":1,"b":null}',
    'map',
    new Map([
      ['a', 1],
      ['b', null],
    ]),
  ],
])('%s is read as %s', (given, type, value) => {
  const guessed = read(given)
  expect(guessed.schema?.type).toBe(type)
  expect(guessed.value()).toEqual(value)
})

test('things without a type in common have no schema', () => {
  expect(read('[1,"a"]').schema).toBeNull()
  expect(read('[1,"a"]').value()).toEqual([1n, 'a'])
  expect(read('[]').value()).toEqual([])
  expect(read('null').value()).toBeNull()
  expect(converter.read('t', 'h', null)).toBe(nothing)
  expect(converter.write('t', 'h', nothing, new ByteBuffer())).toBe(false)
})
