/** What fuzzing has found: damage that was read as something. */
import { describe, expect, test } from 'vitest'
import { CellSlab } from '#cdc'
import { DataError, DecodeError } from '#errors'
import { jsonText, printJson } from '../../../../../connectors/mysql-cdc/column-types/json-text.ts'
import { GtidSet } from '../../../../../connectors/mysql-cdc/decode/gtid-set.ts'
import { parseJson } from '../../../../../connectors/mysql-cdc/decode/json-tree.ts'
import { decodeImage } from '../../../../../connectors/mysql-cdc/decode/rows.ts'
import { readLog } from '../../../../fuzz/targets/binlog.ts'
import { golden } from '../golden.ts'

describe('binary JSON', () => {
  const refused = (document: readonly number[]) => {
    const bytes = Buffer.from(document)
    expect(() => printJson(bytes, 0, bytes.length)).toThrow(DataError)
    return bytes
  }

  test('a double that is no number', () => {
    refused([0x0b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f])
    refused([0x0b, 0, 0, 0, 0, 0, 0, 0xf0, 0xff])
  })

  test('a time of 63 minutes, and of more hours than there are', () => {
    const time = (clock: bigint) => {
      const packed = Buffer.alloc(8)
      packed.writeBigInt64LE(clock << 24n)
      return [0x0f, 0x0b, 8, ...packed]
    }
    refused(time(63n << 6n))
    refused(time(839n << 12n))
    const bytes = Buffer.from(time((838n << 12n) | (59n << 6n) | 59n))
    const end = printJson(bytes, 0, bytes.length)
    expect(jsonText.toString('utf8', 0, end)).toBe('"838:59:59"')
  })

  test('an array whose elements are the array', () => {
    const bytes = refused([2, 3, 0, 13, 0, ...[2, 0, 0], ...[2, 0, 0], ...[2, 0, 0]])
    expect(() => parseJson(bytes, 0, bytes.length)).toThrow(DataError)
  })

  test('many elements that are one and the same text', () => {
    const text = Buffer.alloc(1000, 'x')
    const count = 200
    const size = 4 + 3 * count + 2 + text.length
    const head = Buffer.from([2, count, 0, size & 255, size >> 8])
    const at = 4 + 3 * count
    const entries = Array.from({ length: count }, () => [0x0c, at & 255, at >> 8]).flat()
    const bytes = refused([...head, ...entries, 0xe8, 7, ...text])
    expect(() => parseJson(bytes, 0, bytes.length)).toThrow(DataError)
  })
})

test('a cell whose length has its highest bit set', () => {
  const bytes = Buffer.from([0, 5, 0, 0, 0x80, 1, 2, 3, 4, 5])
  const table = { schema: 's', table: 't', widths: Int32Array.of(-4) } as never
  const slab = new CellSlab(bytes, 4)
  expect(() => decodeImage(slab, 0, bytes.length, slab.reserve(1), table, null)).toThrow(DecodeError)
})

test('undamaged logs are read to their end', () => {
  for (const name of ['mysql-events', 'mariadb-events', 'mysql-types-json']) {
    const file = golden(`${name}.binlog`).subarray(4)
    expect(readLog(file)).toBeGreaterThan(4)
  }
})

test('intervals of GTIDs that end before they begin', () => {
  const body = Buffer.alloc(8 + 16 + 8 + 16)
  body.writeBigInt64LE(1n, 0)
  body.writeBigInt64LE(1n, 24)
  body.writeBigInt64LE(9n, 32)
  body.writeBigInt64LE(3n, 40)
  expect(() => GtidSet.decode(body, 0, body.length)).toThrow(DecodeError)
})

test('a set of GTIDs with many gaps is read in time that grows with its length', () => {
  const uuid = '3e11fa47-71ca-11e1-9e33-c80aa9429562'
  const text = `${uuid}:${Array.from({ length: 30_000 }, (_, i) => 2 * i + 1).join(':')}`
  const begin = performance.now()
  expect(GtidSet.parse(text).toString()).toBe(text)
  expect(performance.now() - begin).toBeLessThan(5000)
})
