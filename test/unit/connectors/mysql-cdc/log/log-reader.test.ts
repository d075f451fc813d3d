/** Logs of real servers, read on from every place that an offset can stand for. */
import { describe, expect, test } from 'vitest'
import type { OffsetMap } from '#data'
import { MemoryHistoryStore } from '../../../../../connectors/mysql-cdc/history/memory-store.ts'
import { file, type LogOptions, readLog, setupOf, shown } from './read-log.ts'

const logs: readonly (readonly [string, LogOptions])[] = (
  [
    ['mysql', 'mysql-events'],
    ['mysql', 'orders'],
    ['mysql', 'mysql-plain'],
    ['mysql', 'mysql-after-tags'],
    ['mariadb', 'mariadb-events'],
  ] as const
).flatMap(([server, name]) =>
  [true, false].map((gtids) => {
    const options = { server, name, gtids, setup: setupOf(`${name}.sql`) }
    return [`${name} by ${gtids ? 'GTIDs' : 'positions'}`, options] as const
  }),
)

function withoutGtids(offset: OffsetMap, gtids: boolean): OffsetMap {
  return gtids ? offset : Object.fromEntries(Object.entries(offset).filter(([key]) => !/gtids$/.test(key)))
}

describe.each(logs)('%s', (_, options) => {
  test('a restart goes on behind the very record', async () => {
    const told = (text: string) => withoutMemory(text, options.gtids)
    const store = new MemoryHistoryStore()
    const whole = (await readLog(options, store)).records
    const all = whole.map(shown)
    expect(all.length).toBeGreaterThan(0)
    const step = Math.ceil(all.length / 25)
    for (let i = 0; i < all.length; i += step) {
      const { from } = whole[i] as (typeof whole)[number]
      // All records of one change but the last carry the place before it.
      if (whole[i + 1]?.from === from || (i > 0 && whole[i - 1]?.from === from)) continue
      const offset = from.offset() as OffsetMap
      const rest = await readLog(options, store, withoutGtids(offset, options.gtids))
      expect(rest.records.map(shown).map(told), `behind ${i}: ${inspect(offset)}`).toEqual(
        all.slice(i + 1).map(told),
      )
    }
  })
})

/** Whoever begins behind a GTID does not know it, and no row before a statement. */
function withoutMemory(text: string, gtids: boolean): string {
  const rowless = text.startsWith('p {') ? text.replace(/"row":\d+/, '') : text
  return gtids ? rowless : rowless.replace(/"ts_..":\d+,/g, '').replace(/"gtid":[^,]*/, '')
}

function inspect(offset: OffsetMap): string {
  return JSON.stringify(offset, (_, value) => (typeof value === 'bigint' ? Number(value) : value))
}

const events = {
  server: 'mysql',
  name: 'mysql-events',
  setup: setupOf('mysql-events.sql'),
  gtids: true,
} as const

function ids(records: readonly { key: { value(): unknown }; topic: string }[]): unknown[] {
  return records.flatMap(({ key, topic }) =>
    topic === 'p.ev.t' ? [(key.value() as { values: unknown[] }).values[0]] : [],
  )
}

test('rows of an XA transaction come with its decision, or never', async () => {
  const { records } = await readLog(events, new MemoryHistoryStore())
  const found = ids(records)
  expect(found).toContain(30)
  expect(found).not.toContain(31)
  expect(found).toContain(32)
})

test('an XA COMMIT of what nobody has seen halts, or is counted where that is allowed', async () => {
  // The log without the transaction that x1 was prepared in.
  const keep = (start: number) => start < 6056 || start >= 6511
  await expect(readLog({ ...events, keep }, new MemoryHistoryStore())).rejects.toThrow(
    /binlog\.000007:6588 of the log: The XA transaction X'7831',X'6272616E6368',7 is committed here and was prepared before/,
  )
  const { counts, records } = await readLog({ ...events, keep, failures: 'warn' }, new MemoryHistoryStore())
  expect(counts.get('rowtap_source_events_skipped_total')).toBe(1)
  expect(ids(records)).toEqual(expect.not.arrayContaining([30]))
  expect(ids(records)).toContain(50)
})

test('reading ends before the first transaction behind the end', async () => {
  const until = { file, pos: 8113, gtids: null }
  const { records, reader } = await readLog({ ...events, until }, new MemoryHistoryStore())
  expect(reader.arrived).toBe(true)
  expect(ids(records).at(-1)).toBe(40)
  const gtids = 'be78b375-e550-11f1-8a8b-02fc00000001:1-529:tagged_1:1'
  const byGtids = await readLog({ ...events, until: { file: '', pos: 0, gtids } }, new MemoryHistoryStore())
  expect(ids(byGtids.records).at(-1)).toBe(40)
})

test('rows of sources that do not count go by', async () => {
  const { records } = await readLog({ ...events, counts: () => false }, new MemoryHistoryStore())
  expect(records.map(({ topic }) => topic)).toEqual(['p', 'p', 'p'])
})

test('behind the log there is a place to be stored, once', async () => {
  const { reader } = await readLog(events, new MemoryHistoryStore())
  const idle = reader.idlePosition()?.offset()
  expect(idle).toMatchObject({ file: 'mysql-bin.000071', pos: 4n, server_id: 91n })
  expect(idle?.['gtids']).toMatch(/:1-533:tagged_1:1-2$/)
  expect(reader.idlePosition()).toBeNull()
  expect(reader.heartbeatPosition().offset()).toEqual(idle)
})

describe('counted transactions', () => {
  test.each([
    events,
    { ...events, server: 'mariadb', name: 'mariadb-events', setup: setupOf('mariadb-events.sql') } as const,
  ])('$name: a restart goes on counting and tells no beginning twice', async (log) => {
    const options = { ...log, counted: true }
    const store = new MemoryHistoryStore()
    const whole = (await readLog(options, store)).records
    const all = whole.map(shown).map((each) => withoutMemory(each, true))
    expect(all.filter((each) => each.includes('"status":"BEGIN"')).length).toBeGreaterThan(5)
    for (const [i, { from }] of whole.entries()) {
      if (whole[i + 1]?.from === from || (i > 0 && whole[i - 1]?.from === from)) continue
      const offset = from.offset() as OffsetMap
      const rest = (await readLog(options, store, offset)).records.map(shown)
      expect(
        rest.map((each) => withoutMemory(each, true)),
        `behind ${i}: ${inspect(offset)}`,
      ).toEqual(all.slice(i + 1))
    }
  })
})

test.each([
  ['mysql', 8347],
  ['mariadb', 4326],
] as const)(
  '%s: a statement that is in the history and not in the offsets is read again',
  async (server, pos) => {
    const name = `${server}-events`
    const log = { server, name, gtids: true, setup: setupOf(`${name}.sql`) }
    const until = { file, pos, gtids: null }
    const store = new MemoryHistoryStore()
    const { reader } = await readLog({ ...log, until }, store)
    const offset = reader.idlePosition()?.offset() as OffsetMap
    const whole = (await readLog(log, store, offset)).records.map(shown)
    const again = (await readLog(log, store, offset)).records.map(shown)
    expect(again).toEqual(whole)
  },
)
