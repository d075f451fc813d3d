/**
 * A group changes hands: from a real Kafka Connect to rowtap and back, with its connectors, their states and offsets.
 * What a source has written is counted in its topic: nothing is missing, nothing comes twice.
 */
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type Admin, Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connectAvailable, type ConnectWorker, startConnect } from '../support/services/connect.ts'
import { createDatabase, type TestDatabase } from '../support/services/database.ts'
import { kafkaServer } from '../support/services/kafka.ts'
import { kafkaWorkerProperties } from '../support/kafka-worker.ts'
import { startWorkerProcess, type WorkerProcess } from '../support/worker-process.ts'

const group = `take-over-${process.pid}`
const lines = `${group}-lines`
const prefix = `${group}-pg`

describe.skipIf(!connectAvailable)('a group that changes hands', () => {
  let bootstrap: string
  let admin: Admin
  let directory: string
  let database: TestDatabase
  const ends: (() => Promise<unknown>)[] = []
  beforeAll(async () => {
    bootstrap = await kafkaServer()
    admin = new Kafka({ logLevel: logLevel.NOTHING, brokers: [bootstrap] }).admin()
    await admin.connect()
    directory = mkdtempSync(join(tmpdir(), 'rowtap-take-over-'))
    database = await createDatabase()
    await database.client.query('CREATE TABLE t (id int PRIMARY KEY, v text)')
  })
  afterAll(async () => {
    for (const end of ends) await end()
    await admin.disconnect()
    await database.drop()
    rmSync(directory, { recursive: true, force: true })
  })

  const connect = async (): Promise<ConnectWorker> => {
    const worker = await startConnect({ bootstrap, groupId: group })
    ends.push(() => worker.kill())
    return worker
  }
  const rowtap = async (): Promise<WorkerProcess> => {
    const properties = { ...kafkaWorkerProperties(bootstrap, group), 'offset.flush.interval.ms': '200' }
    const worker = await startWorkerProcess({ dataDirectory: join(directory, 'unused'), properties })
    ends.push(() => worker.kill())
    return worker
  }
  const records = async (topic: string): Promise<number> => {
    const offsets = await admin.fetchTopicOffsets(topic).catch(() => [])
    return offsets.reduce((sum, { high, low }) => sum + Number(high) - Number(low), 0)
  }
  const insert = (id: number) => database.client.query('INSERT INTO t VALUES ($1, $2)', [id, `row ${id}`])
  const source = () => join(directory, 'in.txt')
  const target = () => join(directory, 'out.txt')

  test('from Kafka Connect to rowtap and back', async () => {
    writeFileSync(source(), 'one\n')
    await insert(1)
    const first = await connect()
    for (const [name, config] of Object.entries(connectors(source(), target(), database)))
      await send(first.url, 'POST', '/connectors', { name, config })
    await send(first.url, 'PUT', '/connectors/stopped/stop')
    await send(first.url, 'PUT', '/connectors/paused/pause')
    await send(first.url, 'DELETE', '/connectors/gone')
    await eventually(() => records(lines), 1)
    await eventually(() => records(`${prefix}.public.t`), 1)
    await eventually(() => readFileSync(target(), 'utf8'), 'one\n')
    await eventually(() => states(first.url), atRest)
    await expect(rowtap()).rejects.toThrow(new RegExp(`The group '${group}' .* is at work: connect-`))
    await first.stop()

    appendFileSync(source(), 'two\n')
    await insert(2)
    const second = await rowtap()
    await eventually(() => states(second.url), atRest)
    await eventually(() => readFileSync(target(), 'utf8'), 'one\ntwo\n')
    await eventually(() => records(`${prefix}.public.t`), 2)
    await send(second.url, 'PUT', '/connectors/paused/resume')
    await send(second.url, 'DELETE', '/connectors/stopped')
    await eventually(() => states(second.url), resumed)
    expect(await second.stop()).toBe(0)

    appendFileSync(source(), 'three\n')
    await insert(3)
    const third = await connect()
    await eventually(() => states(third.url), resumed)
    await eventually(() => readFileSync(target(), 'utf8'), 'one\ntwo\nthree\n')
    await eventually(() => records(`${prefix}.public.t`), 3)
    expect(await records(lines)).toBe(3)
    await third.stop()
  })
})

function connectors(source: string, target: string, database: TestDatabase) {
  const text = 'org.apache.kafka.connect.storage.StringConverter'
  const texts = { 'key.converter': text, 'value.converter': text }
  const sink = { 'connector.class': 'FileStreamSink', topics: lines, ...texts }
  return {
    in: { 'connector.class': 'FileStreamSource', file: source, topic: lines, ...texts },
    out: { ...sink, file: target },
    paused: { ...sink, file: `${target}-paused` },
    stopped: { ...sink, file: `${target}-stopped` },
    gone: { ...sink, file: `${target}-gone` },
    pg: {
      'connector.class': 'io.debezium.connector.postgresql.PostgresConnector',
      'database.hostname': database.host,
      'database.port': String(database.port),
      'database.user': database.user,
      'database.password': database.password,
      'database.dbname': database.database,
      'topic.prefix': prefix,
      'slot.name': database.database,
      'plugin.name': 'pgoutput',
    },
  }
}

const running = 'RUNNING RUNNING'
const atRest = { in: running, out: running, pg: running, paused: 'PAUSED PAUSED', stopped: 'STOPPED' }
const resumed = { in: running, out: running, pg: running, paused: running }

/** Of each connector and its tasks. */
async function states(url: string): Promise<Readonly<Record<string, string>>> {
  interface Status {
    readonly status: {
      readonly connector: { readonly state: string }
      readonly tasks: readonly { readonly state: string }[]
    }
  }
  const all = (await send(url, 'GET', '/connectors?expand=status')) as Record<string, Status>
  const stateOf = ({ status: { connector, tasks } }: Status) =>
    [connector, ...tasks].map(({ state }) => state)
  return Object.fromEntries(Object.entries(all).map(([name, each]) => [name, stateOf(each).join(' ')]))
}

async function send(url: string, method: string, path: string, body?: unknown): Promise<unknown> {
  const headers = { 'content-type': 'application/json' }
  for (;;) {
    const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }
    const response = await fetch(url + path, init)
    const text = await response.text()
    // A worker of Connect refuses everything while its group settles.
    if (response.status === 409 && method !== 'POST') await delay(100)
    else if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
    else return text === '' ? null : JSON.parse(text)
  }
}

async function eventually<T>(read: () => T | Promise<T>, expected: T): Promise<void> {
  await expect.poll(read, { timeout: 60_000, interval: 100 }).toEqual(expected)
}
