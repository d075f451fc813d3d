import { expect, test } from 'vitest'
import { encodeOffset, readOffsets } from '../../../src/pipeline/index.ts'

const text = (bytes: Uint8Array | null): string | null =>
  bytes === null ? null : Buffer.from(bytes).toString()

test('keys and values are the bytes of JsonConverter: order kept, no blanks', () => {
  const { key, value } = encodeOffset(
    'orders',
    { server: 'x', database: 'd' },
    { ts_usec: 1700000000000000n, lsn_proc: 24n, transaction_id: null, snapshot: true, ratio: 0.5 },
  )
  expect(text(key)).toBe('["orders",{"server":"x","database":"d"}]')
  expect(text(value)).toBe(
    '{"ts_usec":1700000000000000,"lsn_proc":24,"transaction_id":null,"snapshot":true,"ratio":0.5}',
  )
})

test('text is escaped as Jackson does: beyond the BMP two escapes, control characters upper-case', () => {
  const { key } = encodeOffset('c"\\', { name: 'ä\u001f\n😀\u007f' }, null)
  expect(text(key)).toBe('["c\\"\\\\",{"name":"ä\\u001F\\n\\uD83D\\uDE00\u007f"}]')
})

test('numbers are doubles, and read back as what they were', () => {
  const { key, value } = encodeOffset(
    'c',
    { p: 1n },
    { whole: 5, small: 1e-7, big: 12345678.5, int: 2n ** 63n - 1n },
  )
  expect(text(value)).toBe('{"whole":5.0,"small":1.0E-7,"big":1.23456785E7,"int":9223372036854775807}')
  expect(readOffsets({ entries: () => [[key, value]] }, 'c')).toEqual([
    { partition: { p: 1n }, offset: { whole: 5, small: 1e-7, big: 12345678.5, int: 2n ** 63n - 1n } },
  ])
})

test("readOffsets gives one connector's offsets, whatever else is in the topic", () => {
  const entries: readonly (readonly [string, Buffer | null])[] = [
    ['["a",{"f":"1"}]', Buffer.from('{"position":1}')],
    ['["b",{"f":"1"}]', Buffer.from('{"position":2}')],
    ['["a",{"f":"2"}]', null],
    ['something else', Buffer.from('x')],
    ['["a"]', Buffer.from('{}')],
  ]
  expect(readOffsets({ entries: () => entries }, 'a')).toEqual([
    { partition: { f: '1' }, offset: { position: 1n } },
  ])
})

test('a stored offset that is none is an error, not a missing offset', () => {
  const entries: readonly (readonly [string, Buffer])[] = [['["a",{"f":"1"}]', Buffer.from('{"x":')]]
  expect(() => readOffsets({ entries: () => entries }, 'a')).toThrow('not a JSON object')
})
