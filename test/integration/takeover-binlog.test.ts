/**
 * Debezium's connectors for MySQL and MariaDB are taken over in mid-stream, on their topics of offsets and history, and
 * handed back, with definitions on both sides and while nobody runs: each change arrives once and in order, with the
 * columns that its table had.
 */
import mysql from 'mysql2/promise'
import { describe, expect, test } from 'vitest'
import { type Broker, openKafkaBroker } from '#broker'
import { readAll } from '../contract/broker/support.ts'
import type { ServerAddress } from '../support/services/address.ts'
import { connectAvailable } from '../support/services/connect.ts'
import { kafkaServer } from '../support/services/kafka.ts'
import { mariaDbAvailable, startMariaDb } from '../support/services/mariadb.ts'
import { mySqlAvailable, startMySql } from '../support/services/mysql.ts'
import { running, Shift } from '../support/takeover.ts'

const classes = { mysql: 'mysql.MySqlConnector', mariadb: 'mariadb.MariaDbConnector' } as const
const withoutGtids = ['--gtid-mode=OFF', '--enforce-gtid-consistency=OFF']

describe.skipIf(!connectAvailable)('takeover', { timeout: 900_000 }, () => {
  for (const [name, flavor, available, start] of [
    ['MySQL', 'mysql', mySqlAvailable, () => startMySql()],
    ['MySQL without GTIDs', 'mysql', mySqlAvailable, () => startMySql(withoutGtids)],
    ['MariaDB', 'mariadb', mariaDbAvailable, () => startMariaDb()],
  ] as const)
    test.skipIf(!available)(`of Debezium's connector, and back: ${name}`, async () => {
      const server = await start()
      try {
        await takeover(flavor, server.address, `takeover_${name.replaceAll(' ', '_')}_${process.pid}`)
      } finally {
        await server.stop()
      }
    })
})

async function takeover(flavor: keyof typeof classes, address: ServerAddress, id: string): Promise<void> {
  const bootstrap = await kafkaServer()
  await using broker = await openKafkaBroker({ properties: { 'bootstrap.servers': bootstrap } })
  const shift = new Shift(bootstrap, id)
  const db = await mysql.createConnection(address)
  await db.query('CREATE DATABASE shop')
  await db.query('USE shop')
  await db.query('CREATE TABLE t (id INT PRIMARY KEY, who VARCHAR(40))')
  const expected: Row[] = []
  /** The names of the columns behind `id`, and what to fill them with. */
  let columns = ['who']
  const insert = async (who: string, rows = 1): Promise<void> => {
    await db.query('BEGIN')
    for (let i = 0; i < rows; i++) {
      const row: Row = { id: expected.length + 1 }
      for (const column of columns) row[column] = `${who} ${i}`
      expected.push(row)
      await db.query('INSERT INTO t SET ?', [row])
    }
    await db.query('COMMIT')
  }
  const alter = async (clause: string, after: string[]): Promise<void> => {
    await db.query(`ALTER TABLE t ${clause}`)
    columns = after
  }
  const arrived = () =>
    expect.poll(() => rows(broker, `${id}.shop.t`), { timeout: 90_000, interval: 300 }).toEqual(expected)
  try {
    await insert('snapshot', 2)
    await shift.connect(async (rest) => {
      await rest.put('/connectors/db/config', configuration(flavor, address, id, bootstrap))
      await arrived()
      await insert('Debezium', 3)
      await alter('ADD COLUMN a VARCHAR(40) FIRST', ['a', 'who'])
      await insert('Debezium, wider', 3)
      await arrived()
      await insert('Debezium’s last', 500)
    })
    await insert('while nobody ran', 2)
    await alter('ADD COLUMN b VARCHAR(40) AFTER id', ['b', 'a', 'who'])
    await insert('while nobody ran, wider', 2)
    await shift.rowtap(async (rest) => {
      await arrived()
      await insert('rowtap', 3)
      await alter('DROP COLUMN a', ['b', 'who'])
      await insert('rowtap, narrower', 3)
      await arrived()
      await running(rest, 'db')
      await insert('rowtap’s last', 500)
    })
    await insert('while nobody ran again')
    await alter('RENAME COLUMN b TO c', ['c', 'who'])
    await insert('while nobody ran again, renamed')
    await shift.connect(async (rest) => {
      await arrived()
      await insert('Debezium again', 2)
      await alter('ADD COLUMN d VARCHAR(40)', ['c', 'who', 'd'])
      await insert('Debezium again, wider', 2)
      await arrived()
      await running(rest, 'db')
    })
    await db.query('FLUSH BINARY LOGS')
    await shift.rowtap(async (rest) => {
      await insert('rowtap again', 2)
      await arrived()
      await running(rest, 'db')
    })
  } finally {
    await db.end()
  }
}

type Row = Record<string, string | number>

function configuration(
  flavor: keyof typeof classes,
  { host, port, user, password }: ServerAddress,
  prefix: string,
  bootstrap: string,
): Record<string, string> {
  return {
    'connector.class': `io.debezium.connector.${classes[flavor]}`,
    'tasks.max': '1',
    'topic.prefix': prefix,
    'database.hostname': host,
    'database.port': String(port),
    'database.user': user,
    'database.password': password ?? '',
    'database.server.id': '4712',
    ...(flavor === 'mariadb' ? { 'database.ssl.mode': 'disable' } : {}),
    'database.include.list': 'shop',
    'table.include.list': 'shop\\.t',
    // Small steps: the worker is stopped within its last transaction.
    ...{ 'max.batch.size': '20', 'max.queue.size': '40' },
    'schema.history.internal.kafka.bootstrap.servers': bootstrap,
    'schema.history.internal.kafka.topic': `${prefix}.history`,
  }
}

async function rows(broker: Broker, topic: string): Promise<Row[]> {
  if ((await broker.admin.describe(topic)) === null) return []
  return (await readAll(broker, [topic])).map(({ value }) => {
    const event = JSON.parse(Buffer.from(value ?? []).toString()) as { payload: { after: Row } }
    return event.payload.after
  })
}
