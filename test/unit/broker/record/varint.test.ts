import { expect, test } from 'vitest'
import { putVarint, putVarlong, VarintCursor, varintSize } from '../../../../src/broker/record/varint.ts'

const bytes = new Uint8Array(16)

test('32-bit values take the bytes that varintSize says and come back', () => {
  const edges = [0, 1, 63, 64, 8191, 8192, 1048575, 1048576, 134217727, 134217728, 2147483647]
  for (const value of [...edges, ...edges.map((edge) => -edge - 1)]) {
    const end = putVarint(bytes, 3, value)
    expect(end - 3, String(value)).toBe(varintSize(value))
    const cursor = new VarintCursor(bytes, 3)
    expect(cursor.next()).toBe(value)
    expect(cursor.at).toBe(end)
  }
})

test('the encoding is zigzag, lowest bits first', () => {
  const encoded = (value: number) =>
    Buffer.from(bytes.subarray(0, putVarint(bytes, 0, value))).toString('hex')
  expect([0, -1, 1, -2, 300, -300].map(encoded)).toEqual(['00', '01', '02', '03', 'd804', 'd704'])
})

test('values of more than 32 bits are exact', () => {
  for (const value of [2 ** 31, -(2 ** 31) - 1, 1_700_000_000_000, -1_700_000_000_000, 2 ** 52, -(2 ** 52)]) {
    const end = putVarlong(bytes, 0, value)
    const cursor = new VarintCursor(bytes, 0, end)
    expect(cursor.next()).toBe(value)
    expect(cursor.at).toBe(end)
  }
})

test('bytes that end too early or never are a DecodeError', () => {
  const endless = new Uint8Array(12).fill(0x80)
  expect(() => new VarintCursor(endless, 0, 3).next()).toThrow(/ends in the middle of a number/)
  expect(() => new VarintCursor(endless, 0, 6).next()).toThrow(/ends in the middle of a number/)
  expect(() => new VarintCursor(endless).next()).toThrow(/more than ten bytes/)
  expect(() => new VarintCursor(endless, 0, 4).take(5)).toThrow(/middle of a record/)
  expect(() => new VarintCursor(endless).take(-2)).toThrow(/middle of a record/)
})
