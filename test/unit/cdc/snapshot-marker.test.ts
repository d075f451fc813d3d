import { expect, test } from 'vitest'
import { SnapshotMarking, type SnapshotRecord } from '#cdc'

const row = (topic = '') => ({ topic, value: { snapshot: null } }) as unknown as SnapshotRecord
const marked = (records: readonly SnapshotRecord[]) => records.map(({ value }) => value.snapshot)

/** Marks tables of so many rows, one after the other; returns the marks in order. */
function marks(...tables: readonly number[]): (string | null)[] {
  const marking = new SnapshotMarking<SnapshotRecord>()
  const out: SnapshotRecord[] = []
  for (const rows of tables) {
    const table = marking.table()
    for (let i = 0; i < rows; i++) table.push(row(), out)
    table.end()
  }
  const last = marking.finish(out)
  return marked(last === null ? out : [...out, last])
}

test('first and last stand on the first and last row that there really is', () => {
  expect(marks(3, 2, 1, 2)).toEqual([
    ...['first', 'true', 'last_in_data_collection'],
    ...['first_in_data_collection', 'last_in_data_collection'],
    ...['last_in_data_collection'],
    ...['first_in_data_collection', 'last'],
  ])
  expect(marks(0, 1, 0, 3, 0)).toEqual(['first', 'first_in_data_collection', 'true', 'last'])
  expect(marks(1)).toEqual(['last'])
  expect(marks(0, 0)).toEqual([])
})

test('of tables read side by side, each has a first and a last row, and one row is the last of all', () => {
  const marking = new SnapshotMarking<SnapshotRecord>()
  const out: SnapshotRecord[] = []
  const [a, b, c] = [marking.table(), marking.table(), marking.table()]
  for (const table of [a, b, c, a, b, a, b]) table.push(row(table === a ? 'a' : table === b ? 'b' : 'c'), out)
  c.end()
  a.end()
  b.end()
  const last = marking.finish(out)
  expect(out.map(({ topic, value }) => `${topic} ${value.snapshot}`)).toEqual([
    ...['a first', 'b first_in_data_collection', 'a true', 'b true'],
    ...['c last_in_data_collection', 'a last_in_data_collection'],
  ])
  expect([last?.topic, last?.value.snapshot]).toEqual(['b', 'last'])
})

test('rows of ended tables wait until another row comes', () => {
  const marking = new SnapshotMarking<SnapshotRecord>()
  const out: SnapshotRecord[] = []
  const table = marking.table()
  table.push(row(), out)
  table.end()
  expect(out).toEqual([])
  marking.table().push(row(), out)
  expect(marked(out)).toEqual(['first'])
})
