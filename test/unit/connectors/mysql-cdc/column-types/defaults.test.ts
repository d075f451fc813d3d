import { expect, test } from 'vitest'
import { Decimal } from '#data'
import {
  parseDefault,
  recordedDefault,
} from '../../../../../connectors/mysql-cdc/column-types/default-literal.ts'
import { defaultOf } from './read-value.ts'

test.each([
  [`'it''s'`, "it's"],
  [String.raw`'it\'s \n\t\\ \% \x'`, "it's \n\t\\ \\% x"],
  [`"dq""x'y"`, `dq"x'y`],
  [`N'nat'`, 'nat'],
  [`_utf8mb4'intro' COLLATE utf8mb4_bin`, 'intro'],
  [`_latin1 'a' 'b'`, 'ab'],
  [`''`, ''],
])('the text of %s', (sql, text) => {
  expect(parseDefault(sql)).toEqual({ kind: 'text', text })
})

test('modes of SQL text', () => {
  expect(parseDefault(`"name"`, { ansiQuotes: true, noBackslashEscapes: false })).toBeNull()
  expect(parseDefault(String.raw`'a\n'`, { ansiQuotes: false, noBackslashEscapes: true })).toEqual({
    kind: 'text',
    text: String.raw`a\n`,
  })
})

test.each([`NULL`, `(1 + 2)`, `uuid()`, `CURRENT_DATE`, `'open`, `nextval(s)`])(
  '%s is no constant',
  (sql) => {
    expect(parseDefault(sql)).toBeNull()
  },
)

test('numbers, bytes and bits', () => {
  expect(parseDefault('+3')).toEqual({ kind: 'number', text: '+3' })
  expect(parseDefault('- 2.5E-3')).toEqual({ kind: 'number', text: '-2.5E-3' })
  expect(parseDefault('TRUE')).toEqual({ kind: 'number', text: '1' })
  expect(parseDefault('0x0FF')).toEqual({ kind: 'bytes', bytes: Buffer.from('00ff', 'hex') })
  expect(parseDefault(`X'4142'`)).toEqual({ kind: 'bytes', bytes: Buffer.from('AB') })
  expect(parseDefault(`b'101'`)).toEqual({ kind: 'bits', digits: '101' })
  for (const sql of ['NOW()', 'current_timestamp(6) ON UPDATE current_timestamp(6)', 'LOCALTIME'])
    expect(parseDefault(sql)).toEqual({ kind: 'text', text: '1970-01-01 00:00:00' })
})

test('literals as the history keeps them', () => {
  expect(recordedDefault(`it''s`, false)).toEqual({ kind: 'text', text: "it's" })
  expect(recordedDefault(String.raw`a\\b`, false)).toEqual({ kind: 'text', text: String.raw`a\b` })
  expect(recordedDefault('101', true)).toEqual({ kind: 'bits', digits: '101' })
})

test.each([
  ['INT', '1.5', 2],
  ['INT', `'-2.5'`, -3],
  ['INT', `b'11'`, 3],
  ['BIGINT', '0x0F', 15n],
  ['BIGINT UNSIGNED', '18446744073709551615', -1n],
  ['INT UNSIGNED', '42', 42n],
  ['TINYINT', 'FALSE', 0],
  ['BOOLEAN', 'TRUE', true],
  ['DECIMAL(5,2)', '1.255', new Decimal(126n, 2)],
  ['DECIMAL(20,10)', '1E-10', new Decimal(1n, 10)],
  ['FLOAT', '1.1', Math.fround(1.1)],
  ['DOUBLE', '-2.5e-3', -0.0025],
  ['BIT(1)', `b'1'`, true],
  ['BIT(10)', `b'1000000001'`, Buffer.of(1, 2)],
  ['BIT(10)', '5', undefined],
  ['VARCHAR(9)', '0x616263', 'abc'],
  ['VARCHAR(9)', `x'41'`, 'A'],
  ['VARCHAR(9)', 'TRUE', '1'],
  ['VARCHAR(9)', '-1.50', '-1.50'],
  ['BINARY(4)', '0x00FF', Buffer.of(0, 255, 0, 0)],
  ['VARBINARY(4)', `'vb'`, Buffer.from('vb')],
  ['YEAR', `'99'`, 1999],
  ['YEAR', '70', 1970],
  ['YEAR', `'0'`, 2000],
  ['DATE', `'2001-02-03'`, 11356],
  ['DATE', '20010203', undefined],
  ['DATE NOT NULL', '20010203', 11356],
  ['DATE NOT NULL', `'2001-2-3'`, 11356],
  ['DATE', `'0000-00-00'`, undefined],
  ['DATE NOT NULL', '0', 0],
  ['TIME', `'1:2'`, 3_720_000_000n],
  ['TIME', '10203', undefined],
  ['TIME NOT NULL', '10203', 3_723_000_000n],
  ['TIME NOT NULL', `'2 03:04:05'`, 183_845_000_000n],
  ['TIME(3)', `'-10:11:12.131'`, -36_672_131_000n],
  ['DATETIME', `'2001-02-03'`, 981_158_400_000n],
  ['DATETIME(6)', `'2001-02-03 04:05:06.789'`, 981_173_106_789_000n],
  ['DATETIME NOT NULL', `'2001-02-03T04:05'`, 981_173_100_000n],
  ['DATETIME', 'NOW()', 0n],
  ['TIMESTAMP', 'NOW()', undefined],
  ['TIMESTAMP NOT NULL', 'NOW()', '1970-01-01T00:00:00Z'],
  ['TIMESTAMP(6) NOT NULL', `'2001-02-03 04:05:06.5'`, '2001-02-03T04:05:06.500000Z'],
  ['JSON', `'{"a":1}'`, '{"a":1}'],
  ['POINT', `'x'`, undefined],
  ['UUID', `'123e4567-e89b-12d3-a456-426655440000'`, undefined],
])('%s DEFAULT %s', (definition, sql, value) => {
  expect(defaultOf(definition, sql)).toEqual(value)
})
