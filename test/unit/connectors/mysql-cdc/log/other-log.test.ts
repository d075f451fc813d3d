/** A transaction that was given out in part, and the log of another server, or of one that has lost its end in a crash. */
import { expect, test } from 'vitest'
import type { OffsetMap } from '#data'
import { MemoryHistoryStore } from '../../../../../connectors/mysql-cdc/history/memory-store.ts'
import { type LogOptions, readLog, setupOf, shown } from './read-log.ts'

const log: LogOptions = {
  server: 'mysql',
  name: 'mysql-events',
  gtids: true,
  setup: setupOf('mysql-events.sql'),
}

/** Records by the place where their transaction begins. */
function begins(offset: OffsetMap): number {
  return Number(offset['pos'])
}

test.each([true, false])('what comes in its place is given out as a whole (GTIDs: %s)', async (gtids) => {
  const options = { ...log, gtids }
  const store = new MemoryHistoryStore()
  const { records } = await readLog(options, store)
  const offsets = records.map(({ from }) => from.offset() as OffsetMap)
  let tried = 0
  for (const [i, offset] of offsets.entries()) {
    const next = offsets[i + 1]
    // In the middle of a transaction of several records.
    if (
      next === undefined ||
      begins(next) !== begins(offset) ||
      !('event' in offset) ||
      'read_event' in offset
    )
      continue
    const behind = offsets.findIndex((each, j) => j > i && begins(each) !== begins(offset))
    if (behind < 0) continue
    const end = begins(offsets[behind] as OffsetMap)
    // The log has something else there.
    const keep = (start: number) => start < begins(offset) - 200 || start >= end
    const at = gtids ? offset : Object.fromEntries(Object.entries(offset).filter(([key]) => key !== 'gtids'))
    const rest = await readLog({ ...options, keep }, store, at)
    const wanted = records
      .slice(behind)
      .map(shown)
      .filter((each) => each.startsWith('p.'))
    expect(
      rest.records.map(shown).filter((each) => each.startsWith('p.')).length,
      JSON.stringify(offset, (_, v) => (typeof v === 'bigint' ? Number(v) : v)),
    ).toBeGreaterThanOrEqual(wanted.length)
    tried++
  }
  expect(tried).toBeGreaterThan(0)
})
