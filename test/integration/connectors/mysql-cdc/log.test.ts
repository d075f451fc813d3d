/**
 * The log of real servers, followed as a task does: connections that are cut, new log files, definitions in between, XA
 * transactions that are decided after a restart. Nothing is missing and nothing comes twice.
 */
import { beforeAll, describe, expect, test } from 'vitest'
import { noHeaders, type OffsetMap, type SourceRecord } from '#data'
import { type Log, type LogParts, openLog } from '../../../../connectors/mysql-cdc/log.ts'
import { readOffset, resumeAt } from '../../../../connectors/mysql-cdc/offset.ts'
import {
  type Client,
  connect,
  type Login,
  logPosition,
  type Server,
  type ServerFacts,
  serverFacts,
} from '../../../../connectors/mysql-cdc/server/index.ts'
import { sourceIdentity } from '../../../../connectors/mysql-cdc/source-block.ts'
import type { ServerAddress } from '../../../support/services/address.ts'
import { mariaDbAvailable, startMariaDb } from '../../../support/services/mariadb.ts'
import { mySqlAvailable, startMySql } from '../../../support/services/mysql.ts'
import type { RunningServer } from '../../../support/services/shared.ts'
import { schemaStage } from '../../../unit/connectors/mysql-cdc/tables/schema-stage.ts'
import { loginOf } from './server/stage.ts'

const mariadbLog = ['--log-bin=binlog', '--server-id=1', '--binlog-format=ROW']
const withoutGtids = ['--gtid-mode=OFF', '--enforce-gtid-consistency=OFF']

for (const [name, server, available, start] of [
  ['mysql with GTIDs', 'mysql', mySqlAvailable, () => startMySql()],
  ['mysql without GTIDs', 'mysql', mySqlAvailable, () => startMySql(withoutGtids)],
  ['mariadb', 'mariadb', mariaDbAvailable, () => startMariaDb(mariadbLog)],
] as const)
  describe.skipIf(!available)(name, () => logTests(server, start))

const signal = new AbortController().signal
const silent = {
  ...{ trace: () => {}, debug: () => {}, info: () => {} },
  ...{ warn: () => {}, error: () => {}, fatal: () => {} },
}

function logTests(server: Server, start: () => Promise<RunningServer<ServerAddress>>): void {
  let login: Login
  let client: Client
  let facts: ServerFacts
  let parts: LogParts

  beforeAll(async () => {
    const running = await start()
    login = loginOf(running.address, server)
    client = await connect(login)
    facts = await serverFacts(client)
    return async () => {
      await client.end()
      await running.stop()
    }
  })

  /** A table, known to a schema of its own, and the log behind it. */
  async function begin(database: string): Promise<Log> {
    const { keeper, versions, capture } = schemaStage({
      server,
      capture: { 'database.include.list': database },
    })
    const table = 'CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20))'
    await client.query(`CREATE DATABASE ${database}`)
    await client.query(table.replace(' t ', ` ${database}.t `))
    const place = await logPosition(client, facts)
    const statements = [`CREATE DATABASE ${database}`, table].map((ddl) => ({ database, ddl }))
    await keeper.snapshot(statements, { file: place.file, pos: place.pos }, 0)
    parts = {
      partition: { server: 'p' },
      identity: sourceIdentity(server, '1', 'p'),
      headers: noHeaders,
      rows: { tombstones: false, skipped: new Set(), skipUnchanged: false },
      ...{ capture, versions, schema: keeper, schemaTopic: null, comments: false, query: false },
      ...{ filtersRows: false, transactions: null, failures: 'fail', log: silent },
      metrics: { counter: () => ({ inc: () => {} }), gauge: () => ({ set: () => {} }) },
      stream: {
        login,
        binlog: {
          ...{ serverId: 7000 + Math.floor(Math.random() * 1000), annotateRows: false, heartbeatMs: 200 },
          ...{ maxBytes: 1 << 20, netWriteTimeoutSeconds: 0, netReadTimeoutSeconds: 0 },
          nongracefulDisconnect: false,
        },
        ...{
          secondServerId: 9000 + Math.floor(Math.random() * 1000),
          usesGtids: true,
          counts: null,
          recordsPerPoll: 3,
          retries: -1,
          longestWaitMs: 200,
        },
      },
    }
    return openLog(parts, resumeAt(place))
  }

  async function records(log: Log, count: number): Promise<SourceRecord[]> {
    const found: SourceRecord[] = []
    const end = performance.now() + 20_000
    while (found.length < count && performance.now() < end)
      found.push(...(await log.poll(performance.now() + 1000, signal)))
    return found
  }

  const ids = (found: readonly SourceRecord[]) =>
    found.map(({ key }) => (key.value() as { values: unknown[] }).values[0])

  async function cut(): Promise<void> {
    const threads = await client.query('SHOW PROCESSLIST')
    for (const { Id, Command } of threads)
      if (Command?.startsWith('Binlog Dump') === true) await client.query(`KILL ${Id}`)
  }

  const insert = (database: string, from: number, to: number) => {
    const rows = Array.from({ length: to - from + 1 }, (_, i) => `(${from + i}, 'x')`)
    return client.query(`INSERT INTO ${database}.t (id, v) VALUES ${rows.join(', ')}`)
  }

  test('cut connections, new files and definitions: no row is missing, none comes twice', async () => {
    const database = 'l_cuts'
    await using log = await begin(database)
    const found: SourceRecord[] = []
    const until = async (count: number) => found.push(...(await records(log, count - found.length)))
    for (let i = 1; i <= 10; i++) await insert(database, i, i)
    await until(4)
    await cut()
    await until(10)
    await client.query('FLUSH BINARY LOGS')
    await client.query(`ALTER TABLE ${database}.t ADD COLUMN w INT FIRST`)
    await insert(database, 11, 20)
    await until(12)
    await cut()
    await insert(database, 21, 30)
    await until(30)
    expect(ids(found)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1))
    const last = found.at(-1)?.value.value() as { values: { values: unknown[] }[] }
    expect(last.values[1]?.values).toEqual([null, 30, 'x'])
  })

  test('behind each row of a transaction a restart goes on', async () => {
    const database = 'l_restarts'
    const log = await begin(database)
    await client.query(`BEGIN`)
    for (const i of [1, 4, 7]) await insert(database, i, i + 2)
    await client.query(`COMMIT`)
    const found = await records(log, 9)
    await log[Symbol.asyncDispose]()
    for (const [i, { from }] of found.entries()) {
      await insert(database, 100 + i, 100 + i)
      await using again = openLog(parts, readOffset(from.offset() as OffsetMap).resume)
      const expected = [...ids(found).slice(i + 1), ...Array.from({ length: i + 1 }, (_, k) => 100 + k)]
      expect(ids(await records(again, expected.length))).toEqual(expected)
    }
  })

  test('an XA transaction that is decided after a restart', async () => {
    const database = 'l_xa'
    const log = await begin(database)
    const prepare = async (name: string, id: number) => {
      const session = await connect(login)
      await session.query(`XA START '${name}'`)
      await session.query(`INSERT INTO ${database}.t (id, v) VALUES (${id}, 'xa'), (${id + 1}, 'xa')`)
      await session.query(`XA END '${name}'`)
      await session.query(`XA PREPARE '${name}'`)
      await session.end()
    }
    await insert(database, 1, 2)
    await prepare('one', 10)
    await prepare('two', 20)
    await insert(database, 3, 4)
    const before = await records(log, 4)
    expect(ids(before)).toEqual([1, 2, 3, 4])
    await log[Symbol.asyncDispose]()
    // The sessions are gone, what they prepared is not.
    await client.query(`XA COMMIT 'one'`)
    await insert(database, 5, 5)
    await client.query(`XA ROLLBACK 'two'`)
    await insert(database, 6, 6)
    const offsets = before.slice(1).map(({ from }) => from.offset() as OffsetMap)
    for (const [i, offset] of offsets.entries()) {
      await using again = openLog(parts, readOffset(offset).resume)
      const expected = [...[3, 4].slice(Math.max(0, i)), 10, 11, 5, 6]
      const rest = await records(again, expected.length)
      expect(ids(rest), `behind ${i + 2}`).toEqual(expected)
      // Within the rows of the decided one.
      const within = rest[expected.indexOf(10)]?.from.offset() as OffsetMap
      await using third = openLog(parts, readOffset(within).resume)
      expect(ids(await records(third, 3)), `behind ${JSON.stringify(Object.keys(within))}`).toEqual([
        11, 5, 6,
      ])
    }
  })

  test.each(server === 'mysql' ? ['plain', 'compressed'] : ['plain'])(
    'a large XA transaction is read again, behind a restart within it too: %s',
    async (form) => {
      const database = `l_large_${form}`
      const session = await connect(login)
      if (form === 'compressed') await session.query('SET SESSION binlog_transaction_compression = ON')
      const log = await begin(database)
      const numbers = Array.from({ length: 1000 }, (_, i) => i + 1)
      const rows = (from: number) => numbers.map((i) => `(${from + i}, 'twenty bytes of text')`).join(', ')
      await session.query("XA START 'large'")
      for (let i = 0; i < 100; i++)
        await session.query(`INSERT INTO ${database}.t (id, v) VALUES ${rows(i * 1000)}`)
      await session.query("XA END 'large'")
      await session.query("XA PREPARE 'large'")
      await session.end()
      await insert(database, 200_001, 200_001)
      const first = await records(log, 1)
      expect(ids(first)).toEqual([200_001])
      await client.query("XA COMMIT 'large'")
      await insert(database, 200_002, 200_002)
      const expected = Array.from({ length: 100_000 }, (_, i) => i + 1)
      const some = await records(log, 50_000)
      const lost = cut()
      const found = [...some, ...(await records(log, 100_001 - some.length))]
      await lost
      expect(ids(found)).toEqual([...expected, 200_002])
      await log[Symbol.asyncDispose]()
      const resume = readOffset(found[69_999]?.from.offset() as OffsetMap).resume
      await using again = openLog(parts, resume)
      expect(ids(await records(again, 30_001))).toEqual([...expected.slice(70_000), 200_002])
    },
  )

  test('a table that is emptied tells of it, in both ways of saying so', async () => {
    const database = 'l_emptied'
    await using log = await begin(database)
    await insert(database, 1, 1)
    await client.query(`TRUNCATE TABLE ${database}.t`)
    await insert(database, 2, 2)
    await client.query(`TRUNCATE ${database}.t`)
    const found = await records(log, 4)
    const operations = (of: readonly SourceRecord[]) =>
      of.map(({ value }) => (value.value() as { values: unknown[] }).values[4])
    expect(operations(found)).toEqual(['c', 't', 'c', 't'])
    await using again = openLog(parts, readOffset(found[1]?.from.offset() as OffsetMap).resume)
    expect(operations(await records(again, 2))).toEqual(['c', 't'])
  })

  test('a file that is gone halts', async () => {
    const log = await begin('l_gone')
    await log[Symbol.asyncDispose]()
    await using lost = openLog(parts, { ...resumeAt({ file: 'binlog.900000', pos: 4, gtids: null }) })
    await expect(lost.poll(performance.now() + 5000, signal)).rejects.toThrow(
      /cannot be read on from here: .*binlog\.900000/,
    )
  })
}
