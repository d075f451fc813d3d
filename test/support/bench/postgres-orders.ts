/** The table of the workloads in PostgreSQL. */
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { startPostgres } from '../services/postgres.ts'
import type { Orders } from './orders.ts'

const columns = `id bigint PRIMARY KEY, customer bigint NOT NULL, name varchar(64), note varchar(128), amount decimal(12,2),
  quantity int, paid boolean, created timestamp(6), updated timestamptz(3), doc text`
const row = `i, i * 1000003::bigint, 'customer number ' || i, 'note for the order with number ' || i, (i * 37 % 100000) / 100.0,
  i % 17, i % 3 = 0, timestamp '2026-01-01' + i * interval '7.123456 s', timestamptz '2026-01-01 UTC' + i * interval '3.217 s',
  '{"id":' || i || ',"tags":["a","b"],"text":"some json text of eighty bytes or so"}'`

/** In a server of its own. */
export async function postgresOrders(): Promise<Orders> {
  const server = await startPostgres(['max_wal_size=4GB', 'shared_buffers=256MB'])
  const connect = async (): Promise<pg.Client> => {
    const client = new pg.Client({ ...server, database: 'postgres' })
    await client.connect()
    return client
  }
  const client = await connect()
  return {
    topic: 'public.orders',
    create: async () =>
      void (await client.query(`DROP TABLE IF EXISTS orders; CREATE TABLE orders (${columns})`)),
    insert: (from, to, each) => insert(client, from, to, each),
    async writer() {
      const own = await connect()
      const sql = 'INSERT INTO orders (id, customer, note) VALUES ($1, $1, $2)'
      return {
        insert: async (id, note) => void (await own.query({ name: 'insert', text: sql, values: [id, note] })),
        [Symbol.asyncDispose]: () => own.end(),
      }
    },
    config: (name) => ({
      'connector.class': 'io.debezium.connector.postgresql.PostgresConnector',
      'database.hostname': server.host,
      'database.port': String(server.port),
      'database.user': server.user,
      'database.password': server.password,
      'database.dbname': 'postgres',
      'slot.name': name,
      'publication.name': name,
      'plugin.name': 'pgoutput',
      'publication.autocreate.mode': 'filtered',
      'table.include.list': 'public.orders',
    }),
    forget: (name) => dropSlot(client, name),
    async [Symbol.asyncDispose]() {
      await client.end()
      await server.stop()
    },
  }
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
