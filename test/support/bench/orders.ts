/**
 * The workloads on PostgreSQL: a table of ten columns (a record of it is about 965 bytes with key and headers), read
 * by a snapshot or as a backlog of the log, through a worker process that is watched from outside.
 */
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import type { PostgresAddress } from '../services/postgres.ts'
import type { WorkerProcess } from '../worker-process.ts'
import { type Throughput, watch } from './usage.ts'

/** `stream`: a backlog in transactions of 1,000 rows; `oltp`: of single rows. */
export type Scenario = 'snapshot' | 'stream' | 'oltp'

export interface Workload {
  readonly scenario: Scenario
  readonly rows: number
  readonly schemas: boolean
  /** Names connector, topics, slot and publication. */
  readonly name: string
  readonly server: PostgresAddress
  readonly worker: WorkerProcess
  /** Records in a topic; 0 where it is not made yet. */
  stored(topic: string): Promise<number>
}

const columns = `id bigint PRIMARY KEY, customer bigint NOT NULL, name varchar(64), note varchar(128), amount decimal(12,2),
  quantity int, paid boolean, created timestamp(6), updated timestamptz(3), doc text`
const row = `i, i * 1000003::bigint, 'customer number ' || i, 'note for the order with number ' || i, (i * 37 % 100000) / 100.0,
  i % 17, i % 3 = 0, timestamp '2026-01-01' + i * interval '7.123456 s', timestamptz '2026-01-01 UTC' + i * interval '3.217 s',
  '{"id":' || i || ',"tags":["a","b"],"text":"some json text of eighty bytes or so"}'`

/** Makes the table anew, runs the workload, and takes connector, slot and publication away again. */
export async function run(workload: Workload): Promise<Throughput> {
  const { scenario, rows, name, server, worker, stored } = workload
  const topic = `${name}.public.orders`
  const client = new pg.Client({ ...server, database: 'postgres' })
  await client.connect()
  try {
    await client.query(`DROP TABLE IF EXISTS orders; CREATE TABLE orders (${columns})`)
    if (scenario === 'snapshot') await insert(client, 0, rows, 1000)
    await worker.send('POST', '/connectors', { name, config: configOf(workload) })
    if (scenario !== 'snapshot') await fillBacklog(workload, client)
    return await watch(worker.process.pid ?? 0, rows, () => stored(topic))
  } finally {
    await worker.send('DELETE', `/connectors/${name}`)
    await dropSlot(client, name)
    await client.end()
  }
}

/** The slot is made and left by a task that is stopped again; what comes then is the backlog. */
async function fillBacklog({ worker, name, rows, scenario }: Workload, client: pg.Client): Promise<void> {
  const path = `/connectors/${name}`
  while (
    (await client.query('SELECT 1 FROM pg_replication_slots WHERE active AND slot_name = $1', [name]))
      .rowCount === 0
  )
    await delay(50)
  await worker.send('PUT', `${path}/stop`)
  await worker.until<{ tasks: unknown[] }>(path, ({ tasks }) => tasks.length === 0)
  await insert(client, 0, rows, scenario === 'oltp' ? 1 : 1000)
  await worker.send('PUT', `${path}/resume`)
}

async function insert(client: pg.Client, from: number, to: number, each: number): Promise<void> {
  if (each === 1) {
    await client.query(
      `DO $$ BEGIN FOR i IN ${from + 1}..${to} LOOP INSERT INTO orders SELECT ${row.replaceAll('i *', 'i::bigint *')}; COMMIT; END LOOP; END $$`,
    )
    return
  }
  for (let at = from; at < to; at += each)
    await client.query(`INSERT INTO orders SELECT ${row} FROM generate_series($1::bigint, $2::bigint) i`, [
      at + 1,
      Math.min(at + each, to),
    ])
}

async function dropSlot(client: pg.Client, name: string): Promise<void> {
  const slot = 'SELECT 1 FROM pg_replication_slots WHERE active AND slot_name = $1'
  while (((await client.query(slot, [name])).rowCount ?? 0) > 0) await delay(20)
  await client.query(
    'SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1',
    [name],
  )
  await client.query(`DROP PUBLICATION IF EXISTS ${name}`)
}

function configOf({ scenario, schemas, name, server }: Workload): Record<string, string> {
  const json = 'org.apache.kafka.connect.json.JsonConverter'
  return {
    'connector.class': 'io.debezium.connector.postgresql.PostgresConnector',
    'database.hostname': server.host,
    'database.port': String(server.port),
    'database.user': server.user,
    'database.password': server.password,
    'database.dbname': 'postgres',
    'topic.prefix': name,
    'slot.name': name,
    'publication.name': name,
    'plugin.name': 'pgoutput',
    'publication.autocreate.mode': 'filtered',
    'table.include.list': 'public.orders',
    'snapshot.mode': scenario === 'snapshot' ? 'initial' : 'no_data',
    'value.converter': json,
    'value.converter.schemas.enable': String(schemas),
    'key.converter': json,
    'key.converter.schemas.enable': String(schemas),
  }
}
