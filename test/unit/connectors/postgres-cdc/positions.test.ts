import { expect, test } from 'vitest'
import { readOffset, SnapshotPosition, StreamPosition } from '../../../../connectors/postgres-cdc/offset.ts'

const partition = { server: 'p' }

test('streamed offsets: the keys and their order', () => {
  const transaction = { id: 7, commitTime: 99, lastCommit: 50, floor: 0, beforeSnapshot: false }
  const offset = new StreamPosition(partition, transaction, 60, 1, 'INSERT').offset()
  expect(Object.entries(offset)).toEqual([
    ['lsn_proc', 60n],
    ['messageType', 'INSERT'],
    ['lsn_commit', 50n],
    ['lsn', 60n],
    ['txId', 7n],
    ['ts_usec', 99n],
  ])
  const third = new StreamPosition(partition, { ...transaction, lastCommit: null }, 60, 3, 'INSERT').offset()
  expect(third).toMatchObject({ lsn_events_processed: 3n })
  expect(third).not.toHaveProperty('lsn_commit')
  expect(readOffset(third)).toEqual({
    unfinishedSnapshot: false,
    resume: { lsn: 60, partly: { lsn: 60, transactionId: 7, nth: 3 }, lastCommit: 60 },
  })
})

test('snapshot offsets: only the last one is complete', () => {
  const position = new SnapshotPosition(partition, { id: 7, commitTime: 99 }, 60)
  expect(readOffset(position.offset()).unfinishedSnapshot).toBe(true)
  position.last = true
  expect(Object.keys(position.offset())).toEqual([
    ...['last_snapshot_record', 'lsn', 'txId', 'ts_usec', 'snapshot', 'snapshot_completed'],
  ])
  expect(readOffset(position.offset())).toEqual({
    unfinishedSnapshot: false,
    resume: { lsn: 60, partly: null, lastCommit: null },
  })
})

test("Debezium's own offsets are read; nonsense is refused, never taken for a beginning", () => {
  const debezium = { lsn_proc: 717835840n, messageType: 'INSERT', lsn: 717835840n, txId: 34529n, ts_usec: 1n }
  expect(readOffset(debezium).resume).toMatchObject({
    lsn: 717835840,
    partly: { lsn: 717835840, transactionId: 34529, nth: 1 },
  })
  // Nothing of a transaction that has only begun was given out, and its first row may have the same LSN.
  expect(readOffset({ ...debezium, messageType: 'BEGIN' }).resume.partly?.nth).toBe(0)
  expect(() => readOffset({})).toThrow(/has no lsn/)
  expect(() => readOffset({ lsn: '0/16B3748' })).toThrow(/not a position/)
  expect(() => readOffset({ lsn: -1n })).toThrow(/not a position/)
})
