import { describe, expect, test } from 'vitest'
import { Decimal } from '#data'
import { DataError } from '#errors'
import { parseFloat64 } from '../../../../../connectors/postgres-cdc/column-types/floats.ts'
import {
  twosComplement,
  writeTwosComplement,
} from '../../../../../connectors/postgres-cdc/column-types/two-complement.ts'
import { cellJson, knownType } from './read-cell.ts'

/** Reproducible noise. */
let seed = 7
const random = (below: number) => (seed = (seed * 1103515245 + 12345) % 2147483648) % below

const base64 = (unscaled: bigint) => JSON.stringify(twosComplement(unscaled).toString('base64'))

test("integers as Java's bytes", () => {
  for (const [value, hex] of [
    [0n, '00'],
    [127n, '7f'],
    [128n, '0080'],
    [-128n, '80'],
    [-129n, 'ff7f'],
    [255n, '00ff'],
    [-1n, 'ff'],
    [2n ** 63n, '008000000000000000'],
  ] as const)
    expect(twosComplement(value).toString('hex')).toBe(hex)
  const out = Buffer.alloc(8)
  for (let i = 0; i < 2000; i++) {
    const value = (random(2) === 0 ? -1 : 1) * random(2 ** 31) * 2 ** random(22) + random(100)
    expect(out.subarray(0, writeTwosComplement(out, value))).toEqual(twosComplement(BigInt(value)))
  }
})

describe('floats', () => {
  test('every way of reading gives the engine’s number', () => {
    const texts = ['0', '-0', '1', '-1.5', '0.1', '123456789012345', '1234567890123456', '99999999999999999']
    texts.push(
      '1e10',
      '1.5e-7',
      '5e-324',
      '1.7976931348623157e+308',
      'NaN',
      'Infinity',
      '-Infinity',
      '.5',
      '5.',
    )
    for (let i = 0; i < 3000; i++) {
      const digits = `${random(2 ** 31)}${random(2 ** 31)}`.slice(0, 1 + random(17))
      const point = random(digits.length + 1)
      texts.push(
        `${random(2) === 0 ? '-' : ''}${digits.slice(0, point) || '0'}.${digits.slice(point) || '0'}`,
      )
    }
    for (const text of texts) {
      const bytes = Buffer.from(text)
      expect(Object.is(parseFloat64(bytes, 0, bytes.length), Number(text)), text).toBe(true)
    }
  })
})

describe('numeric', () => {
  /** numeric(p,s) as pg_attribute.atttypmod has it. */
  const modifier = (precision: number, scale: number) => ((precision << 16) | (scale & 0x7ff)) + 4

  test('fixed scale, short and long, agree with exact arithmetic', () => {
    const type = knownType('numeric', { column: { typeModifier: modifier(40, 6) } })
    for (let i = 0; i < 2000; i++) {
      const digits = `${random(2 ** 31)}${random(2 ** 31)}${random(2 ** 31)}`.slice(0, 1 + random(25))
      const fraction = `${random(1_000_000)}`.slice(0, random(7))
      const text = `${random(2) === 0 ? '-' : ''}${digits}${fraction === '' ? '' : `.${fraction}`}`
      expect(cellJson(type, text), text).toBe(base64(Decimal.parse(text).withScale(6).unscaled))
    }
  })

  test('variable scale, short and long, is stripped of zeros after the point', () => {
    const type = knownType('numeric')
    const value = (scale: number, unscaled: bigint) => `{"scale":${scale},"value":${base64(unscaled)}}`
    expect(cellJson(type, '1200')).toBe(value(0, 1200n))
    expect(cellJson(type, '12.3400')).toBe(value(2, 1234n))
    expect(cellJson(type, '-0.0')).toBe(value(0, 0n))
    expect(cellJson(type, '1234567890123456789.50')).toBe(value(1, 12345678901234567895n))
    expect(cellJson(type, '1234567890123456789.00')).toBe(value(0, 1234567890123456789n))
  })

  test('NaN and infinities in precise mode are null where null is allowed, else an error', () => {
    for (const text of ['NaN', 'Infinity', '-Infinity']) {
      expect(cellJson(knownType('numeric'), text)).toBe('null')
      expect(cellJson(knownType('numeric', { column: { typeModifier: modifier(5, 2) } }), text)).toBe('null')
      expect(() => cellJson(knownType('numeric', { column: { notNull: true } }), text)).toThrow(
        'Column "c" holds NaN or an infinity, which its schema cannot hold.',
      )
      expect(() => cellJson(knownType('numeric', { options: { unrepresentable: 'fail' } }), text)).toThrow(
        DataError,
      )
    }
  })

  test('in string mode a placeholder can stand', () => {
    expect(cellJson(knownType('numeric', { options: { decimals: 'string' } }), false)).toBe(
      '"__debezium_unavailable_value"',
    )
    expect(cellJson(knownType('numeric'), false)).toBe('null')
  })

  test('what stands for a NOT NULL column in a key-only image has its scale', () => {
    const column = { notNull: true, typeModifier: modifier(8, 3) }
    expect(cellJson(knownType('numeric', { column, options: { decimals: 'string' } }), null)).toBe('"0.000"')
    expect(cellJson(knownType('numeric', { column }), null)).toBe(base64(0n))
  })
})

describe('money', () => {
  test.each([
    ['$1,234.56', 2, 123456n],
    ['-$0.01', 2, -1n],
    ['$1.005', 2, 101n],
    ['-$1.005', 2, -101n],
    ['$2.50', 3, 2500n],
    ['$2.50', 0, 3n],
    ['$2.49', 0, 2n],
    ['$92,233,720,368,547,758.07', 2, 9223372036854775807n],
  ])('%s with %d digits', (text, moneyFractionDigits, unscaled) => {
    expect(cellJson(knownType('money', { options: { moneyFractionDigits } }), text)).toBe(base64(unscaled))
  })

  test('the scale is announced, the precision is not', () => {
    const { schema } = knownType('money', { options: { moneyFractionDigits: 3 } })
    expect(schema.parameters).toEqual({ scale: '3' })
  })

  test('another locale is refused', () => {
    expect(() => cellJson(knownType('money'), '1.234,56 €')).toThrow(/lc_monetary must be/)
  })
})

describe('values of another form are errors that do not show them', () => {
  test.each([
    ['bool', 'yes'],
    ['numeric', '12x4'],
    ['numeric', ''],
    ['bytea', 'secret'],
    ['bytea', '\\x0g'],
    ['bytea', '\\x012'],
    ['varbit', '10201'],
    ['point', '1,2'],
    ['interval', '3 weeks'],
    ['date', '01/02/2024'],
  ])('%s %j', (name, text) => {
    expect(() => cellJson(knownType(name), text)).toThrow(DataError)
    if (text !== '') expect(() => cellJson(knownType(name), text)).not.toThrow(text)
  })
})
