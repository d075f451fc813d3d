/** System-versioned tables of MariaDB: the topics have the current rows, whatever the log keeps of the past. */
import { createConnection, type RowDataPacket } from 'mysql2/promise'
import { expect, onTestFinished, test } from 'vitest'
import { mariadbSource } from '../../../../connectors/mysql-cdc/index.ts'
import { mariaDbAvailable, mariaDbServer } from '../../../support/services/mariadb.ts'
import { SourceDriver } from '../../../support/source-driver.ts'

const definitions = {
  hidden: 'id INT PRIMARY KEY, v INT, h TEXT, UNIQUE (h)',
  declared: `id INT PRIMARY KEY, f TIMESTAMP(6) GENERATED ALWAYS AS ROW START,
    t TIMESTAMP(6) GENERATED ALWAYS AS ROW END, v INT, h TEXT, PERIOD FOR SYSTEM_TIME(f, t)`,
}

const changes = [
  "INSERT INTO t (id, v, h) VALUES (3, 3, 'c'), (4, 4, 'd'), (5, 5, 'e'), (6, 6, 'f')",
  'UPDATE t SET v = v + 10 WHERE id IN (1, 3)',
  'DELETE FROM t WHERE id IN (2, 4)',
  'UPDATE t SET id = 50 WHERE id = 5',
  "REPLACE INTO t (id, v, h) VALUES (6, 66, 'g'), (2, 22, 'again')",
  "INSERT INTO t (id, v, h) VALUES (3, 0, 'x') ON DUPLICATE KEY UPDATE v = 33",
  'DELETE HISTORY FROM t',
]

const later = [
  'SET system_versioning_alter_history = KEEP',
  'ALTER TABLE t ADD COLUMN z INT',
  'UPDATE t SET z = 1 WHERE id = 6',
  'DELETE FROM t WHERE id = 50',
]

for (const [kind, definition] of Object.entries(definitions))
  for (const image of ['FULL', 'MINIMAL'])
    for (const metadata of ['FULL', 'NO_LOG'])
      test.skipIf(!mariaDbAvailable)(`${kind}, images ${image}, metadata ${metadata}`, async () => {
        const address = await mariaDbServer()
        const database = `versioned_${kind}_${image}_${metadata}`.toLowerCase()
        const db = await createConnection({ ...address, dateStrings: true })
        onTestFinished(async () => {
          await db.query(`DROP DATABASE ${database}`)
          await db.query('SET GLOBAL binlog_row_metadata = FULL')
          await db.end()
        })
        for (const sql of [
          `SET GLOBAL binlog_row_metadata = ${metadata}`,
          `DROP DATABASE IF EXISTS ${database}`,
          `CREATE DATABASE ${database}`,
          `USE ${database}`,
          'CREATE TABLE sentinel (id INT PRIMARY KEY)',
        ])
          await db.query(sql)
        const driver = new SourceDriver(mariadbSource, {
          ...{ 'connector.class': 'mariadb-cdc', 'topic.prefix': 'v', 'database.include.list': database },
          ...{ 'database.hostname': address.host, 'database.port': String(address.port) },
          ...{ 'database.user': address.user, 'database.password': address.password ?? '' },
          ...{ 'database.server.id': String(4900 + process.pid), 'include.schema.changes': 'false' },
          ...{ 'poll.interval.ms': '100', 'snapshot.locking.mode': 'none' },
          ...{ 'key.converter.schemas.enable': 'false', 'value.converter.schemas.enable': 'false' },
        })
        onTestFinished(() => driver.stop().catch(() => {}))
        const reached = (id: number) =>
          driver.until(() => driver.emitted.some(({ key }) => key === JSON.stringify({ id: -id })))
        await driver.start()
        await db.query('INSERT INTO sentinel VALUES (-1)')
        await reached(1)
        await db.query(`CREATE TABLE t (${definition}) WITH SYSTEM VERSIONING`)
        await db.query("INSERT INTO t (id, v, h) VALUES (1, 1, 'a'), (2, 2, 'b')")
        await db.query(`SET SESSION binlog_row_image = ${image}`)
        for (const sql of changes) await db.query(sql)
        await db.query('INSERT INTO sentinel VALUES (-2)')
        await reached(2)
        await driver.stop()
        await driver.start()
        for (const sql of later) await db.query(sql)
        await db.query('INSERT INTO sentinel VALUES (-3)')
        await reached(3)

        const topic = `v.${database}.t`
        const sink = new Map<string, number>()
        const told: string[] = []
        for (const each of driver.emitted) {
          if (each.topic !== topic) continue
          const key = (JSON.parse(each.key ?? '') as { id: number }).id
          const value =
            each.value === null ? null : (JSON.parse(each.value) as { op: string; after: { v: number } })
          if (value !== null) told.push(`${value.op} ${key}`)
          if (value === null || value.op === 'd') sink.delete(String(key))
          else if (image === 'FULL') sink.set(String(key), value.after.v)
          else sink.set(String(key), 0)
        }
        const [rows] = await db.query<RowDataPacket[]>('SELECT id, v FROM t')
        const held = rows.map(({ id, v }): [string, number] => [String(id), image === 'FULL' ? Number(v) : 0])
        expect([...sink].sort()).toEqual(held.sort())
        expect(told).toEqual([
          ...['c 1', 'c 2', 'c 3', 'c 4', 'c 5', 'c 6', 'u 1', 'u 3', 'd 2', 'd 4', 'd 5', 'c 50'],
          ...['d 6', 'c 6', 'c 2', 'u 3', 'u 6', 'd 50'],
        ])
      })
