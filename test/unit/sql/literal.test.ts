import { expect, test } from 'vitest'
import { mysqlLiteral } from '#sql'

test.each([
  ["it's", true, "'it''s'"],
  ['a\\b', true, "'a\\\\b'"],
  ['a\\b', false, "'a\\b'"],
  ['', true, "''"],
  [12345678901234567890n, true, '12345678901234567890'],
  [1e-30, true, '1e-30'],
  [-0, true, '-0e0'],
  [true, true, '1'],
  [null, true, 'NULL'],
  [Uint8Array.of(0, 255), true, "x'00ff'"],
])('%o', (value, backslashes, text) => {
  expect(mysqlLiteral(value, backslashes)).toBe(text)
})

test('NaN and infinities have no MySQL literal', () => {
  expect(() => mysqlLiteral(Number.NaN, true)).toThrow(/NaN/)
})
