import { expect, test } from 'vitest'
import { ByteBuffer } from '#bytes'
import { array, Decimal, datum, map, type Schema, scalar, struct, Struct } from '#data'
import { stringConverter } from '../../../src/converters/string.ts'

function written(schema: Schema | null, value: unknown, encoding = 'UTF-8'): Buffer {
  const out = new ByteBuffer()
  stringConverter.create({ 'converter.encoding': encoding }, 'value').write('t', datum(schema, value), out)
  return out.copy()
}

const date = scalar('int32', { optional: true, name: 'org.apache.kafka.connect.data.Date', version: 1 })
const all = struct([
  ['i8', scalar('int8')],
  ['i64', scalar('int64')],
  ['f64', scalar('float64')],
  ['dec', scalar('bytes', { name: 'org.apache.kafka.connect.data.Decimal', parameters: { scale: '2' } })],
  ['arr', array(scalar('int32'))],
  ['map', map(scalar('string'), scalar('int32'))],
  ['none', scalar('string', { optional: true })],
  ['d', date],
])

test('a struct prints as in Java', () => {
  const value = new Struct(all, [
    1,
    9007199254740993n,
    1e21,
    new Decimal(12345n, 2),
    [1, 2],
    new Map([['k', 1]]),
    null,
    19782,
  ])
  expect(written(all, value).toString()).toBe(
    'Struct{i8=1,i64=9007199254740993,f64=1.0E21,dec=123.45,arr=[1, 2],map={k=1},d=Thu Feb 29 00:00:00 UTC 2024}',
  )
})

test.each([
  ['US-ASCII', 'a\u00e9', [0x61, 0x3f]],
  ['latin1', '\u00e9\u20ac', [0xe9, 0x3f]],
  ['UTF-16BE', 'a', [0, 0x61]],
  ['utf8', '\u00e9', [0xc3, 0xa9]],
])('%s', (encoding, text, bytes) => {
  expect([...written(null, text, encoding)]).toEqual(bytes)
})

test('an encoding that we do not know is refused', () => {
  expect(() => written(null, 'a', 'EBCDIC')).toThrow(
    'Invalid value EBCDIC for configuration converter.encoding',
  )
})
