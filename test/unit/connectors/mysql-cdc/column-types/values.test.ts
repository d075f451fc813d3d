/** Values in text and in the log's bytes, beyond those that are recorded. */
import { expect, test } from 'vitest'
import { Decimal } from '#data'
import { columnType } from '../../../../../connectors/mysql-cdc/column-types/column-type.ts'
import {
  decimalLayout,
  unscaledBigint,
  unscaledNumber,
} from '../../../../../connectors/mysql-cdc/column-types/decimals.ts'
import { exactText } from '../../../../../connectors/mysql-cdc/column-types/json-text.ts'
import { defaultTypeOptions } from '../../../../../connectors/mysql-cdc/column-types/options.ts'
import { columnTypes as T, decimalBytes } from '../../../../../connectors/mysql-cdc/decode/log-columns.ts'
import { changesOf, eventsOf, golden } from '../golden.ts'
import { column, fromLog, fromText, logColumn } from './read-value.ts'

/** A decimal's binary form, written from its digits. */
function encode(digits: bigint, precision: number, scale: number): Buffer {
  const text = (digits < 0n ? -digits : digits).toString().padStart(precision, '0')
  const whole = text.slice(0, precision - scale)
  const fraction = text.slice(precision - scale)
  const groups: string[] = []
  if (whole.length % 9 > 0) groups.push(whole.slice(0, whole.length % 9))
  for (let i = whole.length % 9; i < whole.length; i += 9) groups.push(whole.slice(i, i + 9))
  for (let i = 0; i < fraction.length; i += 9) groups.push(fraction.slice(i, i + 9))
  const bytes = Buffer.concat(
    groups.map((group) => {
      const size = [0, 1, 1, 2, 2, 3, 3, 4, 4, 4][group.length] as number
      return Buffer.from(
        Number(group)
          .toString(16)
          .padStart(size * 2, '0'),
        'hex',
      )
    }),
  )
  bytes[0] = (bytes[0] as number) ^ 0x80
  return digits < 0n ? Buffer.from(bytes.map((byte) => byte ^ 0xff)) : bytes
}

test('decimals of all precisions and scales', () => {
  let state = 1
  for (let precision = 1; precision <= 65; precision++)
    for (let scale = 0; scale <= Math.min(precision, 30); scale++)
      for (const count of [precision, Math.ceil(precision / 2), 1]) {
        let text = ''
        for (let i = 0; i < count; i++) {
          state = (Math.imul(state, 1664525) + 1013904223) >>> 0
          text += (state >>> 16) % 10
        }
        const digits = BigInt(text) * (state % 2 === 0 ? 1n : -1n)
        const bytes = encode(digits, precision, scale)
        const layout = decimalLayout(precision, scale)
        expect(bytes.length).toBe(decimalBytes(precision, scale))
        expect(unscaledBigint(bytes, 0, layout)).toBe(digits)
        const number = unscaledNumber(bytes, 0, layout)
        if (Number.isSafeInteger(Number(digits))) expect(number).toBe(Number(digits))
        else expect(Math.abs(number)).toBeGreaterThan(Number.MAX_SAFE_INTEGER)
      }
})

test('decimals in each mode', () => {
  const logged = logColumn(T.NEWDECIMAL, { size: 13, scale: 4 })
  const hex = (value: bigint) => encode(value, 13, 4).toString('hex')
  for (const [value, text, number] of [
    [-5n, '-0.0005', -0.0005],
    [0n, '0.0000', 0],
    [1234567890123n, '123456789.0123', 123456789.0123],
  ] as const) {
    expect(fromLog(['DECIMAL(13,4)'], logged, hex(value))).toEqual(new Decimal(value, 4))
    expect(fromLog(['DECIMAL(13,4)', { decimals: 'string' }], logged, hex(value))).toBe(text)
    expect(fromLog(['DECIMAL(13,4)', { decimals: 'double' }], logged, hex(value))).toBe(number)
    expect(fromText(['DECIMAL(13,4)'], text)).toEqual(new Decimal(value, 4))
    expect(fromText(['DECIMAL(13,4)', { decimals: 'string' }], text)).toBe(text)
    expect(fromText(['DECIMAL(13,4)', { decimals: 'double' }], text)).toBe(number)
  }
  const wide = logColumn(T.NEWDECIMAL, { size: 65, scale: 30 })
  const digits = -(10n ** 64n) - 7n
  const bytes = encode(digits, 65, 30).toString('hex')
  const text = new Decimal(digits, 30).toString()
  expect(fromLog(['DECIMAL(65,30)'], wide, bytes)).toEqual(new Decimal(digits, 30))
  expect(fromLog(['DECIMAL(65,30)', { decimals: 'string' }], wide, bytes)).toBe(text)
  expect(fromText(['DECIMAL(65,30)'], text)).toEqual(new Decimal(digits, 30))
  expect(fromText(['DECIMAL(65,30)', { decimals: 'double' }], text)).toBe(Number(text))
})

test('integers in text', () => {
  expect(fromText(['INT UNSIGNED'], '0000000042')).toBe(42n)
  expect(fromText(['TINYINT'], '-128')).toBe(-128)
  expect(fromText(['BIGINT UNSIGNED'], '00000000000000000000')).toBe(0n)
  expect(fromText(['BIGINT UNSIGNED'], '18446744073709551615')).toBe(-1n)
  expect(fromText(['BIGINT UNSIGNED', { bigintUnsigned: 'precise' }], '18446744073709551615')).toEqual(
    new Decimal(2n ** 64n - 1n, 0),
  )
  expect(() => fromText(['INT'], '1x')).toThrow(/form of an integer/)
})

test('a log that contradicts the declaration', () => {
  const type = (definition: string) => columnType(column(definition), defaultTypeOptions)
  expect(() => type('INT').log(logColumn(T.VARCHAR))).toThrow(
    /declared as INT.*laid out as VARCHAR.*history/s,
  )
  expect(() => type('INT').log(logColumn(T.LONG, { unsigned: true }))).toThrow(/laid out as LONG/)
  expect(() => type('DECIMAL(5,2)').log(logColumn(T.NEWDECIMAL, { size: 5, scale: 3 }))).toThrow(
    /NEWDECIMAL\(5,3\)/,
  )
  expect(() => type('DATETIME(3)').log(logColumn(T.DATETIME2, { size: 6 }))).toThrow(/DATETIME2\(6\)/)
  expect(() => type('TRIANGLE')).toThrow(/TRIANGLE, which is not known/)
})

test('years', () => {
  const year = logColumn(T.YEAR)
  expect(fromLog(['YEAR'], year, '7c')).toBe(2024)
  expect(fromLog(['YEAR'], year, '00')).toBe(2000)
  expect(fromLog(['YEAR', { adjustYears: false }], year, '00')).toBe(0)
  expect(fromText(['YEAR', { adjustYears: false }], '0000')).toBe(0)
  expect(fromText(['YEAR'], '0000')).toBe(2000)
  expect(fromText(['YEAR(2)'], '69')).toBe(2069)
})

test('temporal types of before MySQL 5.6', () => {
  const little = (value: bigint, size: number) => {
    const bytes = Buffer.alloc(8)
    bytes.writeBigInt64LE(value)
    return bytes.toString('hex', 0, size)
  }
  expect(fromLog(['DATETIME'], logColumn(T.DATETIME), little(20010203040506n, 8))).toBe(981_173_106_000n)
  expect(fromLog(['TIMESTAMP'], logColumn(T.TIMESTAMP), little(981173106n, 4))).toBe('2001-02-03T04:05:06Z')
  expect(fromLog(['TIME'], logColumn(T.TIME), little(-8385959n, 3))).toBe(-3_020_399_000_000n)
  expect(fromLog(['TIME'], logColumn(T.TIME), little(101n, 3))).toBe(61_000_000n)
})

test('what its schema cannot hold is null, or an error', () => {
  const strict = { times: 'connect', unrepresentable: 'fail' } as const
  expect(fromText(['TIME', { times: 'connect' }], '-00:00:01')).toBeNull()
  expect(fromText(['TIME', { times: 'isostring' }], '24:00:00')).toBeNull()
  expect(fromText(['TIME', { times: 'isostring' }], '23:59:59.5')).toBe('23:59:59.5Z')
  expect(() => fromText(['TIME', strict], '838:59:59')).toThrow(/no time of day/)
  expect(fromText(['DATE'], '2021-02-29')).toBeNull()
  expect(() => fromText(['DATE NOT NULL'], '2021-02-31')).toThrow(/not in the calendar/)
  expect(fromText(['DATETIME(6)', { times: 'nanoseconds' }], '9999-12-31 23:59:59.999999')).toBeNull()
})

test('dates with and without adjusted years', () => {
  expect(fromText(['DATE', { times: 'isostring' }], '0001-01-01')).toBe('2001-01-01Z')
  expect(fromText(['DATE', { times: 'isostring', adjustYears: false }], '0001-01-01')).toBe('0001-01-01Z')
  expect(fromText(['DATE', { adjustYears: false }], '0000-12-31')).toBe(-719_163)
  expect(fromText(['DATE'], '2020-00-10')).toBeNull()
  expect(fromText(['DATE NOT NULL'], '2020-00-10')).toBe(0)
  expect(fromText(['TIMESTAMP NOT NULL'], '0000-00-00 00:00:00')).toBe('1970-01-01T00:00:00Z')
  expect(fromText(['DATETIME(6)', { times: 'microseconds' }], '9999-12-31 23:59:59.999999')).toBe(
    253402300799999999n,
  )
})

test('an enum or set with more than its labels', () => {
  const labels = ['a', 'b']
  const read = (definition: string, type: number, hex: string) => () => {
    const { read: reader } = columnType(column(definition, { labels }), defaultTypeOptions).log(
      logColumn(type),
    )
    const bytes = Buffer.from(hex, 'hex')
    reader(bytes, 0, bytes.length, undefined as never)
  }
  expect(read('ENUM', T.ENUM, '03')).toThrow(/enum of 2 labels/)
  expect(read('SET', T.SET, '04')).toThrow(/set of 2 labels/)
})

test('addresses and compressed columns of MariaDB', () => {
  const rows = eventsOf(golden('mariadb-events.binlog')).flatMap(changesOf).slice(4, 7)
  const definitions = ['UUID', 'INET6', 'INET4', 'VARCHAR(2000)', 'BLOB'] as const
  const values = rows.map(({ table, chunk, after }) =>
    definitions.map((definition, i) => {
      const cell = after + (i + 3) * 2
      const from = chunk.cells[cell] as number
      const hex = chunk.bytes.toString('hex', from, chunk.cells[cell + 1])
      return from < 0 ? null : fromLog([definition], table.columns[i + 3] as never, hex)
    }),
  )
  expect(values).toEqual([
    [
      '123e4567-e89b-12d3-a456-426655440000',
      '2001:db8::ff00:42:8329',
      '192.168.1.2',
      'äbc'.repeat(200),
      Buffer.from('x'.repeat(300)),
    ],
    ['01234567-89ab-7def-8123-456789abcdef', '::', '0.0.0.0', 'é', Buffer.alloc(0)],
    [null, '::ffff:1.2.3.4', '255.0.0.255', '', Buffer.from('b')],
  ])
  expect(() => fromLog(['BLOB'], logColumn(T.BLOB_COMPRESSED), '8a012cabab')).toThrow(/compressed column/)
})

test.each([
  ['00000000000000000000000001020304', '::1.2.3.4'],
  ['00000000000000000000000000000001', '::1'],
  ['20010000000000000000000000000000', '2001::'],
  ['00000000000100000000000000010000', '0:0:1::1:0'],
  ['00010000000100000001000000010000', '1::1:0:1:0:1:0'],
  ['ffffa9728ee200000000000000000001', 'ffff:a972:8ee2::1'],
  ['000000010001ffffffffc5bb3484ffff', '::1:1:ffff:ffff:c5bb:3484:ffff'],
])('INET6 %s is %s', (hex, text) => {
  expect(fromLog(['INET6'], logColumn(T.STRING, { size: 16 }), hex)).toBe(text)
})

test('doubles with all their digits', () => {
  expect(exactText(1e10)).toBe('10000000000')
  expect(exactText(-1e-7)).toBe(
    '-0.0000000999999999999999954748111825886258685613938723690807819366455078125',
  )
  expect(exactText(2 ** 70)).toBe((2n ** 70n).toString())
  expect(exactText(5e-324)).toHaveLength(1076)
  expect(exactText(0.5)).toBe('0.5')
})

test('a vector and a point of wrong size', () => {
  expect(() => fromText(['VECTOR(2)'], Buffer.alloc(7))).toThrow(/vector of 32-bit floats/)
  expect(() => fromText(['POINT'], Buffer.alloc(24))).toThrow(/a point/)
  expect(fromText(['VECTOR(2)'], Buffer.from('0000803f00000040', 'hex'))).toEqual([1, 2])
})
