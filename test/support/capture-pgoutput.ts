/**
 * Records real pgoutput messages of a ten-column table (500 inserts, 100 updates, 50 deletes) into
 * `test/golden/pgoutput/orders.bin`: per message a 4-byte length, then its bytes. Run again with
 *   node --conditions=rowtap-source test/support/capture-pgoutput.ts
 */
import { writeFileSync } from 'node:fs'
import pg from 'pg'
import { startPostgres } from './services/postgres.ts'

const server = await startPostgres()
const client = new pg.Client({ ...server, database: 'postgres' })
await client.connect()
await client.query(`CREATE TABLE orders (id int PRIMARY KEY, customer bigint NOT NULL, name varchar(64), note varchar(128),
  amount decimal(12,2), quantity int, paid boolean, created timestamp(6), updated timestamptz(3), doc json)`)
await client.query(`ALTER TABLE orders REPLICA IDENTITY FULL`)
await client.query(`CREATE PUBLICATION p FOR TABLE orders`)
await client.query(`SELECT pg_create_logical_replication_slot('s', 'pgoutput')`)
await client.query(`INSERT INTO orders SELECT i, i * 1000003::bigint, 'Grüße Nr. ' || i, 'note for the order with number ' || i,
  (i * 37 % 100000) / 100.0, i % 17, i % 3 = 0, timestamp '2026-01-01' + i * interval '7.123456 s',
  timestamptz '2026-01-01 UTC' + i * interval '3.217 s', json_build_object('id', i, 'tags', array['a', 'b'], 'text', 'some json text of eighty bytes or so')
  FROM generate_series(1, 500) i`)
await client.query(`UPDATE orders SET quantity = quantity + 1 WHERE id <= 100`)
await client.query(`DELETE FROM orders WHERE id > 450`)
const { rows } = await client.query<{ data: Buffer }>(
  `SELECT data FROM pg_logical_slot_get_binary_changes('s', NULL, NULL, 'proto_version', '1', 'publication_names', 'p')`,
)
const parts = rows.flatMap(({ data }) => {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  return [length, data]
})
writeFileSync(new URL('../golden/pgoutput/orders.bin', import.meta.url), Buffer.concat(parts))
await client.end()
await server.stop()
