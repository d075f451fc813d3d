import { expect, test } from 'vitest'
import { SnapshotMarking, type SnapshotRecord } from '#cdc'

/** Marks tables of so many rows; returns the marks in order. */
function marks(...tables: readonly number[]): (string | null)[] {
  const marking = new SnapshotMarking<SnapshotRecord>()
  const out: (string | null)[] = []
  const take = (record: SnapshotRecord | null) => {
    if (record !== null) out.push(record.value.snapshot)
  }
  for (const rows of tables) {
    marking.nextTable()
    for (let i = 0; i < rows; i++)
      take(marking.push({ value: { snapshot: null } } as unknown as SnapshotRecord))
  }
  take(marking.finish())
  return out
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
