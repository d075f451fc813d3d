/**
 * What a server may do to a stopped or running task besides answering: recycle the log that the slot needs, or be
 * another one. The task halts and says what to do (invariant 4). These tests have servers of their own.
 */
import pg from 'pg'
import { afterEach, expect, test } from 'vitest'
import type { RawConfig } from '#plugin'
import { postgresSource } from '../../../../connectors/postgres-cdc/index.ts'
import { freePort } from '../../../support/services/ports.ts'
import { type PostgresServer, startPostgres } from '../../../support/services/postgres.ts'
import { SourceDriver } from '../../../support/source-driver.ts'

const servers: PostgresServer[] = []
const clients: pg.Client[] = []
let driver: SourceDriver | null = null

afterEach(async () => {
  await driver?.stop().catch(() => {})
  driver = null
  for (const client of clients.splice(0)) await client.end().catch(() => {})
  for (const server of servers.splice(0)) await server.stop()
})

interface Server {
  readonly server: PostgresServer
  readonly sql: (text: string) => Promise<pg.QueryResult>
}

async function started(flags: readonly string[], port: number | null = null): Promise<Server> {
  const server = await startPostgres(flags, port)
  servers.push(server)
  const client = new pg.Client({ ...server, database: 'postgres' })
  client.on('error', () => {})
  clients.push(client)
  await client.connect()
  await client.query('CREATE TABLE t (id int PRIMARY KEY, v text)')
  return { server, sql: (text) => client.query(text) }
}

async function stopped({ server }: Server): Promise<void> {
  servers.splice(servers.indexOf(server), 1)
  await server.stop()
}

function configOf({ server }: Server, more: RawConfig = {}): RawConfig {
  return {
    'topic.prefix': 'p',
    'database.hostname': server.host,
    'database.port': String(server.port),
    'database.user': server.user,
    'database.password': server.password,
    'database.dbname': 'postgres',
    'slot.name': 'cdc',
    'plugin.name': 'pgoutput',
    'poll.interval.ms': '100',
    'retriable.restart.connector.wait.ms': '100',
    ...more,
  }
}

test('log that was recycled under a stopped task halts it; when_needed takes a snapshot', async () => {
  const server = await started(['max_slot_wal_keep_size=1MB', 'min_wal_size=32MB', 'max_wal_size=32MB'])
  driver = new SourceDriver(postgresSource, configOf(server))
  await server.sql('INSERT INTO t VALUES (1)')
  await driver.start()
  await driver.until(1)
  await driver.quiet()
  await driver.stop()
  const lost = async () => {
    await server.sql(
      `SELECT pg_switch_wal() FROM pg_logical_emit_message(false, 'fill', repeat('x', 1000000))`,
    )
    await server.sql('CHECKPOINT')
    const { rows } = await server.sql(`SELECT wal_status FROM pg_replication_slots WHERE slot_name = 'cdc'`)
    return (rows[0] as { wal_status: string }).wal_status
  }
  await expect.poll(lost, { timeout: 60_000 }).toBe('lost')
  await expect(driver.start()).rejects.toThrow(
    /removed log that the replication slot "cdc" needs \(max_slot_wal_keep_size\).*pg_drop_replication_slot\('cdc'\).*reset the connector's offsets/,
  )
  await driver.start({ 'snapshot.mode': 'when_needed' })
  await driver.until(2)
  await server.sql('INSERT INTO t VALUES (2)')
  await driver.until(3)
  expect(driver.emitted.map(({ key }) => JSON.parse(key ?? '').payload.id)).toEqual([1, 1, 2])
})

test('another server behind the address halts a running task, and a stopped one', async () => {
  const port = await freePort()
  const first = await started([], port)
  driver = new SourceDriver(postgresSource, configOf(first, { 'snapshot.mode': 'no_data' }))
  await driver.start()
  await first.sql('INSERT INTO t VALUES (1)')
  await driver.until(1)
  await stopped(first)
  // The same names, a slot of that name, and a log that has come further: only the server's identifier differs.
  const second = await started([], port)
  await second.sql(`SELECT pg_create_logical_replication_slot('cdc', 'pgoutput')`)
  await second.sql('CREATE PUBLICATION dbz_publication FOR ALL TABLES; INSERT INTO t VALUES (2)')
  await expect(driver.until(2)).rejects.toThrow(
    /another server answers at this address \(system identifier \d+, before \d+\).*reset its offsets/,
  )
  await driver.stop()
  await second.sql(`SELECT pg_drop_replication_slot('cdc')`)
  await expect(driver.start()).rejects.toThrow(/no longer has the stored position .*does not exist/)
})
