import { expect, test } from 'vitest'
import { formatLsn, parseLsn } from '../../../../../connectors/postgres-cdc/decode/lsn.ts'

test.each([
  ['0/0', 0n],
  ['16/B374D848', 0x16b374d848n],
  ['FFFFFFFF/FFFFFFFF', 0xffffffffffffffffn],
  ['1/0', 4294967296n],
])('%s', (text, lsn) => {
  expect(parseLsn(text)).toBe(lsn)
  expect(formatLsn(lsn)).toBe(text)
})

test.each(['', '16', '16/', '/1', '0x1/2', '1/2/3', '123456789/0', 'x/1'])(
  '%j is not a log position',
  (text) => {
    expect(() => parseLsn(text)).toThrow('is not a log position')
  },
)
