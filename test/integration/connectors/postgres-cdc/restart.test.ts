/** Restarts and snapshots on a real server, with the task driven by hand. */
import { expect, test } from 'vitest'
import { postgresSource } from '../../../../connectors/postgres-cdc/index.ts'
import { postgresStage } from '../../../support/postgres-stage.ts'
import { SourceDriver } from '../../../support/source-driver.ts'

const stage = postgresStage()

test('a clean restart goes on without a gap and without a duplicate, also when rows share one LSN', async () => {
  const config = stage.configOf({ 'max.batch.size': '3', 'snapshot.mode': 'no_data' })
  stage.driver = new SourceDriver(postgresSource, config)
  await stage.driver.start()
  await stage.driver.stop()
  // COPY writes many rows in one log record: they have one LSN.
  await stage.sql(`CREATE TABLE many (id int PRIMARY KEY); COPY many FROM PROGRAM 'seq 1 20'`)
  await stage.sql('INSERT INTO t VALUES (100), (101)')
  while (stage.driver.emitted.length < 22) {
    const before = stage.driver.emitted.length
    await stage.driver.start()
    await stage.driver.until(() => stage.driver.emitted.length > before)
    await stage.driver.stop()
  }
  expect(stage.keys()).toEqual([...Array.from({ length: 20 }, (_, i) => i + 1), 100, 101])
  expect(stage.driver.emitted[4]?.offset).toMatchObject({
    lsn: stage.driver.emitted[0]?.offset?.['lsn'],
    lsn_events_processed: 5n,
  })
})

test('what was delivered but not committed comes again after a kill, and nothing else does', async () => {
  stage.driver = new SourceDriver(
    postgresSource,
    stage.configOf({ 'snapshot.mode': 'no_data', 'max.batch.size': '4' }),
  )
  await stage.driver.start()
  await stage.sql('BEGIN; INSERT INTO t SELECT generate_series(1, 10); COMMIT; INSERT INTO t VALUES (11)')
  await stage.driver.until(4)
  expect(stage.keys()).toEqual([1, 2, 3, 4])
  stage.driver.commits = false
  await stage.driver.until(11)
  await stage.driver.stop()
  stage.driver.commits = true
  stage.driver.emitted.length = 0
  await stage.driver.start()
  await stage.driver.until(7)
  await stage.driver.quiet()
  expect(stage.keys()).toEqual([5, 6, 7, 8, 9, 10, 11])
})

interface Change {
  readonly op: string
  readonly after: { readonly id: number; readonly v: string | null } | null
  readonly source: { readonly snapshot: string }
}
const change = (value: string | null) => JSON.parse(value ?? 'null') as Change | null

/** What a consumer that keeps the newest value of each key has in the end. */
function folded(): Map<number, string | null> {
  const rows = new Map<number, string | null>()
  for (const { key, value } of stage.driver.emitted) {
    const { id } = JSON.parse(key ?? '') as { id: number }
    const after = change(value)?.after ?? null
    if (after === null) rows.delete(id)
    else rows.set(id, after.v)
  }
  return rows
}

async function table(): Promise<Map<number, string | null>> {
  const { rows } = await stage.database.client.query<{ id: number; v: string | null }>('SELECT id, v FROM t')
  return new Map(rows.map(({ id, v }) => [id, v]))
}

test('a snapshot that was cut off begins anew, behind all that happened since: the topic is the table', async () => {
  await stage.sql(`INSERT INTO t SELECT i, 'old' FROM generate_series(1, 20000) i`)
  stage.driver = new SourceDriver(
    postgresSource,
    stage.configOf({ 'max.batch.size': '100', 'max.queue.size': '200' }),
  )
  await stage.driver.start()
  await stage.driver.until(100)
  expect(stage.driver.emitted.length).toBeLessThan(15000)
  expect(stage.driver.emitted.at(-1)?.offset).toMatchObject({
    snapshot: 'INITIAL',
    snapshot_completed: false,
  })
  await stage.driver.stop()
  await stage.sql(`DELETE FROM t WHERE id IN (5, 15000); UPDATE t SET v = 'new' WHERE id IN (6, 16000)`)
  await stage.sql(`INSERT INTO t VALUES (20001, 'born'), (20002, 'short'); DELETE FROM t WHERE id = 20002`)
  const first = stage.driver.emitted.length
  // Cut off once more, while the log is read: what was committed does not come again.
  await stage.driver.start({ 'max.batch.size': '2', 'max.queue.size': '4' })
  await stage.driver.until(first + 5)
  expect(stage.driver.emitted.at(-1)?.offset).toMatchObject({ snapshot: 'INITIAL', messageType: 'UPDATE' })
  await stage.driver.stop()
  await stage.driver.start()
  await stage.driver.until(() =>
    stage.driver.emitted.some(({ offset }) => offset?.['snapshot_completed'] === true),
  )
  await stage.sql(`UPDATE t SET v = 'newest' WHERE id = 6; INSERT INTO t VALUES (20003, 'last')`)
  await stage.driver.until(() => (stage.driver.emitted.at(-1)?.key ?? '') === '{"id":20003}')
  await stage.driver.quiet()
  expect(folded()).toEqual(await table())
  const of = (id: number) =>
    stage.driver.emitted
      .filter(({ key }) => key === JSON.stringify({ id }))
      .map(({ value }) => change(value))
      .map((each) => (each === null ? 'tombstone' : `${each.op} ${each.after?.v ?? ''}`.trim()))
  expect(of(5)).toEqual(['r old', 'd', 'tombstone'])
  expect(of(6)).toEqual(['r old', 'u new', 'r new', 'u newest'])
  expect(of(15000)).toEqual(['d', 'tombstone'])
  expect(of(20002)).toEqual(['c short', 'd', 'tombstone'])
  expect(of(20001)).toEqual(['c born', 'r born'])
  const marks = stage.driver.emitted
    .slice(first)
    .map(({ value }) => change(value))
    .filter((each) => each?.op === 'r')
    .map((each) => each?.source.snapshot)
  expect([marks[0], marks.at(-1)]).toEqual(['first', 'last'])
  expect((await stage.slotNames()).length).toBe(1)
})

test('the connection of a snapshot is lost: it begins anew in the same way', async () => {
  await stage.sql(`INSERT INTO t SELECT i, repeat('x', 1000) FROM generate_series(1, 20000) i`)
  stage.driver = new SourceDriver(
    postgresSource,
    stage.configOf({ 'max.batch.size': '100', 'retriable.restart.connector.wait.ms': '10' }),
  )
  await stage.driver.start()
  await stage.driver.until(100)
  await stage.sql(`DELETE FROM t WHERE id = 5;
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'COPY%' AND datname = current_database()`)
  await stage.driver.until(() =>
    stage.driver.emitted.some(({ offset }) => offset?.['snapshot_completed'] === true),
  )
  expect(stage.driver.log.some((line) => /begins anew/.test(line.message))).toBe(true)
  expect(folded()).toEqual(await table())
})

test('snapshot.mode=initial_only leaves no slot and no publication behind', async () => {
  await stage.sql('INSERT INTO t VALUES (1)')
  stage.driver = new SourceDriver(postgresSource, stage.configOf({ 'snapshot.mode': 'initial_only' }))
  await stage.driver.start()
  await stage.driver.until(1)
  await stage.driver.quiet()
  expect(await stage.slotNames()).toEqual([])
  expect((await stage.database.client.query('SELECT FROM pg_publication')).rowCount).toBe(0)
})
