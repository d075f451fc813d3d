/**
 * The kill test of the binlog: a worker process is killed with SIGKILL again and again while it takes a snapshot and
 * while it streams, the database server and its connections too, and all the while random statements change rows and
 * tables. In the end each topic says of each row what the table says, and so does a JDBC sink; on the way there every
 * change began where the one before it ended.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import mysql from 'mysql2/promise'
import { openEmbeddedBroker } from '#broker'
import { randomOf } from '../random.ts'
import { freePort } from '../services/ports.ts'
import { startMariaDb } from '../services/mariadb.ts'
import { startMySql } from '../services/mysql.ts'
import type { ServerAddress } from '../services/address.ts'
import type { RestartableServer } from '../services/shared.ts'
import { startWorkerProcess, type WorkerProcess } from '../worker-process.ts'
import { sorted, TopicState } from './topic-state.ts'
import { type Flavor, Writer } from './writer.ts'

export interface Round {
  /** snapshot.max.threads */
  readonly threads: number
  readonly snapshotKills: number
  readonly streamKills: number
  /** Tables are altered while the snapshot is taken: their rows are read again then. */
  readonly altersInSnapshot: boolean
  /** How often the server is killed or stopped, and started again. */
  readonly restarts: number
}

export interface RoundReport {
  readonly snapshotKills: number
  readonly streamKills: number
  readonly restarts: number
  readonly statements: Readonly<Record<string, number>>
  readonly tables: number
  readonly rows: number
  readonly records: number
  /** Rows of the divided tables that a snapshot read although they had been given out. */
  readonly readAgain: number
}

/** Two tables that are large enough to be divided (the server's guess may be far off), and one that never is. */
const snapshotRows = { a: 22_000, b: 18_000, c: 300 }
const allRows = Object.values(snapshotRows).reduce((sum, rows) => sum + rows)

interface Scene {
  readonly flavor: Flavor
  readonly server: RestartableServer<ServerAddress>
  readonly random: () => number
  readonly directory: string
  readonly port: number
  readonly database: string
  readonly writer: Writer
  readonly round: Round
  /** What was done when, for a failure to tell. */
  readonly acts: string[]
  worker: WorkerProcess
}

export async function runMySqlKills(flavor: Flavor, rounds: readonly Round[], seed: number) {
  await using cleanup = new AsyncDisposableStack()
  const server = await (flavor === 'mysql' ? startMySql() : startMariaDb())
  cleanup.defer(() => server.stop())
  const random = randomOf(seed)
  const reports: RoundReport[] = []
  for (const [i, round] of rounds.entries())
    reports.push(await runRound(flavor, server, random, `kill_${i}`, round))
  return { seed, flavor, rounds: reports }
}

async function runRound(
  flavor: Flavor,
  server: RestartableServer<ServerAddress>,
  random: () => number,
  database: string,
  round: Round,
): Promise<RoundReport> {
  await using cleanup = new AsyncDisposableStack()
  const directory = mkdtempSync(join(tmpdir(), 'rowtap-kill-'))
  cleanup.defer(() => rmSync(directory, { recursive: true, force: true }))
  const root = await mysql.createConnection(server.address)
  await root.query(`CREATE DATABASE ${database} CHARACTER SET utf8mb4`)
  await root.query(`CREATE DATABASE ${database}_sink CHARACTER SET utf8mb4`)
  await root.end()
  const writer = new Writer(server.address, flavor, database, random)
  cleanup.defer(() => writer.end())
  await writer.create({ name: 'a', key: 'one' }, snapshotRows.a)
  await writer.create({ name: 'b', key: 'two' }, snapshotRows.b)
  await writer.create({ name: 'c', key: 'none' }, snapshotRows.c)
  await writer.query('ANALYZE TABLE a, b, c')
  const port = await freePort()
  const worker = await startWorkerProcess({ dataDirectory: directory, port })
  const scene: Scene = { flavor, server, random, directory, port, database, writer, round, acts: [], worker }
  cleanup.defer(() => scene.worker.kill())
  await worker.send('POST', '/connectors', { name: 'source', config: sourceConfig(scene) })
  await worker.send('POST', '/connectors', { name: 'sink', config: sinkConfig(scene) })
  writer.defines = round.altersInSnapshot
  writer.start()
  const snapshotKills = await killInSnapshot(scene)
  await scene.worker.until<Offsets>('/connectors/source/offsets', streaming)
  writer.defines = true
  const [streamKills, restarts] = await killInStream(scene)
  await writer.stop()
  await writer.touchAll()
  await converge(scene)
  await scene.worker.stop()
  return { snapshotKills, streamKills, restarts, statements: writer.done, ...(await verifyTopics(scene)) }
}

function sourceConfig({ flavor, server, database, round }: Scene): Record<string, string> {
  const { host, port, user, password } = server.address
  return {
    'connector.class': `${flavor}-cdc`,
    'database.hostname': host,
    'database.port': String(port),
    'database.user': user,
    'database.password': password ?? '',
    'database.server.id': '4711',
    'topic.prefix': 'kill',
    'database.include.list': database,
    'snapshot.max.threads': String(round.threads),
    'snapshot.locking.mode': 'minimal',
    'skipped.operations': 'none',
    'decimal.handling.mode': 'string',
    'retriable.restart.connector.wait.ms': '500',
  }
}

function sinkConfig({ flavor, server, database }: Scene): Record<string, string> {
  const { host, port, user, password } = server.address
  return {
    'connector.class': 'io.debezium.connector.jdbc.JdbcSinkConnector',
    'connection.url': `jdbc:${flavor}://${host}:${port}/${database}_sink`,
    'connection.username': user,
    'connection.password': password ?? '',
    topics: ['a', 'b'].map((table) => topicOf(database, table)).join(','),
    'insert.mode': 'upsert',
    'primary.key.mode': 'record_key',
    'delete.enabled': 'true',
    'truncate.enabled': 'true',
    'schema.evolution': 'basic',
  }
}

const topicOf = (database: string, table: string): string => `kill.${database}.${table}`

interface Offsets {
  readonly offsets: readonly { readonly offset: Readonly<Record<string, unknown>> | null }[]
}

/** The offset of a finished snapshot no longer says `snapshot`. */
function streaming(answer: Offsets): boolean {
  const offset = answer.offsets[0]?.offset ?? null
  return offset !== null && offset['snapshot'] === undefined
}

function note({ acts }: Scene, act: string): void {
  acts.push(`${new Date().toISOString().slice(14, 23)} ${act}`)
}

async function killWorker(scene: Scene): Promise<void> {
  note(scene, 'worker killed')
  await scene.worker.kill()
  await delay(scene.random() * 300)
  await start(scene)
}

/** What a failure tells of the scene. */
async function stateOf({ worker, acts }: Scene): Promise<string> {
  const asked = ['source', 'sink'].map((name) => worker.get(`/connectors/${name}/status`).catch(String))
  const statuses = JSON.stringify(await Promise.all(asked))
  return `${statuses}\n${acts.join('\n')}\n${worker.output().slice(-4000)}`
}

interface Status {
  readonly tasks: readonly { readonly state: string }[]
}

async function mustRun(scene: Scene): Promise<void> {
  const { tasks } = await scene.worker.get<Status>('/connectors/source/status')
  if (tasks.some(({ state }) => state === 'FAILED'))
    throw new Error(`the task has failed: ${await stateOf(scene)}`)
}

async function start(scene: Scene): Promise<void> {
  scene.worker = await startWorkerProcess({ dataDirectory: scene.directory, port: scene.port })
}

/** How many records the topics of the large tables have. */
async function given({ worker, database }: Scene): Promise<number> {
  let count = 0
  for (const table of ['a', 'b']) {
    const answer = await worker
      .get<{ partitions: { next: number }[] }>(`/topics/${topicOf(database, table)}`)
      .catch(() => null)
    count += answer?.partitions[0]?.next ?? 0
  }
  return count
}

/** Kills when about 1/n, 2/n, … of the rows were read; counts only those that the snapshot did not escape. */
async function killInSnapshot(scene: Scene): Promise<number> {
  const { snapshotKills } = scene.round
  for (let kills = 0; kills < snapshotKills; kills++) {
    const share = (kills + 0.2 + 0.6 * scene.random()) / (snapshotKills + 0.5)
    const deadline = Date.now() + 60_000
    while ((await given(scene)) < share * allRows) {
      if (Date.now() > deadline) throw new Error(`the snapshot does not move: ${await stateOf(scene)}`)
      await mustRun(scene)
      await delay(5)
    }
    if (streaming(await scene.worker.get<Offsets>('/connectors/source/offsets'))) return kills
    await killWorker(scene)
  }
  return snapshotKills
}

async function killInStream(scene: Scene): Promise<[kills: number, restarts: number]> {
  const { streamKills, restarts } = scene.round
  const acts = [
    ...Array.from({ length: streamKills }, () => 'worker' as const),
    ...Array.from({ length: restarts }, () => 'server' as const),
    ...Array.from({ length: 2 }, () => 'connection' as const),
  ].sort(() => scene.random() - 0.5)
  for (const act of acts) {
    await delay(50 + scene.random() * 500)
    if (act === 'worker') await killWorker(scene)
    else if (act === 'server') await restartServer(scene)
    else await cut(scene)
    await mustRun(scene)
  }
  return [streamKills, restarts]
}

async function restartServer(scene: Scene): Promise<void> {
  const signal = scene.random() < 0.5 ? 'KILL' : 'TERM'
  // A task that finds no server when it starts fails, as every Connect task does; one that runs tries again.
  await scene.worker.until<Status>(
    '/connectors/source/status',
    ({ tasks }) => tasks[0] !== undefined && tasks[0].state !== 'UNASSIGNED',
  )
  note(scene, `server gets ${signal}`)
  await scene.server.restart(signal)
  await scene.writer.query('SELECT 1')
  note(scene, 'server is back')
}

/** Ends the connections that read the log, and begins a new file of it. */
async function cut(scene: Scene): Promise<void> {
  note(scene, 'connection cut')
  const { server } = scene
  const root = await mysql.createConnection(server.address)
  const [threads] = await root.query<mysql.RowDataPacket[]>('SHOW PROCESSLIST')
  for (const { Id, Command } of threads)
    if (String(Command).startsWith('Binlog Dump')) await root.query(`KILL ${Id}`).catch(() => {})
  await root.query('FLUSH BINARY LOGS')
  await root.end()
}

/** Waits until the sink's tables have what the source's have. */
async function converge(scene: Scene): Promise<void> {
  const { writer, database } = scene
  const deadline = Date.now() + 180_000
  for (const table of ['a', 'b'])
    for (;;) {
      const source = await writer.query(`SELECT * FROM ${table} ORDER BY id`)
      const columns = Object.keys(source[0] ?? { id: 0 }).join(', ')
      const sink = await writer
        .query(
          `SELECT ${columns} FROM ${database}_sink.${topicOf(database, table).replaceAll('.', '_')} ORDER BY id`,
        )
        .catch((error: Error) => [{ error: error.message }])
      const different = Array.from({ length: Math.max(source.length, sink.length) }, (_, i) => [
        text(source[i]),
        text(sink[i]),
      ]).find(([ours, theirs]) => ours !== theirs)
      if (different === undefined) break
      if (Date.now() > deadline)
        throw new Error(
          `${table} and its sink differ: ${different.map((row) => row?.slice(0, 300)).join('\n')}\n${await stateOf(scene)}`,
        )
      await mustRun(scene)
      await delay(200)
    }
}

/** A sink may write a number as text. */
function text(row: Readonly<Record<string, unknown>> | undefined): string {
  const entries = Object.entries(row ?? {}).map(([name, value]) => [
    name,
    value === null ? null : String(value),
  ])
  return sorted(Object.fromEntries(entries))
}

/** Reads what the broker has stored. */
async function verifyTopics({ directory, database, writer, round }: Scene) {
  await using broker = await openEmbeddedBroker({ directory, properties: {} })
  let [records, readAgain, rows] = [0, 0, 0]
  for (const { name } of writer.tables) {
    const topic = topicOf(database, name)
    const table = await writer.query(`SELECT * FROM ${name}`)
    const cutOff = round.snapshotKills > 0 && name in snapshotRows
    const state = new TopicState(topic, cutOff)
    await using reader = await broker.reader({ topics: [topic], from: 'earliest' })
    const end = new AbortController()
    void reader.caughtUp().then(() => end.abort())
    for (;;) {
      const found = await reader.poll(1000, end.signal)
      if (found.length === 0 && end.signal.aborted) break
      for (const record of found) state.follow(record)
    }
    state.mustEndWith(table)
    records += state.records
    if (name === 'a' || name === 'b') readAgain += state.readAgain
    rows += table.length
  }
  return { tables: writer.tables.length, rows, records, readAgain }
}
