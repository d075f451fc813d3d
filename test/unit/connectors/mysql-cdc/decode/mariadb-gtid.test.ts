import { expect, test } from 'vitest'
import { MariadbGtidPosition } from '../../../../../connectors/mysql-cdc/decode/mariadb-gtid.ts'

const parse = (text: string) => MariadbGtidPosition.parse(text)

test.each([
  ['', ''],
  ['0-1-100', '0-1-100'],
  [' 7-2-5 , 0-1-100 ', '0-1-100,7-2-5'],
  ['0-1-100,0-2-90', '0-1-100'],
  ['4294967295-4294967295-18446744073709551615', '4294967295-4294967295-18446744073709551615'],
])('%j prints as %j', (text, printed) => {
  expect(`${parse(text)}`).toBe(printed)
})

test.each(['0-1', '0-1-x', '0-1-2-3', '4294967296-1-1', '0-1-18446744073709551616'])(
  '%j is refused',
  (text) => expect(() => parse(text)).toThrow(/not a GTID position/),
)

test('the log decides on the order within a domain', () => {
  const at = parse('0-1-100,1-1-5')
  expect(`${at.with({ domain: 0, server: 2, sequence: 101n })}`).toBe('0-2-101,1-1-5')
  expect(`${at.with({ domain: 0, server: 2, sequence: 7n })}`).toBe('0-2-7,1-1-5')
  expect(at.has({ domain: 0, server: 9, sequence: 100n })).toBe(true)
  expect(at.has({ domain: 0, server: 1, sequence: 101n })).toBe(false)
  expect(at.has({ domain: 2, server: 1, sequence: 1n })).toBe(false)
})

test('positions as sets of domains', () => {
  const [x, y] = [parse('0-1-100,1-1-5'), parse('0-1-90,1-1-6,2-1-1')]
  expect(`${x.union(y)}`).toBe('0-1-100,1-1-6,2-1-1')
  expect(`${x.subtract(y)}`).toBe('0-1-100')
  expect(x.contains(parse('0-1-100'))).toBe(true)
  expect(x.contains(y)).toBe(false)
  expect(x.union(y).contains(y)).toBe(true)
  expect(`${x.filter(({ domain }) => domain === 1)}`).toBe('1-1-5')
  expect(MariadbGtidPosition.empty.isEmpty).toBe(true)
})
