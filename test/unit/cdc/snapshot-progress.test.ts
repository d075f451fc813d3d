import { expect, test } from 'vitest'
import { type ProgressTable, SnapshotProgress } from '#cdc'
import type { Logger } from '#observe'

const table = (name: string, estimatedRows: number | null): ProgressTable => ({
  path: `s.${name}`,
  estimatedRows,
})

function started(tables: readonly ProgressTable[]) {
  const lines: object[] = []
  const values = new Map<string, number>()
  const clock = { now: 0 }
  const info = (fields: object, message: string) => void lines.push({ ...fields, message })
  const progress = new SnapshotProgress(
    tables,
    { info } as unknown as Logger,
    {
      counter: (name) => ({ inc: (by) => void values.set(name, (values.get(name) ?? 0) + by) }),
      gauge: (name) => ({ set: (value) => void values.set(name, value) }),
    },
    () => clock.now,
  )
  return { progress, lines, values, clock }
}

test('a line every five seconds says which table, how many rows of how many, and how fast', () => {
  const [a, b] = [table('a', 100), table('b', 2000)]
  const { progress, lines, values, clock } = started([a, b])
  progress.rows(a, 90)
  clock.now = 4999
  progress.tableDone(a)
  expect(values.get('rowtap_snapshot_tables_remaining')).toBe(1)
  progress.rows(b, 10)
  expect(lines).toHaveLength(2)
  clock.now = 5000
  progress.rows(b, 900)
  progress.rows(b, 1)
  expect(lines.slice(2)).toEqual([
    {
      ...{ table: 's.b', index: 2, of: 2, rows: 910, estimatedRows: 2000 },
      ...{ totalRows: 1000, estimatedTotal: 2100, rowsPerSecond: 200, message: 'reading a table' },
    },
  ])
  clock.now = 10_000
  progress.tableDone(b)
  progress.done()
  progress.end()
  expect(lines.at(-1)).toEqual({
    ...{ rows: 1001, seconds: 10, rowsPerSecond: 100, message: 'the snapshot is complete' },
  })
  expect([...values]).toEqual([
    ['rowtap_snapshot_tables_remaining', 0],
    ['rowtap_snapshot_rows_total', 1001],
  ])
})

test('a table that was never analyzed makes the total unknown', () => {
  const { lines } = started([table('a', 100), table('b', null)])
  expect(lines).toEqual([{ tables: 2, estimatedRows: null, message: 'the snapshot begins' }])
})
