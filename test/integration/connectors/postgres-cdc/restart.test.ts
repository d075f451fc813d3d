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

interface Change {
  readonly op: string
  readonly after: { readonly id: number; readonly v: string | null } | null
  readonly source: { readonly snapshot: string }
}
const change = (value: string | null) => JSON.parse(value ?? 'null') as Change | null

/** What a consumer that keeps the newest value of each key has in the end. */
function folded(): Map<number, string | null> {
  const rows = new Map<number, string | null>()
  for (const { key, value } of driver.emitted) {
    const { id } = JSON.parse(key ?? '') as { id: number }
    const after = change(value)?.after ?? null
    if (after === null) rows.delete(id)
    else rows.set(id, after.v)
  }
  return rows
}

async function table(): Promise<Map<number, string | null>> {
  const { rows } = await database.client.query<{ id: number; v: string | null }>('SELECT id, v FROM t')
  return new Map(rows.map(({ id, v }) => [id, v]))
}

test('a snapshot that was cut off begins anew, behind all that happened since: the topic is the table', async () => {
  await sql(`INSERT INTO t SELECT i, 'old' FROM generate_series(1, 20000) i`)
  driver = new SourceDriver(postgresSource, configOf({ 'max.batch.size': '100', 'max.queue.size': '200' }))
  await driver.start()
  await driver.until(100)
  expect(driver.emitted.length).toBeLessThan(15000)
  expect(driver.emitted.at(-1)?.offset).toMatchObject({ snapshot: 'INITIAL', snapshot_completed: false })
  await driver.stop()
  await sql(`DELETE FROM t WHERE id IN (5, 15000); UPDATE t SET v = 'new' WHERE id IN (6, 16000)`)
  await sql(`INSERT INTO t VALUES (20001, 'born'), (20002, 'short'); DELETE FROM t WHERE id = 20002`)
  const first = driver.emitted.length
  // Cut off once more, while the log is read: what was committed does not come again.
  await driver.start({ 'max.batch.size': '2', 'max.queue.size': '4' })
  await driver.until(first + 5)
  expect(driver.emitted.at(-1)?.offset).toMatchObject({ snapshot: 'INITIAL', messageType: 'UPDATE' })
  await driver.stop()
  await driver.start()
  await driver.until(() => driver.emitted.some(({ offset }) => offset?.['snapshot_completed'] === true))
  await sql(`UPDATE t SET v = 'newest' WHERE id = 6; INSERT INTO t VALUES (20003, 'last')`)
  await driver.until(() => (driver.emitted.at(-1)?.key ?? '') === '{"id":20003}')
  await driver.quiet()
  expect(folded()).toEqual(await table())
  const of = (id: number) =>
    driver.emitted
      .filter(({ key }) => key === JSON.stringify({ id }))
      .map(({ value }) => change(value))
      .map((each) => (each === null ? 'tombstone' : `${each.op} ${each.after?.v ?? ''}`.trim()))
  expect(of(5)).toEqual(['r old', 'd', 'tombstone'])
  expect(of(6)).toEqual(['r old', 'u new', 'r new', 'u newest'])
  expect(of(15000)).toEqual(['d', 'tombstone'])
  expect(of(20002)).toEqual(['c short', 'd', 'tombstone'])
  expect(of(20001)).toEqual(['c born', 'r born'])
  const marks = driver.emitted
    .slice(first)
    .map(({ value }) => change(value))
    .filter((each) => each?.op === 'r')
    .map((each) => each?.source.snapshot)
  expect([marks[0], marks.at(-1)]).toEqual(['first', 'last'])
  expect((await slotNames()).length).toBe(1)
})

test('the connection of a snapshot is lost: it begins anew in the same way', async () => {
  await sql(`INSERT INTO t SELECT i, repeat('x', 1000) FROM generate_series(1, 20000) i`)
  driver = new SourceDriver(
    postgresSource,
    configOf({ 'max.batch.size': '100', 'retriable.restart.connector.wait.ms': '10' }),
  )
  await driver.start()
  await driver.until(100)
  await sql(`DELETE FROM t WHERE id = 5;
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'COPY%' AND datname = current_database()`)
  await driver.until(() => driver.emitted.some(({ offset }) => offset?.['snapshot_completed'] === true))
  expect(driver.log.some((line) => /begins anew/.test(line.message))).toBe(true)
  expect(folded()).toEqual(await table())
})

test('snapshot.mode=initial_only leaves no slot and no publication behind', async () => {
  await sql('INSERT INTO t VALUES (1)')
  driver = new SourceDriver(postgresSource, configOf({ 'snapshot.mode': 'initial_only' }))
  await driver.start()
  await driver.until(1)
  await driver.quiet()
  expect(await slotNames()).toEqual([])
  expect((await database.client.query('SELECT FROM pg_publication')).rowCount).toBe(0)
})

async function slotNames(): Promise<string[]> {
  const { rows } = await database.client.query<{ name: string }>(
    'SELECT slot_name AS name FROM pg_replication_slots WHERE database = current_database()',
  )
  return rows.map(({ name }) => name)
}

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
  driver.commits = true
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

test('a slot that was made anew while the task was stopped halts it; trust_slot goes on, and counts', async () => {
  driver = new SourceDriver(postgresSource, configOf({ 'snapshot.mode': 'no_data' }))
  await driver.start()
  await sql('INSERT INTO t VALUES (1)')
  await driver.until(1)
  await driver.quiet()
  await driver.stop()
  const name = database.database
  await sql(`INSERT INTO t VALUES (2); SELECT pg_drop_replication_slot('${name}')`)
  await sql(`SELECT pg_create_logical_replication_slot('${name}', 'pgoutput')`)
  await expect(driver.start()).rejects.toThrow(
    /past the stored position .* Changes between the two may be lost/,
  )
  await driver.start({ 'offset.mismatch.strategy': 'trust_slot' })
  await sql('INSERT INTO t VALUES (3)')
  await driver.until(2)
  expect(keys()).toEqual([1, 3])
})

test('an idle database: what is confirmed was stored before, so a restart finds no slot that is ahead', async () => {
  driver = new SourceDriver(
    postgresSource,
    configOf({ 'snapshot.mode': 'no_data', 'table.include.list': 'public.t' }),
  )
  await driver.start()
  await sql('INSERT INTO t VALUES (1)')
  await driver.until(1)
  for (let i = 0; i < 5; i++) {
    await sql(`CREATE TABLE other${i} AS SELECT generate_series(1, 1000)`)
    const written = await walPosition()
    await driver.until(async () => (await slot()).confirmed >= written)
    const [stored] = driver.stored.values()
    expect(BigInt(stored?.['lsn'] ?? 0)).toBeGreaterThanOrEqual((await slot()).confirmed)
    await driver.stop()
    await driver.start()
  }
  await sql('INSERT INTO t VALUES (2)')
  await driver.until(2)
  expect(keys()).toEqual([1, 2])
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

test('slot.drop.on.stop drops the slot of a running session; a task that failed keeps it', async () => {
  const config = configOf({ 'snapshot.mode': 'no_data', 'slot.drop.on.stop': 'true' })
  driver = new SourceDriver(postgresSource, config)
  await driver.start()
  await sql('INSERT INTO t VALUES (1)')
  await driver.until(1)
  await driver.stop({ failed: true })
  expect(await slotNames()).toEqual([database.database])
  await driver.start()
  await sql('INSERT INTO t VALUES (2)')
  await driver.until(2)
  await driver.stop()
  expect(await slotNames()).toEqual([])
})

test('a task that is stopped leaves no session on the server', async () => {
  driver = new SourceDriver(postgresSource, configOf({ 'snapshot.mode': 'no_data' }))
  for (let i = 0; i < 3; i++) {
    await driver.start()
    const polling = driver.poll()
    await driver.stop()
    await polling
  }
  const sessions = async () => {
    const { rowCount } = await sql(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'rowtap p'`,
    )
    return rowCount
  }
  await expect.poll(sessions, { timeout: 5000 }).toBe(0)
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
