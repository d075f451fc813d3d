import { expect, test } from 'vitest'
import type { OffsetMap } from '#data'
import {
  definitionMark,
  progressExtras,
  progressKey,
  readProgress,
} from '../../../../../connectors/mysql-cdc/snapshot/progress.ts'

const initial = { kind: 'initial', tables: [], selects: new Map() } as const
const stored = (extras: ReturnType<typeof progressExtras>): OffsetMap =>
  Object.fromEntries([['snapshot', 'INITIAL'], ...extras.entries()])

test('what is written is read', () => {
  const done = [
    { database: 'a.b', table: 'c' },
    { database: 'a', table: 'b.c' },
    { database: 'a', table: 'd' },
  ]
  const open = [
    {
      id: { database: 'a', table: 'e' },
      definition: '0123',
      left: [{ after: ['1', 'c3a4'], to: null }],
    },
  ]
  expect(readProgress(stored(progressExtras(initial, done, () => open)))).toEqual({ ...initial, done, open })
})

test('an offset says what was done when it was made, not when it is printed', () => {
  const done = [{ database: 'a', table: 'b' }]
  const extras = progressExtras(initial, done, () => [])
  done.push({ database: 'a', table: 'c' })
  expect(readProgress(stored(extras))?.done).toEqual([{ database: 'a', table: 'b' }])
})

test('a blocking snapshot says what it was asked for', () => {
  const asked = { kind: 'blocking', tables: ['a.b'], selects: new Map([['a.b', 'SELECT 1']]) } as const
  const offset = stored(progressExtras(asked, [], () => []))
  expect(offset['snapshot']).toBe('BLOCKING')
  expect(readProgress(offset)).toEqual({ ...asked, done: [], open: [] })
})

test('the names of very many tables stay within the size of a record: what is left out is read again', () => {
  const done = Array.from({ length: 20_000 }, (_, i) => ({ database: 'd', table: `a_table_of_many_${i}` }))
  const offset = stored(progressExtras(initial, done, () => []))
  expect(String(offset[progressKey]).length).toBeLessThan(250_000)
  const known = readProgress(offset)?.done ?? []
  expect(known.length).toBeGreaterThan(5000)
  expect(known).toEqual(done.slice(0, known.length))
})

test('other offsets have none, and what makes no sense is refused', () => {
  expect(readProgress({ file: 'binlog.000001', pos: 4n, snapshot: 'INITIAL' })).toBeNull()
  for (const text of ['', '{', '7', 'null'])
    expect(() => readProgress({ [progressKey]: text })).toThrow(/rowtap_snapshot cannot be read/)
})

test('the counter of a table is no part of its definition', () => {
  const table = (counter: string) =>
    `CREATE TABLE \`t\` (\n  \`id\` int\n) ENGINE=InnoDB${counter} DEFAULT CHARSET=latin1`
  expect(definitionMark(table(' AUTO_INCREMENT=7'))).toBe(definitionMark(table('')))
  expect(definitionMark(table(' COMMENT=7'))).not.toBe(definitionMark(table('')))
})
