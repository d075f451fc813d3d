/** The table of the workloads in MySQL: in the server that ROWTAP_TEST_MYSQL names, else in one of its own. */
import mysql from 'mysql2/promise'
import { addressIn } from '../services/address.ts'
import { startMySql } from '../services/mysql.ts'
import type { Orders } from './orders.ts'

const columns = `id BIGINT PRIMARY KEY, customer BIGINT NOT NULL, name VARCHAR(64), note VARCHAR(128), amount DECIMAL(12,2),
  quantity INT, paid BOOLEAN, created DATETIME(6), updated TIMESTAMP(3) NULL, doc JSON`
const row = `i, i * 1000003, CONCAT('customer number ', i), CONCAT('note for the order with number ', i), MOD(i * 37, 100000) / 100,
  MOD(i, 17), MOD(i, 3) = 0, TIMESTAMP'2026-01-01 00:00:00' + INTERVAL i * 7.123456 SECOND,
  TIMESTAMP'2026-01-01 00:00:00' + INTERVAL MOD(i, 8000000) * 3.217 SECOND,
  JSON_OBJECT('id', i, 'tags', JSON_ARRAY('a', 'b'), 'text', 'some json text of eighty bytes or so')`

export async function mysqlOrders(): Promise<Orders> {
  const given = addressIn('ROWTAP_TEST_MYSQL', 3306)
  const own = given === null ? await startMySql(['--innodb-buffer-pool-size=256M']) : null
  const server = given ?? (own as NonNullable<typeof own>).address
  const connect = () => mysql.createConnection({ ...server, timezone: 'Z' })
  const database = `race_${process.pid}`
  const client = await connect()
  return {
    topic: `${database}.orders`,
    async create() {
      await client.query(`DROP DATABASE IF EXISTS ${database}`)
      await client.query(`CREATE DATABASE ${database}`)
      await client.query(`USE ${database}`)
      await client.query(`CREATE TABLE orders (${columns})`)
      await client.query(
        `CREATE PROCEDURE fill(i BIGINT, last BIGINT) WHILE i <= last DO INSERT INTO orders VALUES (${row}); SET i = i + 1; END WHILE`,
      )
    },
    insert: (from, to, each) => insert(client, from, to, each),
    async writer() {
      const session = await connect()
      const sql = `INSERT INTO ${database}.orders (id, customer, note) VALUES (?, ?, ?)`
      return {
        insert: async (id, note) => void (await session.execute(sql, [id, id, note])),
        [Symbol.asyncDispose]: () => session.end(),
      }
    },
    config: () => ({
      'connector.class': 'io.debezium.connector.mysql.MySqlConnector',
      'database.hostname': server.host,
      'database.port': String(server.port),
      'database.user': server.user,
      'database.password': server.password,
      'database.server.id': String(6000 + (process.pid % 1000)),
      'database.include.list': database,
      'include.schema.changes': 'false',
    }),
    forget: async () => {},
    async [Symbol.asyncDispose]() {
      await client.query(`DROP DATABASE IF EXISTS ${database}`)
      await client.end()
      await own?.stop()
    },
  }
}

async function insert(client: mysql.Connection, from: number, to: number, each: number): Promise<void> {
  if (each === 1) {
    await client.query('CALL fill(?, ?)', [from + 1, to])
    return
  }
  const numbers = 'WITH RECURSIVE n(i) AS (SELECT ? UNION ALL SELECT i + 1 FROM n WHERE i < ?)'
  for (let at = from; at < to; at += each)
    await client.query(`INSERT INTO orders ${numbers} SELECT ${row} FROM n`, [
      at + 1,
      Math.min(at + each, to),
    ])
}
