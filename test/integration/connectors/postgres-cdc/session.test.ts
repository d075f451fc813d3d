/** Barriers, confirmations and lost connections on a real server, with the task driven by hand. */
import { expect, test } from 'vitest'
import { postgresSource } from '../../../../connectors/postgres-cdc/index.ts'
import { postgresStage } from '../../../support/postgres-stage.ts'
import { SourceDriver } from '../../../support/source-driver.ts'

const stage = postgresStage()

test('new relations and changed ones stop decoding in the middle of a chunk, and it goes on there', async () => {
  stage.driver = new SourceDriver(postgresSource, stage.configOf({ 'snapshot.mode': 'no_data' }))
  await stage.driver.start()
  await stage.sql(`BEGIN;
    INSERT INTO t SELECT generate_series(1, 50);
    CREATE TABLE u (id int PRIMARY KEY, w int NOT NULL DEFAULT 7); INSERT INTO u SELECT generate_series(51, 60);
    ALTER TABLE t ADD COLUMN x int DEFAULT 3; INSERT INTO t SELECT generate_series(61, 70);
    INSERT INTO u VALUES (71, 1);
    COMMIT`)
  await stage.driver.until(71)
  expect(stage.keys()).toEqual(Array.from({ length: 71 }, (_, i) => i + 1))
  const after = (index: number) =>
    (JSON.parse(stage.driver.emitted[index]?.value ?? '') as { after: unknown }).after
  expect(after(49)).toEqual({ id: 50, v: null })
  expect(after(50)).toEqual({ id: 51, w: 7 })
  expect(after(60)).toEqual({ id: 61, v: null, x: 3 })
})

test('the slot is confirmed when records are committed, not before', async () => {
  stage.driver = new SourceDriver(
    postgresSource,
    stage.configOf({ 'snapshot.mode': 'no_data', 'status.update.interval.ms': '50' }),
  )
  await stage.driver.start()
  await stage.driver.quiet(1)
  stage.driver.commits = false
  await stage.sql('INSERT INTO t VALUES (1)')
  const written = await stage.walPosition()
  await stage.driver.until(1)
  await stage.driver.quiet(3)
  expect((await stage.slot()).confirmed).toBeLessThan(written)
  await stage.driver.commit()
  stage.driver.commits = true
  await stage.driver.until(async () => (await stage.slot()).confirmed >= written)
})

test('an idle database recycles its log: keepalive positions are confirmed', async () => {
  stage.driver = new SourceDriver(
    postgresSource,
    stage.configOf({
      'table.include.list': 'public.t',
      'publication.autocreate.mode': 'filtered',
      'snapshot.mode': 'no_data',
      'status.update.interval.ms': '50',
    }),
  )
  await stage.driver.start()
  await stage.driver.quiet(1)
  await stage.sql('CREATE TABLE other (id int); INSERT INTO other SELECT generate_series(1, 5000)')
  const written = await stage.walPosition()
  await stage.driver.until(async () => (await stage.slot()).confirmed >= written)
  expect(stage.driver.emitted).toEqual([])
})

test('a lost connection is opened again behind the last change', async () => {
  stage.driver = new SourceDriver(
    postgresSource,
    stage.configOf({ 'snapshot.mode': 'no_data', 'slot.retry.delay.ms': '100' }),
  )
  await stage.driver.start()
  await stage.sql('INSERT INTO t SELECT generate_series(1, 5)')
  await stage.driver.until(5)
  await stage.sql(
    `SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = '${stage.database.database}'`,
  )
  await stage.sql('INSERT INTO t SELECT generate_series(6, 9)')
  await stage.driver.until(9)
  await stage.driver.quiet()
  expect(stage.keys()).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
  expect(stage.driver.log.some((line) => /trying again/.test(line.message))).toBe(true)
})

test('a slot that is gone halts the task with what to do; when_needed takes a new snapshot', async () => {
  stage.driver = new SourceDriver(postgresSource, stage.configOf())
  await stage.sql('INSERT INTO t VALUES (1)')
  await stage.driver.start()
  await stage.driver.until(1)
  await stage.driver.quiet(1)
  await stage.driver.stop()
  // The server's side of the session ends a moment after ours.
  const active = `SELECT 1 FROM pg_replication_slots WHERE active AND slot_name = '${stage.database.database}'`
  await expect.poll(async () => (await stage.database.client.query(active)).rowCount).toBe(0)
  await stage.sql(`SELECT pg_drop_replication_slot('${stage.database.database}')`)
  await expect(stage.driver.start()).rejects.toThrow(
    /no longer has the stored position .*it does not exist.*snapshot.mode=when_needed/,
  )
  await stage.driver.start({ 'snapshot.mode': 'when_needed' })
  await stage.driver.until(2)
  expect(stage.keys()).toEqual([1, 1])
})

test('a slot that was made anew while the task was stopped halts it; trust_slot goes on, and counts', async () => {
  stage.driver = new SourceDriver(postgresSource, stage.configOf({ 'snapshot.mode': 'no_data' }))
  await stage.driver.start()
  await stage.sql('INSERT INTO t VALUES (1)')
  await stage.driver.until(1)
  await stage.driver.quiet()
  await stage.driver.stop()
  const name = stage.database.database
  await stage.sql(`INSERT INTO t VALUES (2); SELECT pg_drop_replication_slot('${name}')`)
  await stage.sql(`SELECT pg_create_logical_replication_slot('${name}', 'pgoutput')`)
  await expect(stage.driver.start()).rejects.toThrow(
    /past the stored position .* Changes between the two may be lost/,
  )
  await stage.driver.start({ 'offset.mismatch.strategy': 'trust_slot' })
  await stage.sql('INSERT INTO t VALUES (3)')
  await stage.driver.until(2)
  expect(stage.keys()).toEqual([1, 3])
})

test('an idle database: what is confirmed was stored before, so a restart finds no slot that is ahead', async () => {
  stage.driver = new SourceDriver(
    postgresSource,
    stage.configOf({ 'snapshot.mode': 'no_data', 'table.include.list': 'public.t' }),
  )
  await stage.driver.start()
  await stage.sql('INSERT INTO t VALUES (1)')
  await stage.driver.until(1)
  for (let i = 0; i < 5; i++) {
    await stage.sql(`CREATE TABLE other${i} AS SELECT generate_series(1, 1000)`)
    const written = await stage.walPosition()
    await stage.driver.until(async () => (await stage.slot()).confirmed >= written)
    const [stored] = stage.driver.stored.values()
    expect(BigInt(stored?.['lsn'] ?? 0)).toBeGreaterThanOrEqual((await stage.slot()).confirmed)
    await stage.driver.stop()
    await stage.driver.start()
  }
  await stage.sql('INSERT INTO t VALUES (2)')
  await stage.driver.until(2)
  expect(stage.keys()).toEqual([1, 2])
})

test('a slot that was made anew behind our back halts the task', async () => {
  stage.driver = new SourceDriver(
    postgresSource,
    stage.configOf({ 'snapshot.mode': 'no_data', 'status.update.interval.ms': '50' }),
  )
  await stage.driver.start()
  await stage.sql('INSERT INTO t VALUES (1)')
  await stage.driver.until(1)
  await stage.driver.until(async () => (await stage.slot()).active)
  const name = stage.database.database
  await stage.sql(
    `SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = '${name}'`,
  )
  await expect
    .poll(() =>
      stage.sql(`SELECT pg_drop_replication_slot('${name}')`).then(
        () => true,
        () => false,
      ),
    )
    .toBe(true)
  await stage.sql('INSERT INTO t VALUES (2)')
  await stage.sql(`SELECT pg_create_logical_replication_slot('${name}', 'pgoutput')`)
  await expect(stage.driver.until(2)).rejects.toThrow(/no longer has the stored position|made anew/)
})

test('slot.drop.on.stop drops the slot of a running session; a task that failed keeps it', async () => {
  const config = stage.configOf({ 'snapshot.mode': 'no_data', 'slot.drop.on.stop': 'true' })
  stage.driver = new SourceDriver(postgresSource, config)
  await stage.driver.start()
  await stage.sql('INSERT INTO t VALUES (1)')
  await stage.driver.until(1)
  await stage.driver.stop({ failed: true })
  expect(await stage.slotNames()).toEqual([stage.database.database])
  await stage.driver.start()
  await stage.sql('INSERT INTO t VALUES (2)')
  await stage.driver.until(2)
  await stage.driver.stop()
  expect(await stage.slotNames()).toEqual([])
})

test('a task that is stopped leaves no session on the server', async () => {
  stage.driver = new SourceDriver(postgresSource, stage.configOf({ 'snapshot.mode': 'no_data' }))
  for (let i = 0; i < 3; i++) {
    await stage.driver.start()
    const polling = stage.driver.poll()
    await stage.driver.stop()
    await polling
  }
  const sessions = async () => {
    const { rowCount } = await stage.sql(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'rowtap p'`,
    )
    return rowCount
  }
  await expect.poll(sessions).toBe(0)
})

test('memory is bounded: the socket stands still while nobody polls, and the server is answered', async () => {
  stage.driver = new SourceDriver(
    postgresSource,
    stage.configOf({
      'snapshot.mode': 'no_data',
      'max.queue.size': '3000',
      'max.batch.size': '100',
      'max.queue.size.in.bytes': '300000',
    }),
  )
  await stage.driver.start()
  await stage.driver.quiet(1)
  await stage.sql(`INSERT INTO t SELECT i, repeat('x', 100) FROM generate_series(1, 30000) i`)
  await stage.driver.until(30_000)
  expect(new Set(stage.keys()).size).toBe(30_000)
})

test('heartbeats carry the position and run their statement', async () => {
  await stage.sql('CREATE TABLE beat (id int PRIMARY KEY, n int)')
  stage.driver = new SourceDriver(
    postgresSource,
    stage.configOf({
      'snapshot.mode': 'no_data',
      'heartbeat.interval.ms': '50',
      'heartbeat.action.query': 'INSERT INTO beat VALUES (1, 1) ON CONFLICT (id) DO NOTHING',
    }),
  )
  await stage.driver.start()
  await stage.driver.until(() => stage.driver.emitted.some((record) => record.topic === 'p.public.beat'))
  await stage.driver.until(() => stage.driver.emitted.at(-1)?.topic === '__debezium-heartbeat.p')
  expect(stage.driver.emitted.at(-1)?.key).toBe('{"serverName":"p"}')
  expect(stage.driver.emitted.at(-1)?.offset).toHaveProperty('lsn')
})
