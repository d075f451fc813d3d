/**
 * The kill test: a worker process is killed with SIGKILL again and again, during snapshots, while it streams, and
 * while the sink writes; each time it is started again. In the end every row of every source table must be in its
 * sink table and nothing else, and each topic must hold every change once, in the order of its key. Over Kafka a change
 * may come again, but only one that lies behind the offset that was stored when the worker was killed.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { ConsumedRecord } from '#broker'
import type pg from 'pg'
import { embeddedGround, type Kill, type KillGround, kafkaGround } from './kill-ground.ts'
import { randomOf } from './random.ts'
import { freePort } from './services/ports.ts'
import { TopicHistory } from './topic-history.ts'
import { createDatabase, type TestDatabase } from './services/database.ts'
import { startWorkerProcess, type WorkerProcess } from './worker-process.ts'

export type Phase = 'snapshot' | 'stream' | 'sink'

export interface KillReport {
  readonly seed: number
  readonly kills: Readonly<Record<Phase, number>>
  readonly tables: number
  readonly rows: number
  readonly records: number
  /** Records that came again, as they may over Kafka. */
  readonly again: number
}

/** Wide rows make a snapshot of this size last about a second: long enough to be killed in its midst. */
const snapshotRows = 30_000
const noteWidth = 3000
const phases: readonly Phase[] = ['snapshot', 'stream', 'sink']

interface Scene {
  readonly database: TestDatabase
  readonly target: pg.Client
  readonly ground: KillGround
  readonly port: number
  readonly random: () => number
  readonly tables: string[]
  readonly kills: Record<Phase, number>
  /** Tables whose snapshot was killed: it began anew, so rows were read, and older changes may follow, again. */
  readonly cutOff: Set<string>
  /** By table: where topic and stored offset were when the worker had been killed. */
  readonly killed: Map<string, Kill[]>
  worker: WorkerProcess
}

/** Runs the test; throws with what differs. `seed` makes the moments of the kills repeatable as far as timing allows. */
export async function runKills(
  kills: number,
  seed: number,
  bootstrap: string | null = null,
): Promise<KillReport> {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'rowtap-kill-'))
  await using cleanup = new AsyncDisposableStack()
  cleanup.defer(() => rmSync(dataDirectory, { recursive: true, force: true }))
  const ground = bootstrap === null ? embeddedGround(dataDirectory) : await kafkaGround(bootstrap)
  cleanup.defer(() => ground[Symbol.asyncDispose]())
  const database = await createDatabase('kill')
  cleanup.defer(() => database.drop())
  await database.client.query('CREATE SCHEMA sink')
  const port = await freePort()
  const worker = await startWorkerProcess({ ...ground.worker, port })
  const scene: Scene = {
    database,
    target: database.client,
    ground,
    port,
    random: randomOf(seed),
    tables: [],
    kills: { snapshot: 0, stream: 0, sink: 0 },
    cutOff: new Set(),
    killed: new Map(),
    worker,
  }
  cleanup.defer(() => scene.worker.kill())
  await addTable(scene)
  await snapshotDone(scene, scene.tables[0] as string)
  for (let i = 0; i < kills; i++) await killOnce(scene, phases[i % phases.length] as Phase)
  await changeRows(scene, scene.tables.at(-1) as string, 50)
  await converge(scene, scene.tables.at(-1) as string)
  await scene.worker.stop()
  const counts = await verifyTopics(scene)
  const rows = await total(scene)
  return { seed, kills: scene.kills, tables: scene.tables.length, rows, ...counts }
}

async function addTable(scene: Scene): Promise<string> {
  const { database, worker } = scene
  const table = `t${scene.tables.length}`
  scene.tables.push(table)
  await database.client.query(
    `CREATE TABLE ${table} (id int PRIMARY KEY, version int NOT NULL, note text NOT NULL)`,
  )
  await database.client.query(`ALTER TABLE ${table} REPLICA IDENTITY FULL`)
  await database.client.query(
    `INSERT INTO ${table} SELECT i, 0, rpad('row ' || i, ${noteWidth}, 'row ' || i) FROM generate_series(1, ${snapshotRows}) i`,
  )
  await worker.send('POST', '/connectors', { name: `source-${table}`, config: sourceConfig(database, table) })
  await worker.send('POST', '/connectors', {
    name: `sink-${table}`,
    config: { ...sinkConfig(database, table), ...scene.ground.sink },
  })
  return table
}

function sourceConfig(
  { host, port, user, password, database }: TestDatabase,
  table: string,
): Record<string, string> {
  return {
    'connector.class': 'postgres-cdc',
    'database.hostname': host,
    'database.port': String(port),
    'database.user': user,
    'database.password': password,
    'database.dbname': database,
    'topic.prefix': `kill_${table}`,
    'table.include.list': `public.${table}`,
    'plugin.name': 'pgoutput',
    'slot.name': `${database}_${table}`,
    'publication.name': `pub_${table}`,
    'publication.autocreate.mode': 'filtered',
    'retriable.restart.connector.wait.ms': '200',
    'slot.retry.delay.ms': '200',
  }
}

function sinkConfig(
  { host, port, user, password, database }: TestDatabase,
  table: string,
): Record<string, string> {
  return {
    'connector.class': 'jdbc-sink',
    'connection.url': `jdbc:postgresql://${host}:${port}/${database}?currentSchema=sink`,
    'connection.user': user,
    'connection.password': password,
    topics: topicOf(table),
    'table.name.format': `sink.${table}`,
    'insert.mode': 'upsert',
    'pk.mode': 'record_key',
    'delete.enabled': 'true',
    'auto.create': 'true',
    transforms: 'unwrap',
    'transforms.unwrap.type': 'io.debezium.transforms.ExtractNewRecordState',
    'consumer.override.max.poll.records': '1000',
  }
}

const offsetsOf = (table: string): string => `/connectors/source-${table}/offsets`

const topicOf = (table: string): string => `kill_${table}.public.${table}`

interface Bounds {
  readonly partitions: readonly { readonly next: number }[]
}

interface Offsets {
  readonly offsets: readonly { readonly offset: Readonly<Record<string, unknown>> | null }[]
}

/** The offset of a finished snapshot no longer says `snapshot`. */
function streaming(answer: Offsets): boolean {
  const offset = answer.offsets[0]?.offset ?? null
  return offset !== null && (offset['snapshot'] === undefined || offset['snapshot_completed'] === true)
}

async function snapshotDone(scene: Scene, table: string): Promise<void> {
  await scene.worker.until<Offsets>(offsetsOf(table), streaming, 60_000)
}

async function killOnce(scene: Scene, phase: Phase): Promise<void> {
  const newest = scene.tables.at(-1) as string
  if (phase === 'snapshot') await killInSnapshot(scene)
  else {
    await snapshotDone(scene, newest)
    const writing = changeRows(scene, newest, phase === 'sink' ? 4000 : 400)
    if (phase === 'stream') await delay(20 + scene.random() * 250)
    else await sinkMoves(scene, newest)
    await kill(scene, newest)
    scene.kills[phase]++
    await writing
  }
  await start(scene)
}

async function kill(scene: Scene, table: string): Promise<void> {
  await scene.worker.kill()
  const kills = scene.killed.get(table) ?? []
  scene.killed.set(table, kills)
  kills.push(await scene.ground.killed(`source-${table}`, `kill_${table}`, topicOf(table)))
}

async function start(scene: Scene): Promise<void> {
  scene.worker = await startWorkerProcess({ ...scene.ground.worker, port: scene.port })
}

/**
 * Kills while the snapshot's rows are on their way, and others change them; counts only if some rows were stored and
 * the stored offset says that the snapshot was not done.
 */
async function killInSnapshot(scene: Scene): Promise<void> {
  for (let tries = 0; tries < 5; tries++) {
    await retire(scene, scene.tables.at(-1) as string)
    const table = await addTable(scene)
    const writing = changeRows(scene, table, 300)
    await scene.worker.until<Bounds>(
      `/topics/${topicOf(table)}`,
      ({ partitions }) => partitions[0]?.next !== 0,
    )
    await delay(scene.random() * 150)
    const before = await scene.worker.get<Offsets>(offsetsOf(table))
    await kill(scene, table)
    await writing
    if (!streaming(before)) {
      scene.cutOff.add(table)
      scene.kills.snapshot++
      return
    }
    await start(scene)
  }
  throw new Error('five snapshots were over before they could be killed: make them larger')
}

/** Lets a table come to rest and takes its connectors away, so that the worker does not grow with the test. */
async function retire(scene: Scene, table: string): Promise<void> {
  await converge(scene, table)
  for (const connector of [`source-${table}`, `sink-${table}`])
    await scene.worker.send('DELETE', `/connectors/${connector}`)
  const slot = `${scene.database.database}_${table}`
  const dropped = `SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1 AND NOT active`
  while ((await scene.target.query(dropped, [slot])).rowCount === 0) await delay(20)
}

/** Waits until the sink has begun to write the changes, not until it has finished. */
async function sinkMoves(scene: Scene, table: string): Promise<void> {
  const sum = async (): Promise<string> => {
    const there = await scene.target.query(`SELECT to_regclass('sink.${table}') IS NOT NULL AS there`)
    if (there.rows[0]?.there !== true) return ''
    return String((await scene.target.query(`SELECT sum(version) AS sum FROM sink.${table}`)).rows[0]?.sum)
  }
  const before = await sum()
  const deadline = Date.now() + 180_000
  while ((await sum()) === before) {
    if (Date.now() > deadline)
      throw new Error(`the sink of ${table} does not move:\n${scene.worker.output().slice(-4000)}`)
    await delay(5)
  }
}

/** Updates, inserts and deletes in transactions of different sizes; a row's version grows by one with each change. */
async function changeRows(scene: Scene, table: string, changes: number): Promise<void> {
  const { client } = scene.database
  for (let done = 0; done < changes; ) {
    const size = 1 + Math.floor(scene.random() * 40)
    const id = 1 + Math.floor(scene.random() * (snapshotRows - 100))
    await client.query('BEGIN')
    await client.query(`UPDATE ${table} SET version = version + 1 WHERE id BETWEEN $1 AND $2`, [
      id,
      id + size,
    ])
    const fresh = await client.query(
      `INSERT INTO ${table} SELECT coalesce(max(id), 0) + 1, 0, 'inserted' FROM ${table} RETURNING id`,
    )
    if (scene.random() < 0.3)
      await client.query(`DELETE FROM ${table} WHERE id = $1`, [fresh.rows[0]?.id - 5])
    await client.query(scene.random() < 0.1 ? 'ROLLBACK' : 'COMMIT')
    done += size + 2
  }
}

async function converge(scene: Scene, table: string): Promise<void> {
  const difference = `
    (SELECT * FROM ${table} EXCEPT ALL SELECT id, version, note FROM sink.${table})
    UNION ALL (SELECT id, version, note FROM sink.${table} EXCEPT ALL SELECT * FROM ${table}) LIMIT 3`
  await snapshotDone(scene, table)
  const deadline = Date.now() + 180_000
  for (let last: unknown[] = []; ; await delay(100)) {
    const there = await scene.target.query(`SELECT to_regclass('sink.${table}') IS NOT NULL AS there`)
    if (there.rows[0]?.there === true) {
      last = (await scene.target.query(difference)).rows
      if (last.length === 0) return
    }
    if (Date.now() > deadline)
      throw new Error(
        `${table} and its sink differ: ${JSON.stringify(last)}\n${scene.worker.output().slice(-4000)}`,
      )
  }
}

async function total(scene: Scene): Promise<number> {
  let rows = 0
  for (const table of scene.tables)
    rows += Number((await scene.target.query(`SELECT count(*) FROM sink.${table}`)).rows[0]?.count)
  return rows
}

/** Reads what the broker has stored: every key's versions must go up one by one, none missing, none out of turn. */
async function verifyTopics(scene: Scene): Promise<{ records: number; again: number }> {
  await using broker = await scene.ground.open()
  let [records, again] = [0, 0]
  for (const table of scene.tables) {
    await using reader = await broker.reader({ topics: [topicOf(table)], from: 'earliest' })
    const history = new TopicHistory(table, scene.killed.get(table) ?? [], !scene.cutOff.has(table))
    const end = new AbortController()
    void reader.caughtUp().then(() => end.abort())
    for (let found: readonly ConsumedRecord[] = []; !end.signal.aborted || found.length > 0; ) {
      found = await reader.poll(1000, end.signal)
      records += found.length
      for (const record of found) history.follow(record)
    }
    again += history.again
    if (!scene.ground.repeats && history.again > 0)
      throw new Error(`${history.again} records of ${table} came again`)
    const { rows } = await scene.target.query(`SELECT id, version FROM ${table}`)
    history.mustEndWith(rows)
  }
  return { records, again }
}
