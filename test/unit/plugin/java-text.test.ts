import { expect, test } from 'vitest'
import { array, Decimal, map, type Schema, scalar, Struct, struct } from '#data'
import { javaText } from '#plugin'

const text = (value: unknown, schema: Schema | null = null) => javaText(value, schema)

test('scalars print as Java prints them', () => {
  expect(text(null)).toBe('null')
  expect(text('a b')).toBe('a b')
  expect(text(true)).toBe('true')
  expect(text(12345678901234567890n)).toBe('12345678901234567890')
  expect(text(7, scalar('int32'))).toBe('7')
  expect(text(1, scalar('float64'))).toBe('1.0')
  expect(text(1e10)).toBe('1.0E10')
  expect(text(Math.fround(0.1), scalar('float32'))).toBe('0.1')
  expect(text(new Decimal(12340n, 2))).toBe('123.40')
  expect(text(Buffer.from('abc'))).toBe('YWJj')
})

test('logical times print as java.util.Date', () => {
  const named = (type: 'int32' | 'int64', name: string) =>
    scalar(type, { name: `org.apache.kafka.connect.data.${name}` })
  expect(text(1, named('int32', 'Date'))).toBe('Fri Jan 02 00:00:00 UTC 1970')
  expect(text(3_600_000, named('int32', 'Time'))).toBe('Thu Jan 01 01:00:00 UTC 1970')
  expect(text(1_700_000_000_000n, named('int64', 'Timestamp'))).toBe('Tue Nov 14 22:13:20 UTC 2023')
})

test('a struct names its set fields, containers nest', () => {
  const inner = struct([['f', scalar('float64')]])
  const schema = struct([
    ['id', scalar('int64')],
    ['name', scalar('string', { optional: true })],
    ['inner', inner],
    ['tags', array(scalar('string'))],
    ['sizes', map(scalar('string'), scalar('int32'))],
  ])
  const value = new Struct(schema, [1n, null, new Struct(inner, [2]), ['a', 'b'], new Map([['x', 1]])])
  expect(text(value, schema)).toBe('Struct{id=1,inner=Struct{f=2.0},tags=[a, b],sizes={x=1}}')
})
