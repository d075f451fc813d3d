/** Incremental and blocking snapshots between the changes of real servers, with restarts: the sink equals the tables. */
import { afterAll, expect, test } from 'vitest'
import { ChangeEvent, notificationFields, Notifier, signalFields } from '#cdc'
import { materialize, type OffsetMap, type SourceRecord, type Struct } from '#data'
import type { Logger } from '#observe'
import { parseConfig, type RawConfig, type SourceContext } from '#plugin'
import { mariadbFields, mysqlFields } from '../../../../../connectors/mysql-cdc/config/servers.ts'
import type { MysqlConfig } from '../../../../../connectors/mysql-cdc/config/servers.ts'
import { openSignals, SignalledLog, watched } from '../../../../../connectors/mysql-cdc/incremental/index.ts'
import { type HistoryPosition, positionOrder } from '../../../../../connectors/mysql-cdc/history/index.ts'
import { readOffset } from '../../../../../connectors/mysql-cdc/offset.ts'
import {
  readLog,
  snapshotParts,
  type TaskParts,
  taskParts,
} from '../../../../../connectors/mysql-cdc/parts.ts'
import { connect, type Server, serverFacts } from '../../../../../connectors/mysql-cdc/server/index.ts'
import { SnapshotPhase } from '../../../../../connectors/mysql-cdc/snapshot/index.ts'
import { random } from '../../../../support/ddl/random.ts'
import { MemoryTopicLogs } from '../../../../support/memory-topic-logs.ts'
import { mariaDbServer } from '../../../../support/services/mariadb.ts'
import { mySqlServer } from '../../../../support/services/mysql.ts'
import { loginOf } from '../server/stage.ts'

const addresses = { mysql: await mySqlServer(), mariadb: await mariaDbServer() }
const servers: readonly (readonly [Server, RawConfig])[] = [
  ['mysql', {}],
  ['mysql', { 'read.only': 'true' }],
  ['mysql', { 'incremental.snapshot.watermarking.strategy': 'insert_delete' }],
  ['mariadb', {}],
  ['mariadb', { 'read.only': 'true' }],
]

const told: string[] = []
const tell = (fields: unknown, message = '') => void told.push(`${message} ${JSON.stringify(fields)}`)
const quiet = () => {}
const log = {
  trace: quiet,
  debug: quiet,
  info: quiet,
  warn: tell,
  error: tell,
  fatal: tell,
} as unknown as Logger

class Source {
  readonly sink = new Map<string, unknown>()
  readonly offsets: OffsetMap[] = []
  readonly #server: Server
  readonly #raw: RawConfig
  readonly #logs = new MemoryTopicLogs()
  #stop = new AbortController()
  #running: SignalledLog | null = null
  #parts: TaskParts | null = null
  busy = true
  snapshots = false

  constructor(server: Server, raw: RawConfig) {
    this.#server = server
    this.#raw = raw
  }

  async start(stored: OffsetMap | null): Promise<void> {
    this.#stop = new AbortController()
    const raw = this.#raw
    const fields = {
      ...(this.#server === 'mysql' ? mysqlFields : mariadbFields),
      ...signalFields,
      ...notificationFields,
    }
    const config = parseConfig(fields, raw)
    const login = loginOf(addresses[this.#server], this.#server)
    const client = await connect(login)
    const facts = await serverFacts(client)
    await client.end()
    const context: SourceContext = {
      ...{ connector: 'c', task: 0, log, signal: this.#stop.signal },
      metrics: { counter: () => ({ inc: quiet }), gauge: () => ({ set: quiet }) },
      offset: async () => stored,
      topicLog: (options) => this.#logs.open(options),
    }
    const parts = taskParts({
      raw,
      config: config as unknown as MysqlConfig,
      context,
      server: this.#server,
      facts,
    })
    this.#parts = parts
    if (stored !== null) {
      const numbers = Object.entries(stored).map(([key, value]) => [
        key,
        typeof value === 'bigint' ? Number(value) : value,
      ])
      const place = Object.fromEntries(numbers) as HistoryPosition
      await parts.schema.recover(positionOrder(this.#server, place, null))
    }
    const notifier = new Notifier({ server: 'p', topic: 'notes', logs: false, log })
    let running: SignalledLog | null = null
    const signals = openSignals({
      ...{ raw, config, context, login, facts, notifier, stored, filtered: false, actions: {} },
      ...{ identity: parts.identity, headers: parts.headers, schema: parts.schema },
      ...{ capture: parts.capture, versions: parts.versions },
      reader: () => running?.log?.reader ?? null,
    })
    parts.schema.ddl = watched(parts.schema.ddl.bind(parts.schema), () => signals.stage)
    const initial = {
      ...{
        schema: true,
        from: null,
        offset: null,
        progress: null,
        tables: [],
        selects: new Map<string, string>(),
      },
    }
    const schemaOnly = () =>
      new SnapshotPhase(snapshotParts(parts), { ...initial, kind: 'initial', data: false })
    running = new SignalledLog(
      {
        ...{ signals, stream: true, openLog: (from) => readLog(parts, from) },
        openSnapshot: ({ tables, statements }, from) =>
          new SnapshotPhase(snapshotParts(parts), {
            ...initial,
            ...{ kind: 'blocking', data: true, from, tables, selects: statements },
          }),
      },
      stored === null ? schemaOnly() : readOffset(stored).resume,
    )
    this.#running = running
    this.#stage = () => signals.stage.busy
  }
  #stage: () => boolean = () => false

  async poll(): Promise<number> {
    const records = (await this.#running?.poll(performance.now() + 20, this.#stop.signal)) ?? []
    for (const record of records) this.#give(record)
    this.busy = this.#stage() || this.#running?.log === null
    this.snapshots = this.#running?.snapshot !== null
    return records.length
  }

  #give(record: SourceRecord): void {
    const offset = record.from.offset()
    if (offset !== null) this.offsets.push(offset)
    const { value } = record
    if (!(value instanceof ChangeEvent) || value.table.table === 'sig') return
    const event = materialize(value) as Struct
    const [before, after] = [event.raw('before'), event.raw('after')].map(
      (row) => (row as Struct | null)?.values ?? null,
    )
    const { table } = value.table
    if (value.operation === 't')
      for (const key of this.sink.keys()) if (key.startsWith(`${table} `)) this.sink.delete(key)
    if (before !== null && before !== undefined) this.sink.delete(`${table} ${before[0]}`)
    if (after !== null && after !== undefined) this.sink.set(`${table} ${after[0]}`, after[1])
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#running?.[Symbol.asyncDispose]()
    await this.#parts?.schema[Symbol.asyncDispose]()
  }
}

test.each(servers)('%s %o', async (server, more) => {
  const database = `signals_${process.pid}_${servers.findIndex(([, each]) => each === more)}`
  const address = addresses[server]
  const client = await connect(loginOf(address, server))
  const { chance, below, pick } = random(servers.findIndex(([, each]) => each === more) + 5)
  afterAll(async () => {
    await client.query(`DROP DATABASE IF EXISTS ${database}`)
    await client.end()
  })
  for (const statement of [
    `DROP DATABASE IF EXISTS ${database}`,
    `CREATE DATABASE ${database}`,
    `USE ${database}`,
    'CREATE TABLE sig (id VARCHAR(64) PRIMARY KEY, type VARCHAR(32), data TEXT)',
    'CREATE TABLE a (pk VARCHAR(9) PRIMARY KEY, v INT)',
    'CREATE TABLE b (pk INT PRIMARY KEY, v INT)',
    `INSERT INTO a VALUES ${Array.from({ length: 60 }, (_, i) => `('k${i}', ${i})`).join(', ')}`,
    `INSERT INTO b VALUES ${Array.from({ length: 25 }, (_, i) => `(${i}, ${i})`).join(', ')}`,
  ])
    await client.query(statement)
  const source = new Source(server, {
    ...{ 'topic.prefix': 'p', 'database.server.id': String(6_000_000 + process.pid) },
    ...{ 'database.hostname': address.host, 'database.port': String(address.port) },
    ...{ 'database.user': address.user, 'database.password': address.password ?? '' },
    ...{ 'database.include.list': database, 'signal.data.collection': `${database}.sig` },
    ...{
      'incremental.snapshot.chunk.size': '7',
      'skipped.operations': 'none',
      'include.schema.changes': 'false',
      'snapshot.locking.mode': 'none',
    },
    ...{
      'schema.history.internal.kafka.topic': 'history',
      'schema.history.internal.kafka.bootstrap.servers': 'x:1',
    },
    ...more,
  })
  await source.start(null)
  const signal = (type: string) =>
    client.query('INSERT INTO sig VALUES (UUID(), ?, ?)', [
      'execute-snapshot',
      JSON.stringify({ type, 'data-collections': [`${database}.[ab]`] }),
    ])
  while (source.busy) await source.poll()
  await signal('incremental')
  for (let turn = 0, altered = 0; turn < 150; turn++) {
    const key = below(70)
    if (chance(50)) await client.query(`REPLACE INTO a VALUES ('k${key}', ${turn + 1000})`)
    if (chance(20)) await client.query(`DELETE FROM a WHERE pk = 'k${below(70)}'`)
    if (chance(30)) await client.query(`REPLACE INTO b (pk, v) VALUES (${below(30)}, ${turn + 5000})`)
    // The snapshot's view would hold the statement up, and the test with it.
    while (source.snapshots) await source.poll()
    if (chance(2)) await client.query(`ALTER TABLE b ADD COLUMN c${altered++} INT`)
    if (turn === 60) await client.query('TRUNCATE TABLE a')
    if (turn === 40 || turn === 110) await signal(turn === 40 ? 'blocking' : 'incremental')
    if (chance(70)) await source.poll()
    if (chance(4)) {
      await source.stop()
      await source.start(pick(source.offsets.slice(-15)) ?? null)
    }
  }
  const deadline = performance.now() + 30_000
  for (let idle = 0; idle < 8 && performance.now() < deadline; )
    idle = (await source.poll()) === 0 && !source.busy ? idle + 1 : 0
  await source.stop()
  const rows = [
    ...(await client.query("SELECT CONCAT('a ', pk) AS k, v FROM a")),
    ...(await client.query("SELECT CONCAT('b ', pk) AS k, v FROM b")),
  ]
  expect(told.splice(0).filter((line) => !line.includes('altered while'))).toEqual([])
  expect(source.busy).toBe(false)
  expect([...source.sink].sort()).toEqual(rows.map(({ k, v }) => [k, Number(v)]).sort())
})
