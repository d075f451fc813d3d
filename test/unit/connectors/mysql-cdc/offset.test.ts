/** Stored offsets, of Debezium's and of ours: their keys, and where reading goes on. */
import { describe, expect, test } from 'vitest'
import {
  BinlogOffset,
  givenOut,
  readOffset,
  SnapshotPosition,
} from '../../../../connectors/mysql-cdc/offset.ts'

const partition = { server: 'p' }
const place = { file: 'b.000003', pos: 805, gtids: 'u:1-40' }
const between = { serverId: 0, compressed: false, undecided: null }
const time = 1_717_000_000_999_999

describe('offsets', () => {
  test('of a row have the keys of Debezium, in its order', () => {
    const offset = new BinlogOffset(partition, { ...place, ...between, serverId: 98 }, 2, 1, time).offset()
    expect(Object.entries(offset)).toEqual([
      ['ts_sec', 1717000000n],
      ['file', 'b.000003'],
      ['pos', 805n],
      ['gtids', 'u:1-40'],
      ['row', 1n],
      ['server_id', 98n],
      ['event', 2n],
    ])
  })

  test('between transactions have no counts, and no time before the first change', () => {
    const offset = new BinlogOffset(partition, { ...place, ...between, gtids: null }, 0, 0, null)
    expect(offset.offset()).toEqual({ file: 'b.000003', pos: 805n })
  })

  test('of a snapshot say that it is one until its last row', () => {
    const position = new SnapshotPosition(partition, place, time)
    const complete = { ts_sec: 1717000000n, file: 'b.000003', pos: 805n, gtids: 'u:1-40' }
    expect(position.offset()).toEqual({ ...complete, snapshot: 'INITIAL' })
    expect(readOffset(position.offset()).unfinishedSnapshot).toBe(true)
    position.last = true
    expect(position.offset()).toEqual(complete)
    expect(readOffset(position.offset()).unfinishedSnapshot).toBe(false)
  })

  test('within a compressed transaction count in keys that Debezium does not read', () => {
    const offset = new BinlogOffset(
      partition,
      { ...place, ...between, compressed: true },
      3,
      2,
      null,
    ).offset()
    expect(Object.keys(offset).sort()).toEqual(['file', 'gtids', 'pos', 'read_event', 'read_row'])
    expect(readOffset(offset).resume).toMatchObject({ event: 3, row: 2, compressed: true, read: null })
    // Debezium counts rows there and no events: it is not known of which.
    expect(readOffset({ file: 'b.1', pos: 4n, row: 7n }).resume).toMatchObject({ event: 0, row: 0 })
  })

  test('behind an undecided XA transaction begin with it', () => {
    const undecided = { file: 'b.000002', pos: 99, gtids: '0-1-5' }
    const stored = new BinlogOffset(
      partition,
      { file: 'b.000003', pos: 805, gtids: '0-1-9', ...between, undecided },
      2,
      1,
      null,
    ).offset()
    expect(readOffset(stored).resume).toEqual({
      ...{ file: 'b.000002', pos: 99, gtids: '0-1-5', event: 2, row: 1, compressed: false, counted: null },
      read: { file: 'b.000003', pos: 805, gtids: '0-1-9' },
    })
    expect(givenOut(stored)).toMatchObject({ file: 'b.000003', pos: 805n, gtids: '0-1-9', event: 2n })
  })

  test('set by hand may have either half', () => {
    expect(readOffset({ file: 'b.000009', pos: 4 }).resume).toMatchObject({
      file: 'b.000009',
      pos: 4,
      gtids: null,
    })
    expect(readOffset({ file: 'b.000009', pos: '4' }).resume).toMatchObject({ file: 'b.000009', pos: 4 })
    expect(readOffset({ gtids: 'u:1-3,\n v:1' }).resume).toMatchObject({
      file: '',
      pos: 0,
      gtids: 'u:1-3,v:1',
    })
  })

  test.each([
    [{ ts_sec: 5n }, 'has neither file and pos nor gtids'],
    [{ file: 'b.000009' }, 'has file without pos'],
    [{ file: 7n, pos: 4n }, "offset's file is not text"],
    [{ file: 'b.1', pos: -1n }, "offset's pos is not a whole number"],
    [{ file: 'b.1', pos: 4n, event: 'x' }, "offset's event is not a whole number"],
  ])('%o is refused', (stored, message) => {
    expect(() => readOffset(stored as Record<string, string | bigint>)).toThrow(message)
  })
})
