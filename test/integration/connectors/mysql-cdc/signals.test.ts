/** Signals beside the stream, through a whole worker: a topic of a real Kafka, and a file that is emptied in time. */
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Kafka, logLevel } from 'kafkajs'
import mysql from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { restClient } from '../../../support/rest-client.ts'
import { type RestWorker, startRestWorker } from '../../../support/rest-worker.ts'
import { kafkaAvailable, kafkaServer } from '../../../support/services/kafka.ts'
import { mySqlAvailable, mySqlServer } from '../../../support/services/mysql.ts'

interface Value {
  readonly op: string
  readonly after: { readonly id: number; readonly v?: string } | null
  readonly source: { readonly snapshot: string }
}

const json = 'org.apache.kafka.connect.json.JsonConverter'
const patience = { timeout: 60_000, interval: 100 }

describe.skipIf(!mySqlAvailable || !kafkaAvailable)('signals of MySQL', () => {
  const id = `signals_${process.pid}`
  const directory = mkdtempSync(join(tmpdir(), 'rowtap-signals-'))
  const file = join(directory, 'signals.txt')
  let db: mysql.Connection
  let worker: RestWorker
  let kafka: Kafka

  beforeAll(async () => {
    const { host, port, user, password } = await mySqlServer()
    const bootstrap = await kafkaServer()
    kafka = new Kafka({ brokers: [bootstrap], logLevel: logLevel.NOTHING })
    const admin = kafka.admin()
    await admin.connect()
    await admin.createTopics({ waitForLeaders: true, topics: [{ topic: `${id}-signal`, numPartitions: 1 }] })
    await admin.disconnect()
    db = await mysql.createConnection({ host, port, user, password, multipleStatements: true })
    await db.query(`CREATE DATABASE ${id}; USE ${id}; CREATE TABLE a (id INT PRIMARY KEY, v VARCHAR(9));
      CREATE TABLE b (id INT PRIMARY KEY); INSERT INTO a VALUES (1, 'x'), (2, 'y'), (3, 'z'); INSERT INTO b VALUES (7)`)
    worker = await startRestWorker(join(directory, 'data'), {
      ...{ 'key.converter': json, 'value.converter': json },
      ...{ 'key.converter.schemas.enable': 'false', 'value.converter.schemas.enable': 'true' },
    })
    await restClient(`http://${worker.address}`).put(`/connectors/${id}/config`, {
      'connector.class': 'mysql-cdc',
      ...{ 'topic.prefix': id, 'database.include.list': id, 'snapshot.mode': 'no_data' },
      ...{ 'database.hostname': host, 'database.port': String(port) },
      ...{ 'database.user': user, 'database.password': password },
      'database.server.id': String(50_000 + (process.pid % 10_000)),
      ...{ 'signal.enabled.channels': 'kafka,file', 'signal.poll.interval.ms': '50', 'signal.file': file },
      'signal.kafka.bootstrap.servers': bootstrap,
    })
  }, 180_000)

  afterAll(async () => {
    await worker?.[Symbol.asyncDispose]()
    await db?.query(`DROP DATABASE ${id}`)
    await db?.end()
    rmSync(directory, { recursive: true, force: true })
  })

  async function values<T = Value>(
    topic: string,
    part: (record: { schema?: unknown; payload?: unknown }) => unknown = (record) => record.payload ?? record,
  ): Promise<readonly T[]> {
    const { admin } = worker.broker
    if ((await admin.describe(topic)) === null) return []
    const wanted = (await admin.bounds(topic)).reduce((sum, { next }) => sum + Number(next), 0)
    const found: T[] = []
    if (wanted === 0) return found
    await using reader = await worker.broker.reader({ topics: [topic], from: 'earliest' })
    while (found.length < wanted)
      for (const { value } of await reader.poll(1000, AbortSignal.timeout(5000)))
        if (value !== null) found.push(part(JSON.parse(Buffer.from(value).toString())) as T)
    return found
  }

  const read = async (table: string) =>
    (await values(`${id}.${id}.${table}`))
      .filter(({ op, source }) => op === 'r' && source.snapshot === 'incremental')
      .map(({ after }) => after?.id)

  const execute = (table: string) => ({
    type: 'execute-snapshot',
    data: { type: 'incremental', 'data-collections': [`${id}.${table}`] },
  })

  test('execute-snapshot by Kafka, for this connector alone', async () => {
    const producer = kafka.producer()
    await producer.connect()
    let sent = 0
    // What came before the connector's first look is not for it: asked again until it hears.
    await vi.waitFor(
      async () => {
        const value = JSON.stringify({ id: `k${sent++}`, ...execute('a') })
        await producer.send({
          topic: `${id}-signal`,
          messages: [
            { key: 'another', value: JSON.stringify(execute('b')) },
            { key: id, value: 'no json' },
            { key: id, value },
          ],
        })
        expect(await read('a')).not.toEqual([])
      },
      { ...patience, interval: 2000 },
    )
    await producer.disconnect()
    await vi.waitFor(async () => expect(new Set(await read('a'))).toEqual(new Set([1, 2, 3])), patience)
    expect(await read('b')).toEqual([])
    const rest = restClient(`http://${worker.address}`)
    const { offsets } = await rest.get<{ offsets: readonly { offset: Record<string, unknown> }[] }>(
      `/connectors/${id}/offsets`,
    )
    expect(offsets[0]?.offset).toHaveProperty('incremental_snapshot_signal_offset')
  })

  test('execute-snapshot by a file, which is empty once that is durable', async () => {
    writeFileSync(file, `${JSON.stringify({ id: 'f', ...execute('b') })}\n`)
    await vi.waitFor(async () => {
      expect(await read('b')).toContain(7)
      expect(readFileSync(file, 'utf8')).toBe('')
    }, patience)
  })

  test('schema-changes are in the history and in the topic of schema changes, and decoding follows them', async () => {
    const history = `${id}.schema-history`
    const changes = await lastTable(history)
    const table = {
      ...changes.table,
      columns: changes.table.columns.map((column) =>
        column.name === 'v' ? { ...column, defaultValueExpression: 'told' } : column,
      ),
    }
    const data = { database: id, changes: [{ type: 'ALTER', id: changes.id, table }] }
    appendFileSync(file, `${JSON.stringify({ id: 's', type: 'schema-changes', data })}\n`)
    await vi.waitFor(async () => {
      const told = await values<{ ddl: string | null; tableChanges: readonly unknown[] }>(id)
      expect(told.at(-1)).toMatchObject({ ddl: null, databaseName: id, tableChanges: [{ type: 'ALTER' }] })
    }, patience)
    const kept = await lastTable(history)
    expect(kept.table.columns.at(-1)).toMatchObject({ name: 'v', defaultValueExpression: 'told' })
    await db.query("INSERT INTO a VALUES (10, 'new')")
    await vi.waitFor(async () => {
      const last = (await values(`${id}.${id}.a`)).at(-1)
      expect(last).toMatchObject({ op: 'c', after: { id: 10, v: 'new' } })
      expect(JSON.stringify(await values(`${id}.${id}.a`, (record) => record.schema))).toContain(
        '"default":"told","field":"v"',
      )
      expect(readFileSync(file, 'utf8')).toBe('')
    }, patience)
  })

  interface Change {
    readonly id: string
    readonly table: { readonly columns: readonly { readonly name: string }[] }
  }

  /** As the history has it last. */
  async function lastTable(history: string): Promise<Change> {
    const records = await values<{ tableChanges: readonly Change[] }>(history)
    const found = records
      .flatMap(({ tableChanges }) => tableChanges)
      .findLast(({ id: at }) => at === `"${id}"."a"`)
    if (found === undefined) throw new Error('the history does not have the table')
    return found
  }
})
