/**
 * What goes wrong around the log, through whole tasks: each either goes on with every change, or fails and says what
 * to do.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { RawConfig } from '#plugin'
import { mariadbSource, mysqlSource } from '../../../../connectors/mysql-cdc/index.ts'
import type { ServerAddress } from '../../../support/services/address.ts'
import { mariaDbAvailable, startMariaDb } from '../../../support/services/mariadb.ts'
import { mySqlAvailable, startMySql } from '../../../support/services/mysql.ts'
import { SourceDriver } from '../../../support/source-driver.ts'
import type { RestartableServer } from '../../../support/services/shared.ts'

type Flavor = 'mysql' | 'mariadb'

const withoutGtids = ['--gtid-mode=OFF', '--enforce-gtid-consistency=OFF']
let serverId = 4720

function configuration(flavor: Flavor, { host, port, user, password }: ServerAddress): RawConfig {
  return {
    'connector.class': `${flavor}-cdc`,
    'topic.prefix': 'f',
    'database.hostname': host,
    'database.port': String(port),
    'database.user': user,
    'database.password': password ?? '',
    'database.server.id': String(++serverId),
    'database.include.list': 'd',
    'include.schema.changes': 'false',
    'poll.interval.ms': '100',
    'key.converter.schemas.enable': 'false',
    'value.converter.schemas.enable': 'false',
  }
}

interface Stage {
  readonly server: RestartableServer<ServerAddress>
  readonly db: Connection
  readonly driver: SourceDriver
}

/** A server with a table `d.t` of one row; the connector has read it. */
async function stage(flavor: Flavor, options: readonly string[] = [], more: RawConfig = {}): Promise<Stage> {
  const server = await (flavor === 'mysql' ? startMySql(options) : startMariaDb(options))
  onTestFinished(() => server.stop())
  const db = await filled(server.address)
  const plugin = flavor === 'mysql' ? mysqlSource : mariadbSource
  const driver = new SourceDriver(plugin, { ...configuration(flavor, server.address), ...more })
  onTestFinished(() => driver.stop().catch(() => {}))
  await driver.start()
  await driver.until(1)
  await db.query("INSERT INTO t VALUES (2, 'streamed')")
  await driver.until(2)
  await driver.quiet()
  return { server, db, driver }
}

async function filled(address: ServerAddress): Promise<Connection> {
  const db = await createConnection(address)
  onTestFinished(() => db.end().catch(() => {}))
  await db.query('CREATE DATABASE d')
  await db.query('USE d')
  await db.query('CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(40))')
  await db.query("INSERT INTO t VALUES (1, 'read')")
  return db
}

/** What the topics say: the operation and the row. */
function told(driver: SourceDriver, from = 0): string[] {
  return driver.emitted
    .filter(({ value }) => value !== null)
    .slice(from)
    .map(({ topic, value }) => {
      const { op, before, after } = JSON.parse(value ?? '') as Record<string, object>
      return `${topic.slice(4)} ${op} ${Object.values(after ?? before ?? {}).join(' ')}`
    })
}

/** The failure of a task that is started, or runs. */
async function failure(driver: SourceDriver, start = true): Promise<string> {
  try {
    if (start) await driver.start()
    for (const end = performance.now() + 20_000; performance.now() < end; ) await driver.poll()
  } catch (error) {
    await driver.stop({ failed: true })
    return (error as Error).message
  }
  throw new Error(`the task does not fail; it tells ${told(driver).join(', ')}`)
}

describe.skipIf(!mySqlAvailable)('MySQL', () => {
  test("an offset of Debezium's within a transaction, without GTIDs", async () => {
    const { db, driver } = await stage('mysql', withoutGtids)
    await driver.stop()
    await db.query('BEGIN')
    for (let i = 3; i <= 8; i += 2) await db.query(`INSERT INTO t VALUES (${i}, 'x'), (${i + 1}, 'x')`)
    await db.query('COMMIT')
    const [[key]] = [[...driver.stored.keys()]] as [[string]]
    const file = String(driver.stored.get(key)?.['file'])
    const [events] = await db.query<RowDataPacket[]>(`SHOW BINLOG EVENTS IN '${file}'`)
    // The reference's transaction begins with BEGIN, which comes behind an event that stands for no GTID.
    const begin = events.findLast(({ Info }) => Info === 'BEGIN')?.['Pos']
    for (const [event, row, ids] of [
      [1, 1, [3, 4, 5, 6, 7, 8]],
      [2, 1, [4, 5, 6, 7, 8]],
      [4, 1, [6, 7, 8]],
      [6, 1, [8]],
    ] as const) {
      driver.stored.set(key, {
        file,
        pos: BigInt(begin),
        event: BigInt(event),
        row: BigInt(row),
        server_id: 1n,
        ts_sec: 1n,
      })
      driver.emitted.length = 0
      await driver.start()
      await driver.until(ids.length, 5000)
      await driver.quiet()
      expect([event, row, told(driver)]).toEqual([event, row, ids.map((id) => `t c ${id} x`)])
      await driver.stop()
    }
  })

  test('a log that was purged while nobody read: it fails; when_needed takes a new snapshot', async () => {
    const { db, driver } = await stage('mysql')
    await driver.stop()
    await db.query("INSERT INTO t VALUES (3, 'missed')")
    await db.query('FLUSH BINARY LOGS')
    await db.query('PURGE BINARY LOGS BEFORE NOW() + INTERVAL 1 DAY')
    expect(await failure(driver)).toMatch(
      /cannot be read from the stored position on: the server has purged .*, which nobody has read\. .*when_needed/s,
    )
    const before = told(driver).length
    await driver.start({ 'snapshot.mode': 'when_needed' })
    await driver.until(() => told(driver, before).length === 3)
    await db.query("INSERT INTO t VALUES (4, 'after')")
    await driver.until(() => told(driver, before).length === 4)
    expect(told(driver, before)).toEqual(['t r 1 read', 't r 2 streamed', 't r 3 missed', 't c 4 after'])
  })

  test('a log that was reset while nobody read', async () => {
    const { db, driver } = await stage('mysql')
    await driver.stop()
    await db.query('RESET BINARY LOGS AND GTIDS')
    await db.query("INSERT INTO t VALUES (3, 'after')")
    expect(await failure(driver)).toMatch(
      /the server has not executed .*: it is another server, or its log was reset/,
    )
  })

  test('a log that is reset while it is read', async () => {
    const { db, driver } = await stage('mysql', [], { 'connect.keep.alive.interval.ms': '1000' })
    await db.query('RESET BINARY LOGS AND GTIDS')
    await db.query("INSERT INTO t VALUES (3, 'after')")
    // The server itself goes on as if nothing had happened, and sends nothing.
    expect(await failure(driver, false)).toMatch(/has not executed .*, or its log was reset/)
  })

  test('another server behind the address: with its GTIDs it goes on, without it fails', async () => {
    const { server, driver } = await stage('mysql')
    const other = await startMySql(['--server-id=2'])
    onTestFinished(() => other.stop())
    await driver.stop()
    const address = { 'database.hostname': other.address.host, 'database.port': String(other.address.port) }
    const db = await filled(other.address)
    expect(await failureWith(driver, address)).toMatch(/has not executed .*: it is another server/)
    // A replica that took over: it has executed what the first one had, and more.
    const source = await createConnection(server.address)
    onTestFinished(() => source.end())
    const [[row]] = await source.query<RowDataPacket[]>('SELECT @@GLOBAL.gtid_executed AS gtids')
    await db.query('RESET BINARY LOGS AND GTIDS')
    await db.query("INSERT INTO t VALUES (2, 'streamed')")
    await db.query('RESET BINARY LOGS AND GTIDS')
    await db.query(`SET GLOBAL gtid_purged = '${row?.['gtids']}'`)
    await db.query("INSERT INTO t VALUES (3, 'failed over')")
    const before = told(driver).length
    await driver.start(address)
    await driver.until(() => told(driver, before).length === 1)
    expect(told(driver, before)).toEqual(['t c 3 failed over'])
  })

  test('a statement in the log in place of rows: it fails', async () => {
    const { db, driver } = await stage('mysql')
    await db.query('SET SESSION binlog_format = STATEMENT')
    await db.query("INSERT INTO t VALUES (3, 'as text')")
    expect(await failure(driver, false)).toMatch(/binlog_format/)
  })

  test('a table that was dropped and made anew while nobody read', async () => {
    const { db, driver } = await stage('mysql')
    await driver.stop()
    await db.query("INSERT INTO t VALUES (3, 'old')")
    await db.query('DROP TABLE t')
    await db.query('CREATE TABLE t (note VARCHAR(20), id BIGINT PRIMARY KEY, n INT)')
    await db.query("INSERT INTO t VALUES ('new', 1, 7)")
    const before = told(driver).length
    await driver.start()
    await driver.until(() => told(driver, before).length === 2)
    expect(told(driver, before)).toEqual(['t c 3 old', 't c new 1 7'])
  })

  test('a history that is gone', async () => {
    const { db, driver } = await stage('mysql')
    await driver.stop()
    driver.logs.topics.clear()
    await db.query("INSERT INTO t VALUES (3, 'waits')")
    expect(await failure(driver)).toMatch(/The schema history cannot be used: .*snapshot\.mode=recovery/s)
    const before = told(driver).length
    await driver.start({ 'snapshot.mode': 'recovery' })
    await driver.until(() => told(driver, before).length === 1)
    expect(told(driver, before)).toEqual(['t c 3 waits'])
  })

  test('a history file that is damaged: it fails, and says how to rebuild it', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'rowtap-E-')), 'history.jsonl')
    onTestFinished(() => rmSync(dirname(file), { recursive: true }))
    const { driver } = await stage('mysql', [], {
      'schema.history.internal': 'io.debezium.storage.file.history.FileSchemaHistory',
      'schema.history.internal.file.filename': file,
    })
    await driver.stop()
    const text = readFileSync(file, 'utf8')
    writeFileSync(file, `${text.slice(0, text.length / 2)}\u0000{${text.slice(text.length / 2 + 9)}`)
    expect(await failure(driver)).toMatch(
      /A record of the schema history cannot be read: .*snapshot\.mode=recovery/,
    )
  })

  test('two readers with one server id: the first fails and says so', async () => {
    const { server, driver } = await stage('mysql')
    const id = { 'database.server.id': String(serverId) }
    const second = new SourceDriver(mysqlSource, { ...configuration('mysql', server.address), ...id })
    onTestFinished(() => second.stop().catch(() => {}))
    await second.start()
    await second.until(2)
    await second.quiet()
    expect(await failure(driver, false)).toMatch(/another one has come with the same server id/)
  })

  test('a user without privileges: each is named', async () => {
    const { db, server, driver } = await stage('mysql')
    await driver.stop()
    await db.query("CREATE USER poor IDENTIFIED BY 'poor'")
    const poor = { 'database.user': 'poor', 'database.password': 'poor' }
    const problems = await mysqlSource.check?.(
      { ...configuration('mysql', server.address), ...poor },
      AbortSignal.timeout(20_000),
    )
    expect(JSON.stringify(problems)).toMatch(/lacks REPLICATION SLAVE, REPLICATION CLIENT, SELECT.*GRANT/)
    await db.query('GRANT SELECT ON *.* TO poor')
    expect(await failureWith(driver, poor)).toMatch(/REPLICATION/)
  })

  test('swaps of tables: by one RENAME of two, as gh-ost does, and with triggers, as pt-osc does', async () => {
    const { db, driver } = await stage('mysql')
    await db.query('CREATE TABLE _t_gho (id INT PRIMARY KEY, v VARCHAR(40), extra INT)')
    await db.query('INSERT INTO _t_gho SELECT id, v, 1 FROM t')
    await db.query("INSERT INTO t VALUES (3, 'before')")
    await db.query("INSERT INTO _t_gho VALUES (3, 'before', 1)")
    await db.query('RENAME TABLE t TO _t_del, _t_gho TO t')
    await db.query("INSERT INTO t VALUES (4, 'behind', 2)")
    await db.query('DROP TABLE _t_del')
    await db.query('CREATE TABLE _t_new (n INT, id INT PRIMARY KEY, v VARCHAR(60))')
    await db.query(
      'CREATE TRIGGER ins AFTER INSERT ON t FOR EACH ROW REPLACE INTO _t_new VALUES (9, NEW.id, NEW.v)',
    )
    await db.query("INSERT INTO t VALUES (5, 'both', 2)")
    await db.query('INSERT IGNORE INTO _t_new SELECT 9, id, v FROM t')
    await db.query('RENAME TABLE t TO _t_old, _t_new TO t')
    await db.query('DROP TRIGGER ins')
    await db.query("UPDATE t SET v = 'swapped' WHERE id = 4")
    const of = () => told(driver).filter((line) => line.startsWith('t '))
    await driver.until(() => of().length >= 6)
    await driver.quiet()
    expect(of().slice(2)).toEqual(['t c 3 before', 't c 4 behind 2', 't c 5 both 2', 't u 9 4 swapped'])
  })
})

/** With other properties. */
async function failureWith(driver: SourceDriver, more: RawConfig): Promise<string> {
  try {
    await driver.start(more)
  } catch (error) {
    return (error as Error).message
  }
  return failure(driver, false)
}

describe.skipIf(!mariaDbAvailable)('MariaDB', () => {
  test('a session that logs statements: it fails', async () => {
    const { db, driver } = await stage('mariadb')
    await db.query('SET SESSION binlog_format = STATEMENT')
    await db.query("INSERT INTO t VALUES (3, 'as text')")
    expect(await failure(driver, false)).toMatch(/binlog_format/)
  })

  test('a log that was reset while nobody read', async () => {
    const { db, driver } = await stage('mariadb')
    await driver.stop()
    await db.query('RESET MASTER')
    await db.query("INSERT INTO t VALUES (3, 'after')")
    expect(await failure(driver)).toMatch(
      /the server has not executed .*: it is another server, or its log was reset/,
    )
  })

  test('a log that was purged while nobody read', async () => {
    const { db, driver } = await stage('mariadb')
    await driver.stop()
    await db.query("INSERT INTO t VALUES (3, 'missed')")
    await db.query('FLUSH BINARY LOGS')
    await db.query("INSERT INTO t VALUES (4, 'there')")
    const files = async () => (await db.query<RowDataPacket[]>('SHOW BINARY LOGS'))[0]
    // What a reader has open stays, also that of one that has just gone.
    await expect
      .poll(async () => {
        await db.query(`PURGE BINARY LOGS TO '${(await files()).at(-1)?.['Log_name']}'`)
        return files()
      })
      .toHaveLength(1)
    expect(await failure(driver)).toMatch(/the server has purged the log up to/)
  })
})
