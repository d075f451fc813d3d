import { expect, test } from 'vitest'
import type { OffsetMap } from '#data'
import { offsetKeyText, offsetText, parseOffset } from '../../../src/pipeline/offset-json.ts'

test('keys and values are the bytes of JsonConverter: order kept, no blanks', () => {
  expect(offsetKeyText('orders', { server: 'x', database: 'd' })).toBe(
    '["orders",{"server":"x","database":"d"}]',
  )
  expect(
    offsetText({ ts_usec: 1700000000000000n, lsn_proc: 24n, tx: null, snapshot: true, ratio: 0.5 }),
  ).toBe('{"ts_usec":1700000000000000,"lsn_proc":24,"tx":null,"snapshot":true,"ratio":0.5}')
})

test('text is escaped as Jackson does: beyond the BMP two escapes, control characters upper-case', () => {
  expect(offsetKeyText('c"\\', { name: 'ä\u001f\n😀\u007f' })).toBe(
    '["c\\"\\\\",{"name":"ä\\u001F\\n\\uD83D\\uDE00\u007f"}]',
  )
})

test('numbers are doubles, and read back as what they were', () => {
  const offset = { whole: 5, small: 1e-7, big: 12345678.5, int: 2n ** 63n - 1n }
  const text = '{"whole":5.0,"small":1.0E-7,"big":1.23456785E7,"int":9223372036854775807}'
  expect(offsetText(offset)).toBe(text)
  expect(parseOffset(text)).toEqual(offset)
})

test.each(['{"x":', '[1]', '1', '{"a":{"b":1}}'])('a stored offset that is none is an error: %s', (text) => {
  expect(() => parseOffset(text)).toThrow('not a JSON object')
})

test.each([{ a: { b: 1n } }, { a: [1n] }, { a: undefined }])(
  'what could not be read back is refused: %o',
  (map) => {
    expect(() => offsetText(map as unknown as OffsetMap)).toThrow(/may hold only/)
  },
)
