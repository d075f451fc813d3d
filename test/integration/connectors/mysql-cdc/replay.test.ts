/**
 * Replays of real servers' logs through a whole worker, embedded and on Kafka: by the command and over REST, beside the
 * live topics and in place, and offsets set by hand.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import mysql from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { RawConfig } from '#plugin'
import type { ConnectorStatus, ReplayStatus } from '#worker'
import { main } from '../../../../src/cli/main.ts'
import { kafkaWorkerProperties } from '../../../support/kafka-worker.ts'
import { type RestClient, restClient } from '../../../support/rest-client.ts'
import { type RestWorker, startRestWorker } from '../../../support/rest-worker.ts'
import { kafkaAvailable, kafkaServer } from '../../../support/services/kafka.ts'
import { mariaDbAvailable, mariaDbServer } from '../../../support/services/mariadb.ts'
import { mySqlAvailable, mySqlServer } from '../../../support/services/mysql.ts'

type Engine = 'mysql' | 'mariadb'
type Broker = 'embedded' | 'kafka'

const stages: readonly [Engine, Broker, boolean][] = [
  ['mysql', 'embedded', mySqlAvailable],
  ['mariadb', 'embedded', mariaDbAvailable],
  ['mysql', 'kafka', mySqlAvailable && kafkaAvailable],
]

describe.each(stages)('%s, %s', (engine, broker, available) => {
  describe.skipIf(!available)('replay', () => {
    const id = `replay_${engine}_${broker}_${process.pid}`
    const topic = `${id}.${id}.orders`
    const directory = mkdtempSync(join(tmpdir(), 'rowtap-replays-'))
    let db: mysql.Connection
    let worker: RestWorker
    let rest: RestClient
    const printed: string[] = []
    /** Before any connector; before the changes; in their midst. */
    let early: string
    let first: string
    let middle: string

    beforeAll(async () => {
      const address = await (engine === 'mysql' ? mySqlServer() : mariaDbServer())
      db = await mysql.createConnection({ ...address, multipleStatements: true })
      await db.query(`CREATE DATABASE ${id}; USE ${id}`)
      early = await position(db, engine)
      await db.query('CREATE TABLE orders (id INT PRIMARY KEY, item VARCHAR(20))')
      await db.query("INSERT INTO orders VALUES (1, 'lamp'), (2, 'desk')")
      const properties: RawConfig = broker === 'kafka' ? kafkaWorkerProperties(await kafkaServer(), id) : {}
      worker = await startRestWorker(directory, {
        ...{ 'key.converter': json, 'value.converter': json },
        ...{ 'key.converter.schemas.enable': 'false', 'value.converter.schemas.enable': 'false' },
        ...properties,
      })
      rest = restClient(`http://${worker.address}`)
      await rest.put(`/connectors/${id}/config`, connector(engine, id, address))
      await live(2)
      first = await position(db, engine)
      await db.query("INSERT INTO orders VALUES (3, 'chair'); UPDATE orders SET item = 'table' WHERE id = 2")
      middle = await position(db, engine)
      await db.query('ALTER TABLE orders ADD COLUMN note TEXT AFTER id; FLUSH BINARY LOGS')
      await db.query("INSERT INTO orders VALUES (4, 'new', 'bed'); DELETE FROM orders WHERE id = 1")
      await live(2 + 2 + 3)
    })
    afterAll(async () => {
      await worker?.[Symbol.asyncDispose]()
      await db?.query(`DROP DATABASE ${id}`)
      await db?.end()
      rmSync(directory, { recursive: true, force: true })
    })

    async function live(count: number): Promise<void> {
      for (let end = performance.now() + 60_000; (await size(worker, topic)) < count; await delay(50))
        if (performance.now() > end)
          throw new Error(
            `${topic} has too few: ${JSON.stringify(await rest.get(`/connectors/${id}/status`))}`,
          )
      expect(await size(worker, topic)).toBe(count)
    }

    async function replay(...flags: string[]): Promise<number> {
      printed.length = 0
      const spies = [process.stdout, process.stderr].map((stream) =>
        vi.spyOn(stream, 'write').mockImplementation((text) => printed.push(String(text)) > 0),
      )
      try {
        return await main(['node', 'rowtap', 'replay', id, ...flags, '--url', `http://${worker.address}`])
      } finally {
        for (const spy of spies) spy.mockRestore()
      }
    }

    test('beside the live topic: the same records, with the columns that the table had at each place', async () => {
      const history = await size(worker, `${id}.schema-history`)
      expect(await replay('--from', first, '--topic-suffix', '.a'), printed.join('')).toBe(0)
      const replayed = await records(worker, `${topic}.a`)
      expect(replayed).toEqual((await records(worker, topic)).slice(2))
      expect(replayed).toHaveLength(5)
      expect(Object.keys(replayed[0]?.value?.after ?? {})).toEqual(['id', 'item'])
      expect(Object.keys(replayed[2]?.value?.after ?? {})).toEqual(['id', 'note', 'item'])
      expect(printed.join('')).toContain(`From ${first} to `)
      expect(printed.join('')).toContain(`${topic}.a`)
      expect(printed.at(-1)).toMatch(/^Finished: \d+ records written/)
      expect((await rest.get<Offsets>(`/connectors/${id}/offsets`)).offsets).toHaveLength(1)
      expect(await size(worker, `${id}.schema-history`)).toBe(history)
      expect((await rest.get<ConnectorStatus>(`/connectors/${id}/status`)).tasks[0]?.state).toBe('RUNNING')
    })

    test('from a place to another, and from the GTIDs before it', async () => {
      expect(await replay('--from', first, '--to', middle, '--topic-suffix', '.b'), printed.join('')).toBe(0)
      expect(await records(worker, `${topic}.b`)).toEqual((await records(worker, topic)).slice(2, 4))
      const gtids = await gtidsAt(worker, topic)
      expect(await replay('--gtid', gtids, '--topic-suffix', '.c'), printed.join('')).toBe(0)
      expect((await records(worker, `${topic}.c`))[0]).toEqual((await records(worker, topic))[3])
    })

    test('only the tables asked for', async () => {
      expect(await replay('--from', first, '--tables', `${id}\\.nothing`)).toBe(1)
      expect(printed.join('')).toContain('No captured table matches')
      const tables = ['--tables', `${id}\\.ord.*`, '--topic-suffix', '.d']
      expect(await replay('--from', first, ...tables), printed.join('')).toBe(0)
      expect(await records(worker, `${topic}.d`)).toHaveLength(5)
    })

    test('what the history does not reach back to is refused, with where it begins', async () => {
      expect(await replay('--from', early)).toBe(1)
      expect(printed.join('')).toContain(`does not reach back to ${early}`)
    })

    test('a dry run over REST says what there is to read', async () => {
      const { status, answer } = await post(worker, id, { from: first, to: middle, dry_run: true })
      expect(status).toBe(200)
      expect(answer).toMatchObject({
        state: 'PLANNED',
        plan: { from: first, to: middle, events_estimated: false, topics: [topic], tables: [`${id}.orders`] },
      })
      expect(answer.plan?.bytes).toBeGreaterThan(0)
      expect(answer.plan?.events).toBeGreaterThan(0)
    })

    test('in place, over REST', async () => {
      const before = await size(worker, topic)
      expect((await post(worker, id, { from: first, to: middle })).status).toBe(202)
      const done = await rest.until<ReplayStatus>(
        `/connectors/${id}/replay`,
        ({ state }) => state !== 'PLANNING' && state !== 'RUNNING',
      )
      expect(done).toMatchObject({ state: 'FINISHED', progress: { position: middle, percent: 100 } })
      expect(await size(worker, topic)).toBe(before + 2)
    })

    test('an offset of file and pos alone: the connector goes on from there', async () => {
      const before = await size(worker, topic)
      await rest.put(`/connectors/${id}/stop`)
      await rest.until<ConnectorStatus>(`/connectors/${id}/status`, ({ tasks }) => tasks.length === 0)
      const [file, pos] = middle.split(':')
      const offset = { file, pos: Number(pos) }
      const response = await fetch(`http://${worker.address}/connectors/${id}/offsets`, {
        method: 'PATCH',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ offsets: [{ partition: { server: id }, offset }] }),
      })
      expect(await response.json()).toEqual({
        message: 'The offsets for this connector have been altered successfully',
      })
      const stored = await rest.get<Offsets>(`/connectors/${id}/offsets`)
      expect(stored.offsets[0]?.offset).toMatchObject({ ...offset, gtids: expect.any(String) })
      await rest.put(`/connectors/${id}/resume`)
      await live(before + 3)
      expect((await records(worker, topic)).slice(-3)).toEqual((await records(worker, topic)).slice(4, 7))
    })
  })
})

const json = 'org.apache.kafka.connect.json.JsonConverter'

interface Offsets {
  readonly offsets: readonly { readonly offset: Readonly<Record<string, unknown>> }[]
}

function connector(
  engine: Engine,
  id: string,
  { host, port, user, password }: { host: string; port: number; user: string; password: string },
): RawConfig {
  return {
    'connector.class': `${engine}-cdc`,
    ...{ 'topic.prefix': id, 'database.include.list': id },
    ...{ 'database.hostname': host, 'database.port': String(port) },
    ...{ 'database.user': user, 'database.password': password },
    'database.server.id': String(40_000 + (process.pid % 10_000)),
    'schema.history.internal.kafka.topic': `${id}.schema-history`,
    'schema.history.internal.store.only.captured.databases.ddl': 'true',
    ...(engine === 'mariadb' ? { 'database.ssl.mode': 'disable' } : {}),
  }
}

async function position(db: mysql.Connection, engine: Engine): Promise<string> {
  const [rows] = await db.query(engine === 'mysql' ? 'SHOW BINARY LOG STATUS' : 'SHOW MASTER STATUS')
  const [row] = rows as { File: string; Position: number }[]
  return `${row?.File}:${row?.Position}`
}

interface Event {
  readonly key: unknown
  readonly value: {
    readonly before: Readonly<Record<string, unknown>> | null
    readonly after: Readonly<Record<string, unknown>> | null
    readonly source: Readonly<Record<string, unknown>>
    readonly op: string
  } | null
}

async function size({ broker }: RestWorker, topic: string): Promise<number> {
  if ((await broker.admin.describe(topic)) === null) return 0
  const bounds = await broker.admin.bounds(topic)
  return bounds.reduce((sum, { next }) => sum + Number(next), 0)
}

/** But for the time at which they were made. */
async function records(worker: RestWorker, topic: string): Promise<Event[]> {
  const wanted = await size(worker, topic)
  const found: Event[] = []
  if (wanted === 0) return found
  await using reader = await worker.broker.reader({ topics: [topic], from: 'earliest' })
  while (found.length < wanted)
    for (const { key, value } of await reader.poll(1000, new AbortController().signal))
      found.push({ key: parsed(key), value: withoutTimes(parsed(value)) as Event['value'] })
  return found
}

function parsed(bytes: Uint8Array | null): unknown {
  return bytes === null ? null : JSON.parse(Buffer.from(bytes).toString())
}

function withoutTimes(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  const { ts_ms: _ms, ts_us: _us, ts_ns: _ns, ...rest } = value as Record<string, unknown>
  return rest
}

/** What was executed when the transaction of the first streamed change was over. */
async function gtidsAt(worker: RestWorker, topic: string): Promise<string> {
  const gtid = String((await records(worker, topic))[2]?.value?.source['gtid'])
  const at = gtid.lastIndexOf(':')
  return at < 0 ? gtid : `${gtid.slice(0, at)}:1-${gtid.slice(at + 1)}`
}

async function post(
  { address }: RestWorker,
  id: string,
  body: unknown,
): Promise<{ status: number; answer: ReplayStatus }> {
  const response = await fetch(`http://${address}/connectors/${id}/replay`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return { status: response.status, answer: (await response.json()) as ReplayStatus }
}
