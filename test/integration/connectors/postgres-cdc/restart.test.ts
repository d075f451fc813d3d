/** Restarts, barriers and confirmations on a real server, with the task driven by hand. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { RawConfig } from '#plugin'
import { postgresSource } from '../../../../connectors/postgres-cdc/index.ts'
import { createDatabase, type TestDatabase } from '../../../support/services/database.ts'
import { SourceDriver } from '../../../support/source-driver.ts'

let database: TestDatabase
let driver: SourceDriver

function configOf(more: RawConfig = {}): RawConfig {
  return {
    'topic.prefix': 'p',
    'database.hostname': database.host,
    'database.port': String(database.port),
    'database.user': database.user,
    'database.password': database.password,
    'database.dbname': database.database,
    'slot.name': database.database,
    'publication.name': 'pub',
    'plugin.name': 'pgoutput',
    'poll.interval.ms': '100',
    'extended.headers.enabled': 'false',
    'key.converter.schemas.enable': 'false',
    'value.converter.schemas.enable': 'false',
    ...more,
  }
}

beforeEach(async () => {
  database = await createDatabase()
  await database.client.query('CREATE TABLE t (id int PRIMARY KEY, v text)')
})

afterEach(async () => {
  await driver?.stop().catch(() => {})
  await database.drop()
})

const sql = (text: string) => database.client.query(text)
const keys = () => driver.emitted.map((record) => (JSON.parse(record.key ?? '{}') as { id?: number }).id)

async function slot(): Promise<{ confirmed: bigint; active: boolean }> {
  const { rows } = await database.client.query<{ confirmed: string; active: boolean }>(
    `SELECT (confirmed_flush_lsn - '0/0')::text AS confirmed, active FROM pg_replication_slots WHERE slot_name = $1`,
    [database.database],
  )
  return { confirmed: BigInt(rows[0]?.confirmed ?? 0), active: rows[0]?.active ?? false }
}

async function walPosition(): Promise<bigint> {
  const { rows } = await database.client.query<{ at: string }>(
    `SELECT (pg_current_wal_lsn() - '0/0')::text AS at`,
  )
  return BigInt(rows[0]?.at ?? 0)
}

test('a clean restart goes on without a gap and without a duplicate, also when rows share one LSN', async () => {
  const config = configOf({ 'max.batch.size': '3', 'snapshot.mode': 'no_data' })
  driver = new SourceDriver(postgresSource, config)
  await driver.start()
  await driver.stop()
  // COPY writes many rows in one log record: they have one LSN.
  await sql(`CREATE TABLE many (id int PRIMARY KEY); COPY many FROM PROGRAM 'seq 1 20'`)
  await sql('INSERT INTO t VALUES (100), (101)')
  while (driver.emitted.length < 22) {
    const before = driver.emitted.length
    await driver.start()
    await driver.until(() => driver.emitted.length > before)
    await driver.stop()
  }
  expect(keys()).toEqual([...Array.from({ length: 20 }, (_, i) => i + 1), 100, 101])
  expect(driver.emitted[4]?.offset).toMatchObject({
    lsn: driver.emitted[0]?.offset?.['lsn'],
    lsn_events_processed: 5n,
  })
})

test('what was delivered but not committed comes again after a kill, and nothing else does', async () => {
  driver = new SourceDriver(postgresSource, configOf({ 'snapshot.mode': 'no_data', 'max.batch.size': '4' }))
  await driver.start()
  await sql('BEGIN; INSERT INTO t SELECT generate_series(1, 10); COMMIT; INSERT INTO t VALUES (11)')
  await driver.until(4)
  expect(keys()).toEqual([1, 2, 3, 4])
  driver.commits = false
  await driver.until(11)
  await driver.stop()
  driver.commits = true
  driver.emitted.length = 0
  await driver.start()
  await driver.until(7)
  await driver.quiet()
  expect(keys()).toEqual([5, 6, 7, 8, 9, 10, 11])
})

test('a snapshot that did not finish begins anew, and the stream joins it without a gap', async () => {
  await sql('INSERT INTO t SELECT generate_series(1, 2000)')
  driver = new SourceDriver(postgresSource, configOf({ 'max.batch.size': '10', 'max.queue.size': '20' }))
  await driver.start()
  await driver.poll()
  const first = driver.emitted.length
  expect(first).toBeGreaterThan(0)
  expect(first).toBeLessThan(2000)
  expect(driver.emitted.at(-1)?.offset).toMatchObject({ snapshot: 'INITIAL', snapshot_completed: false })
  await driver.stop()
  await sql('INSERT INTO t VALUES (2001)')
  driver.emitted.length = 0
  await driver.start()
  await driver.poll()
  await sql('INSERT INTO t VALUES (2002)')
  await driver.until(2002)
  await driver.quiet()
  expect(keys()).toEqual(Array.from({ length: 2002 }, (_, i) => i + 1))
  const values = driver.emitted.map(
    (record) => JSON.parse(record.value ?? '') as { op: string; source: { snapshot: string } },
  )
  expect(values[0]?.source.snapshot).toBe('first')
  expect(values[2000]).toMatchObject({ op: 'r', source: { snapshot: 'last' } })
  expect(values[2001]).toMatchObject({ op: 'c', source: { snapshot: 'false' } })
  expect(driver.emitted[2000]?.offset).toMatchObject({ last_snapshot_record: true, snapshot_completed: true })
  expect(Object.keys(driver.emitted[2001]?.offset ?? {})).toEqual([
    'lsn_proc',
    'messageType',
    'lsn',
    'txId',
    'ts_usec',
  ])
})

test('new relations and changed ones stop decoding in the middle of a chunk, and it goes on there', async () => {
  driver = new SourceDriver(postgresSource, configOf({ 'snapshot.mode': 'no_data' }))
  await driver.start()
  await sql(`BEGIN;
    INSERT INTO t SELECT generate_series(1, 50);
    CREATE TABLE u (id int PRIMARY KEY, w int NOT NULL DEFAULT 7); INSERT INTO u SELECT generate_series(51, 60);
    ALTER TABLE t ADD COLUMN x int DEFAULT 3; INSERT INTO t SELECT generate_series(61, 70);
    INSERT INTO u VALUES (71, 1);
    COMMIT`)
  await driver.until(71)
  expect(keys()).toEqual(Array.from({ length: 71 }, (_, i) => i + 1))
  const after = (index: number) =>
    (JSON.parse(driver.emitted[index]?.value ?? '') as { after: unknown }).after
  expect(after(49)).toEqual({ id: 50, v: null })
  expect(after(50)).toEqual({ id: 51, w: 7 })
  expect(after(60)).toEqual({ id: 61, v: null, x: 3 })
})

test('the slot is confirmed when records are committed, not before', async () => {
  driver = new SourceDriver(
    postgresSource,
    configOf({ 'snapshot.mode': 'no_data', 'status.update.interval.ms': '50' }),
  )
  await driver.start()
  await driver.quiet(1)
  driver.commits = false
  await sql('INSERT INTO t VALUES (1)')
  const written = await walPosition()
  await driver.until(1)
  await driver.quiet(3)
  expect((await slot()).confirmed).toBeLessThan(written)
  await driver.commit()
  await driver.until(async () => (await slot()).confirmed >= written)
})

test('an idle database recycles its log: keepalive positions are confirmed', async () => {
  driver = new SourceDriver(
    postgresSource,
    configOf({
      'table.include.list': 'public.t',
      'publication.autocreate.mode': 'filtered',
      'snapshot.mode': 'no_data',
      'status.update.interval.ms': '50',
    }),
  )
  await driver.start()
  await driver.quiet(1)
  await sql('CREATE TABLE other (id int); INSERT INTO other SELECT generate_series(1, 5000)')
  const written = await walPosition()
  await driver.until(async () => (await slot()).confirmed >= written)
  expect(driver.emitted).toEqual([])
})

test('a lost connection is opened again behind the last change', async () => {
  driver = new SourceDriver(
    postgresSource,
    configOf({ 'snapshot.mode': 'no_data', 'slot.retry.delay.ms': '100' }),
  )
  await driver.start()
  await sql('INSERT INTO t SELECT generate_series(1, 5)')
  await driver.until(5)
  await sql(
    `SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = '${database.database}'`,
  )
  await sql('INSERT INTO t SELECT generate_series(6, 9)')
  await driver.until(9)
  await driver.quiet()
  expect(keys()).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
  expect(driver.log.some((line) => /trying again/.test(line.message))).toBe(true)
})

test('a slot that is gone halts the task with what to do; when_needed takes a new snapshot', async () => {
  driver = new SourceDriver(postgresSource, configOf())
  await sql('INSERT INTO t VALUES (1)')
  await driver.start()
  await driver.until(1)
  await driver.quiet(1)
  await driver.stop()
  await sql(`SELECT pg_drop_replication_slot('${database.database}')`)
  await expect(driver.start()).rejects.toThrow(
    /no longer has the stored position .*it does not exist.*snapshot.mode=when_needed/,
  )
  await driver.start({ 'snapshot.mode': 'when_needed' })
  await driver.until(2)
  expect(keys()).toEqual([1, 1])
})

test('a slot that was made anew behind our back halts the task', async () => {
  driver = new SourceDriver(
    postgresSource,
    configOf({ 'snapshot.mode': 'no_data', 'status.update.interval.ms': '50' }),
  )
  await driver.start()
  await sql('INSERT INTO t VALUES (1)')
  await driver.until(1)
  await driver.until(async () => (await slot()).active)
  const name = database.database
  await sql(`SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = '${name}'`)
  await expect
    .poll(
      () =>
        sql(`SELECT pg_drop_replication_slot('${name}')`).then(
          () => true,
          () => false,
        ),
      { timeout: 5000 },
    )
    .toBe(true)
  await sql('INSERT INTO t VALUES (2)')
  await sql(`SELECT pg_create_logical_replication_slot('${name}', 'pgoutput')`)
  await expect(driver.until(2, 10_000)).rejects.toThrow(/no longer has the stored position|made anew/)
})

test('memory is bounded: the socket stands still while nobody polls, and the server is answered', async () => {
  driver = new SourceDriver(
    postgresSource,
    configOf({
      'snapshot.mode': 'no_data',
      'max.queue.size': '3000',
      'max.batch.size': '100',
      'max.queue.size.in.bytes': '300000',
    }),
  )
  await driver.start()
  await driver.quiet(1)
  await sql(`INSERT INTO t SELECT i, repeat('x', 100) FROM generate_series(1, 30000) i`)
  await driver.until(30_000)
  expect(new Set(keys()).size).toBe(30_000)
})

test('heartbeats carry the position and run their statement', async () => {
  await sql('CREATE TABLE beat (id int PRIMARY KEY, n int)')
  driver = new SourceDriver(
    postgresSource,
    configOf({
      'snapshot.mode': 'no_data',
      'heartbeat.interval.ms': '50',
      'heartbeat.action.query': 'INSERT INTO beat VALUES (1, 1) ON CONFLICT (id) DO NOTHING',
    }),
  )
  await driver.start()
  await driver.until(() => driver.emitted.some((record) => record.topic === 'p.public.beat'))
  await driver.until(() => driver.emitted.at(-1)?.topic === '__debezium-heartbeat.p')
  expect(driver.emitted.at(-1)?.key).toBe('{"serverName":"p"}')
  expect(driver.emitted.at(-1)?.offset).toHaveProperty('lsn')
})
