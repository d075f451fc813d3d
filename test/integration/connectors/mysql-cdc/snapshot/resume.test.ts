/** Snapshots that are cut off while the tables change: nothing is lost, nothing that was given out is read again. */
import { expect, onTestFinished, test } from 'vitest'
import type { SourceRecord } from '#data'
import { readOffset } from '../../../../../connectors/mysql-cdc/offset.ts'
import { type Client, connect, logPosition } from '../../../../../connectors/mysql-cdc/server/index.ts'
import {
  readProgress,
  SnapshotPhase,
  type SnapshotTask,
} from '../../../../../connectors/mysql-cdc/snapshot/index.ts'
import { mySqlAvailable, mySqlServer } from '../../../../support/services/mysql.ts'
import { loginOf } from '../server/stage.ts'
import { Sink } from './sink.ts'
import { initial, nowhere, offsetOf, type Stage, stageOf, taken } from './stage.ts'

const login = loginOf(mySqlAvailable ? await mySqlServer() : nowhere, 'mysql')
const ROWS = 14_000

/** Numbers of a seed. */
function randomOf(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

/** One table by number, one by number and text; rows are numbered from 1. */
async function filled(database: string): Promise<Client> {
  const client = await connect(login)
  onTestFinished(async () => {
    await client.query(`DROP DATABASE IF EXISTS ${database}`)
    await client.end()
  })
  for (const statement of [
    `DROP DATABASE IF EXISTS ${database}`,
    `CREATE DATABASE ${database}`,
    `USE ${database}`,
    'CREATE TABLE numbered (id INT PRIMARY KEY, v INT)',
    'CREATE TABLE named (part INT, name VARCHAR(20) COLLATE utf8mb4_0900_ai_ci, v INT, PRIMARY KEY (part, name))',
    'CREATE TABLE small (id INT PRIMARY KEY, v INT)',
    'SET SESSION cte_max_recursion_depth = 100000',
    `INSERT INTO numbered WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${ROWS}) SELECT i, 0 FROM n`,
    "INSERT INTO named SELECT id % 7, CONCAT('ä', id), 0 FROM numbered",
    'INSERT INTO small SELECT id, 0 FROM numbered WHERE id <= 50',
    'ANALYZE TABLE numbered, named, small',
  ])
    await client.query(statement)
  return client
}

async function change(client: Client, random: (below: number) => number): Promise<void> {
  const id = 1 + random(ROWS * 1.1)
  const table = ['numbered', 'named', 'small'][random(3)] as string
  const row = table === 'named' ? `part = ${id % 7} AND name = 'ä${id}'` : `id = ${id}`
  const values = table === 'named' ? `${id % 7}, 'ä${id}', 1` : `${id}, 1`
  const kind = random(4)
  if (kind === 0) await client.query(`DELETE FROM ${table} WHERE ${row}`)
  else if (kind === 1) await client.query(`INSERT IGNORE INTO ${table} VALUES (${values})`)
  else if (kind === 2 && table !== 'named')
    await client.query(`UPDATE IGNORE ${table} SET id = ${1 + random(ROWS * 1.1)}, v = v + 1 WHERE ${row}`)
  else await client.query(`UPDATE ${table} SET v = v + 1 WHERE ${row}`)
}

async function onServer(client: Client, database: string, table: string): Promise<Map<string, string>> {
  const rows = await client.query(`SELECT * FROM ${database}.${table}`)
  return new Map(
    rows.map((row) => {
      const values = Object.entries(row).map(([name, value]) => (name === 'name' ? value : Number(value)))
      return [
        JSON.stringify(table === 'named' ? values.slice(0, 2) : values.slice(0, 1)),
        JSON.stringify(values),
      ]
    }),
  )
}

/** As a task that starts with this stored offset. */
function continuing(stored: ReturnType<typeof offsetOf>): SnapshotTask {
  const progress = readProgress(stored)
  return progress === null ? initial : { ...initial, from: readOffset(stored).resume, progress }
}

const isRead = (record: SourceRecord) =>
  record.topic !== 'test' && (record.value.value() as { get(name: string): unknown }).get('op') === 'r'

test.skipIf(!mySqlAvailable).each([
  { threads: 1, seed: 1 },
  { threads: 1, seed: 2 },
  { threads: 3, seed: 3 },
  { threads: 3, seed: 4 },
])(
  'cut off again and again, $threads sessions, seed $seed',
  async ({ threads, seed }) => {
    const database = `resumed_${process.pid}_${seed}`
    const client = await filled(database)
    const random = randomOf(seed)
    const options = { login, capture: { 'database.include.list': database }, settings: { threads } }
    const sink = new Sink()
    let writing = true
    const writer = (async () => {
      while (writing) await change(client, random)
    })()
    let task = initial
    let stage: Stage = await stageOf(options)
    let resume = null
    let read = 0
    for (let attempt = 0; resume === null; attempt++) {
      let left = attempt < 4 ? 2000 + random(6000) : Number.POSITIVE_INFINITY
      const { records, phase } = await taken(stage, task, () => --left <= 0)
      for (const record of records) {
        sink.apply(record)
        if (isRead(record)) read++
      }
      resume = phase.done
      // What was given out last may not have been stored.
      const stored = records[Math.max(0, records.length - 1 - random(300))]
      if (stored !== undefined && resume === null) task = continuing(offsetOf(stored))
      if (resume === null) stage = await stageOf({ ...options, history: stage.history })
    }
    writing = false
    await writer
    const end = await logPosition(client, stage.parts.facts)
    const log = stage.follow(resume, end)
    const { signal } = new AbortController()
    while (!log.arrived)
      for (const record of await log.poll(performance.now() + 1000, signal)) sink.apply(record)
    await log[Symbol.asyncDispose]()
    for (const table of ['numbered', 'named', 'small'])
      expect(sink.tables.get(`test.${database}.${table}`), table).toEqual(
        await onServer(client, database, table),
      )
    // Four times a few hundred rows, and the small table.
    expect(read).toBeLessThan(2 * ROWS * 1.1 + 4 * 400)
  },
  60_000,
)

test.skipIf(!mySqlAvailable)('tables that are altered between two attempts', async () => {
  const database = `altered_${process.pid}`
  const client = await filled(database)
  const options = { login, capture: { 'database.include.list': database } }
  const first = await stageOf(options)
  let left = 9000
  const { records } = await taken(first, initial, () => --left <= 0)
  const sink = new Sink()
  for (const record of records) sink.apply(record)
  // `named` was being read, `numbered` is still to come.
  await client.query('ALTER TABLE named ADD COLUMN more INT DEFAULT 5, DROP COLUMN v')
  await client.query('ALTER TABLE numbered MODIFY id BIGINT')
  await client.query('DELETE FROM small WHERE id < 9')
  await client.query("UPDATE named SET more = 6 WHERE name = 'ä14'")
  const stored = offsetOf(records.at(-1) as SourceRecord)
  expect(readProgress(stored)?.open.map(({ id }) => id.table)).toEqual(['named'])
  const second = await stageOf({ ...options, history: first.history })
  const rest = await taken(second, continuing(stored))
  for (const record of rest.records) sink.apply(record)
  // All of a table that has another definition is read again.
  const reads = rest.records.filter(isRead)
  expect(reads.filter(({ topic }) => topic.endsWith('.named'))).toHaveLength(ROWS)
  for (const table of ['numbered', 'named', 'small'])
    expect(sink.tables.get(`test.${database}.${table}`), table).toEqual(
      await onServer(client, database, table),
    )
})

test.skipIf(!mySqlAvailable)(
  'a session that is lost is followed by another view, in the same task',
  async () => {
    const database = `lost_${process.pid}`
    const client = await filled(database)
    const lines: string[] = []
    const settings = { retries: 3, recordsPerPoll: 64 }
    const stage = await stageOf({ login, lines, capture: { 'database.include.list': database }, settings })
    const sessions: Client[] = []
    const connected = async () => {
      const session = await stage.parts.connect()
      sessions.push(session)
      return session
    }
    const phase = new SnapshotPhase({ ...stage.parts, connect: connected }, initial)
    onTestFinished(() => phase[Symbol.asyncDispose]())
    const sink = new Sink()
    const { signal } = new AbortController()
    let read = 0
    let lost = false
    while (phase.done === null) {
      for (const record of await phase.poll(performance.now() + 1000, signal)) {
        sink.apply(record)
        if (isRead(record)) read++
      }
      if (read < 3000 || lost) continue
      lost = true
      await client.query('DELETE FROM named WHERE part = 3')
      sessions[0]?.destroy()
    }
    expect(lines.filter((line) => line.startsWith('the snapshot was cut off'))).toHaveLength(1)
    for (const table of ['numbered', 'named', 'small'])
      expect(sink.tables.get(`test.${database}.${table}`), table).toEqual(
        await onServer(client, database, table),
      )
    expect(read).toBeLessThanOrEqual(2 * ROWS + 50)
  },
)
