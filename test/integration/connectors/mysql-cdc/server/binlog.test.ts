/** The log of real servers, event by event. */
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { eventName } from '../../../../../connectors/mysql-cdc/decode/event-types.ts'
import { GtidSet } from '../../../../../connectors/mysql-cdc/decode/gtid-set.ts'
import {
  binaryLogs,
  type Client,
  connect,
  executedGtids,
  LOG_BEGIN,
  type Login,
  logPosition,
  purgedGtids,
  type Server,
  type ServerFacts,
  serverFacts,
} from '../../../../../connectors/mysql-cdc/server/index.ts'
import type { RunningServer } from '../../../../support/services/shared.ts'
import type { ServerAddress } from '../../../../support/services/address.ts'
import { mariaDbAvailable, startMariaDb } from '../../../../support/services/mariadb.ts'
import { mySqlAvailable, startMySql } from '../../../../support/services/mysql.ts'
import { eventsUntil, failureOf, logOf, loginOf, proxyTo, type SeenEvent } from './stage.ts'

const mariadbLog = ['--log-bin=binlog', '--server-id=1', '--binlog-format=ROW', '--max-allowed-packet=256M']

for (const [server, available, start] of [
  ['mysql', mySqlAvailable, () => startMySql(['--max-allowed-packet=256M'])],
  ['mariadb', mariaDbAvailable, () => startMariaDb(mariadbLog)],
] as const)
  describe.skipIf(!available)(server, () => logTests(server, start))

function logTests(server: Server, start: () => Promise<RunningServer<ServerAddress>>): void {
  let login: Login
  let client: Client
  let facts: ServerFacts

  beforeAll(async () => {
    const running = await start()
    login = loginOf(running.address, server)
    client = await connect(login)
    facts = await serverFacts(client)
    await client.query('CREATE DATABASE shop')
    await client.query('CREATE TABLE shop.t (id INT PRIMARY KEY, v LONGTEXT)')
    return async () => {
      await client.end()
      await running.stop()
    }
  })

  let next = 0
  const insert = (value = `'x'`) => client.query(`INSERT INTO shop.t VALUES (${++next}, ${value})`)
  const place = () => logPosition(client, facts)
  const isCommit = ({ name }: SeenEvent) => name === 'XID'

  test('what the server is', async () => {
    expect(facts).toMatchObject({ server, gtids: true, format: 'ROW', rowImage: 'FULL', logs: true })
    expect(facts.serverUuid).toEqual(server === 'mysql' ? expect.stringMatching(/^[0-9a-f-]{36}$/) : null)
    const [row] = await client.query('SELECT @@GLOBAL.character_set_server AS name')
    expect([facts.serverId, facts.foldsCase, facts.serverCharset]).toEqual([1, false, row?.['name']])
  })

  test('from a place in a file: just what is behind it, with checksums', async () => {
    const from = await place()
    await insert()
    const session = await logOf(login, from)
    const names = (await eventsUntil(session, isCommit)).map(({ name }) => name)
    expect(names.slice(0, 2)).toEqual(['ROTATE', 'FORMAT_DESCRIPTION'])
    expect(names.filter((name) => /WRITE_ROWS/.test(name))).toHaveLength(1)
    expect(names.filter((name) => /GTID$/.test(name))).toHaveLength(1)
    expect(session.checksum).toBe(true)
  })

  test('from GTIDs: just what is not among them', async () => {
    await insert()
    const { gtids } = await place()
    await insert()
    await insert()
    const session = await logOf(login, { gtids: gtids ?? '' })
    const [first, second] = [await eventsUntil(session, isCommit), await eventsUntil(session, isCommit)]
    for (const events of [first, second])
      expect(events.filter(({ name }) => /WRITE_ROWS/.test(name))).toHaveLength(1)
    if (server === 'mysql') {
      const executed = GtidSet.parse((await executedGtids(client, facts)) ?? '')
      expect(executed.contains(GtidSet.parse(gtids ?? ''))).toBe(true)
    } else expect(await executedGtids(client, facts)).toMatch(/^0-1-\d+$/)
  })

  test('from no GTIDs: the whole log', async () => {
    const session = await logOf(login, { gtids: '' })
    const events = await eventsUntil(session, ({ bytes }) => bytes.includes('CREATE DATABASE'))
    expect(events.map(({ name }) => name).slice(0, 2)).toEqual(['ROTATE', 'FORMAT_DESCRIPTION'])
  })

  test('events of several packets are whole', async () => {
    const from = await place()
    const size = 40_000_000
    await insert(`REPEAT('y', ${size})`)
    const session = await logOf(login, from)
    const events = await eventsUntil(session, isCommit)
    const rows = events.find(({ name }) => /WRITE_ROWS/.test(name))
    expect(rows?.size).toBeGreaterThan(size)
    expect(rows?.bytes.readUInt32LE(9)).toBe(rows?.size)
    expect(rows?.bytes.includes('y'.repeat(1000))).toBe(true)
    expect(rows?.bytes.subarray(100, size).every((byte) => byte === 0x79)).toBe(true)
  })

  test('a reader that does not read holds the server back, and loses nothing', async () => {
    const proxy = await proxyTo({ ...login, user: '', password: '' })
    const from = await place()
    const transactions = 60
    for (let i = 0; i < transactions; i++) await insert(`REPEAT('z', 1000000)`)
    const session = await logOf(
      { ...login, ...proxy.address, user: login.user, password: login.password },
      from,
    )
    expect(await proxy.settled()).toBeLessThan(40_000_000)
    for (let i = 0; i < transactions; i++) await eventsUntil(session, isCommit)
    expect(session.failure).toBe(null)
  })

  test('an idle log shows life; a silent server is given up', async () => {
    const proxy = await proxyTo({ ...login, user: '', password: '' })
    const path = { ...login, ...proxy.address, user: login.user, password: login.password }
    const quiet = await logOf(path, await place(), { heartbeatMs: 0 })
    const session = await logOf(path, await place(), { heartbeatMs: 200 })
    for (let i = 0; i < 3; i++) await eventsUntil(session, ({ name }) => name === 'HEARTBEAT')
    proxy.silence()
    expect(await failureOf(session)).toMatchObject({ kind: 'lost', retriable: true })
    const heard: string[] = []
    for (let frame = quiet.next(); frame !== null; frame = quiet.next())
      heard.push(eventName(frame.slab.bytes[frame.from + 4] as number))
    expect([heard.includes('FORMAT_DESCRIPTION'), heard.includes('HEARTBEAT')]).toEqual([true, false])
    expect(quiet.failure).toBe(null)
  })

  test('a connection that is cut within an event: whole events, and then a failure to try again', async () => {
    const from = await place()
    await insert()
    await insert(`REPEAT('y', 3000000)`)
    const proxy = await proxyTo({ ...login, user: '', password: '' })
    const path = { ...login, ...proxy.address, user: login.user, password: login.password }
    proxy.cutAfter(2_000_000)
    const session = await logOf(path, from)
    const seen = await eventsUntil(session, isCommit)
    expect(seen.some(({ name }) => /WRITE_ROWS/.test(name))).toBe(true)
    expect(await failureOf(session)).toMatchObject({ kind: 'lost', retriable: true })
    const again = await logOf(login, from)
    await eventsUntil(again, isCommit)
    expect((await eventsUntil(again, isCommit)).some(({ size }) => size > 3_000_000)).toBe(true)
  })

  test('a reader that is killed tries again', async () => {
    const session = await logOf(login, await place())
    await eventsUntil(session, ({ name }) => name === 'FORMAT_DESCRIPTION')
    const readers = (await client.query('SHOW PROCESSLIST')).filter((row) =>
      row['Command']?.startsWith('Binlog Dump'),
    )
    for (const { Id } of readers) await client.query(`KILL ${Id}`)
    expect(await failureOf(session)).toMatchObject({ kind: 'lost', retriable: true })
  })

  test('checksums are agreed on anew when they are switched on', async () => {
    await client.query(`SET GLOBAL binlog_checksum = 'NONE'`)
    const from = await place()
    await insert()
    const session = await logOf(login, from)
    await eventsUntil(session, isCommit)
    expect(session.checksum).toBe(false)
    await client.query(`SET GLOBAL binlog_checksum = 'CRC32'`)
    await insert()
    expect(await failureOf(session)).toMatchObject({ kind: 'lost', retriable: true })
    const again = await logOf(login, from)
    expect(again.checksum).toBe(true)
    for (let i = 0; i < 2; i++) await eventsUntil(again, isCommit)
  })

  test('another reader with the same server id is noticed by the first one', async () => {
    const from = await place()
    const first = await logOf(login, from, { serverId: 4711 })
    await eventsUntil(first, ({ name }) => name === 'FORMAT_DESCRIPTION')
    const second = await logOf(login, from, { serverId: 4711 })
    await eventsUntil(second, ({ name }) => name === 'FORMAT_DESCRIPTION')
    const failure = await failureOf(first)
    expect(failure).toMatchObject({ kind: 'clash', retriable: false })
    expect(failure.message).toContain('database.server.id')
  })

  test('places that the log does not have', async () => {
    const { file } = await place()
    const beyond = await logOf(login, { file, pos: 900_000_000 })
    expect(await failureOf(beyond)).toMatchObject({ kind: 'foreign' })
    const gtids = server === 'mysql' ? `${facts.serverUuid ?? ''}:1-99999` : '0-1-99999'
    expect(await failureOf(await logOf(login, { gtids }))).toMatchObject({ kind: 'foreign' })
    await expect(logOf(login, { file, pos: 5_000_000_000 })).rejects.toThrow('4 GiB')
    await expect(logOf(login, { gtids: 'not:gtids' })).rejects.toMatchObject({ retriable: false })
  })

  test('a session that is closed frees the socket, gracefully or not', async () => {
    for (const nongracefulDisconnect of [false, true]) {
      const session = await logOf(login, await place(), { nongracefulDisconnect, netWriteTimeoutSeconds: 30 })
      await eventsUntil(session, ({ name }) => name === 'FORMAT_DESCRIPTION')
      await session.close()
      expect(session.next()).toBe(null)
      expect(session.failure).not.toBe(null)
    }
  })

  test('a purged log: the failure names the oldest file that is left', async () => {
    const old = await place()
    // A file stays while the server has not noticed that its reader is gone.
    const oldest = await vi.waitFor(
      async () => {
        await insert()
        await client.query('FLUSH BINARY LOGS')
        await client.query(`PURGE BINARY LOGS TO '${(await place()).file}'`)
        const files = (await binaryLogs(client)).map(({ file }) => file)
        expect(files).not.toContain(old.file)
        return files[0]
      },
      { timeout: 20_000, interval: 100 },
    )
    expect(await purgedGtids(client, facts)).not.toBe('')
    for (const start of [{ file: old.file, pos: LOG_BEGIN }, { gtids: old.gtids ?? '' }, { gtids: '' }]) {
      const failure = await failureOf(await logOf(login, start))
      expect(failure).toMatchObject({ kind: 'purged', retriable: false })
      expect(failure.message).toContain(oldest)
      expect(failure.message).toContain('snapshot.mode=when_needed')
    }
  })
}
