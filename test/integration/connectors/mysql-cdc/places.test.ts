/** Places in the log of real servers, some of which is purged: found by position, GTIDs and time; offsets set by hand. */
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { OffsetMap } from '#data'
import { alteredOffsets } from '../../../../connectors/mysql-cdc/replay/alter-offsets.ts'
import { findPlace, logEnd } from '../../../../connectors/mysql-cdc/replay/find.ts'
import { liveLog, type LogAccess } from '../../../../connectors/mysql-cdc/replay/live-log.ts'
import { parsePlace } from '../../../../connectors/mysql-cdc/replay/place.ts'
import { planReplay } from '../../../../connectors/mysql-cdc/replay/plan.ts'
import {
  type Client,
  connect,
  type LogPosition,
  logPosition,
  type Login,
  type Server,
  serverFacts,
} from '../../../../connectors/mysql-cdc/server/index.ts'
import type { ServerAddress } from '../../../support/services/address.ts'
import { mariaDbAvailable, startMariaDb } from '../../../support/services/mariadb.ts'
import { mySqlAvailable, startMySql } from '../../../support/services/mysql.ts'
import type { RunningServer } from '../../../support/services/shared.ts'

const servers: readonly [Server, boolean, () => Promise<RunningServer<ServerAddress>>][] = [
  ['mysql', mySqlAvailable, startMySql],
  ['mariadb', mariaDbAvailable, startMariaDb],
]

describe.each(servers)('%s', (kind, available, start) => {
  describe.skipIf(!available)('places', () => {
    let server: RunningServer<ServerAddress>
    let client: Client
    let access: LogAccess
    /** Before each of the transactions 1 to 6; the log is flushed before 3 and 5, and purged up to 3. */
    const before: LogPosition[] = []
    let secondOfFive = 0

    beforeAll(async () => {
      server = await start()
      access = accessTo(kind, server.address)
      client = await connect(access.login)
      const facts = await serverFacts(client)
      await client.query('CREATE DATABASE places')
      await client.query('CREATE TABLE places.t (id INT PRIMARY KEY, c TEXT)')
      for (let i = 1; i <= 6; i++) {
        if (i === 3 || i === 5) await client.query('FLUSH BINARY LOGS')
        if (i === 5) {
          await wait(1100) // times in the log are whole seconds
          secondOfFive = await serverSecond(client)
        }
        before.push(await logPosition(client, facts))
        await client.query(`INSERT INTO places.t VALUES (${i}, REPEAT('x', 2000)), (${i + 10}, 'y')`)
      }
      await client.query(`PURGE BINARY LOGS TO '${at(3).file}'`)
    }, 120_000)
    afterAll(async () => {
      client?.destroy()
      await server?.stop()
    })

    const at = (transaction: number): LogPosition => before[transaction - 1] as LogPosition
    const find = async (text: string, side: 'from' | 'to' = 'from') =>
      findPlace(await liveLog(access), parsePlace(text, kind), side)
    const alter = async (offset: OffsetMap) =>
      (
        await alteredOffsets({ ...access, prefix: 'p', counts: null }, [
          { partition: { server: 'p' }, offset },
        ])
      )[0]?.offset

    test('by position, also inside a transaction', async () => {
      const { file, pos } = at(4)
      expect(await find(`${file}:${pos}`)).toEqual({ file, pos, note: null })
      expect(await find(`${file}:${pos + 200}`)).toMatchObject({
        file,
        pos,
        note: expect.stringContaining('inside'),
      })
      expect((await find(`${file}:${pos + 200}`, 'to')).pos).toBeGreaterThan(pos + 2000)
    })

    test('by GTIDs: the first transaction that is not among them', async () => {
      for (const transaction of [3, 4, 5, 6]) {
        const { file, pos, gtids } = at(transaction)
        const found = await find(gtids ?? '')
        // The first of a file stands behind the file's own events.
        expect(found.file).toBe(file)
        expect(found.pos - pos).toBeLessThan(transaction === 3 || transaction === 5 ? 400 : 1)
      }
    })

    test('by time', async () => {
      const found = await find(new Date(secondOfFive * 1000).toISOString())
      expect(found.file).toBe(at(5).file)
      expect(found.pos).toBeLessThan(at(6).pos)
      expect(await find(new Date(secondOfFive * 1000 + 3_600_000).toISOString())).toEqual({
        ...logEnd(await liveLog(access)),
        note: null,
      })
    })

    test('what is purged is refused with what is left', async () => {
      const oldest = at(3).file
      await expect(find(`${at(1).file}:${at(1).pos}`)).rejects.toThrow(
        `The server has purged ${at(1).file}: the oldest log that is left is ${oldest}.`,
      )
      await expect(find(at(2).gtids ?? '')).rejects.toThrow(`the oldest log that is left is ${oldest}`)
      await expect(find('2001-01-01T00:00:00Z')).rejects.toThrow(
        `the oldest that is left, ${oldest}, begins at 2`,
      )
    })

    test('a plan counts bytes and events', async () => {
      const log = await liveLog(access)
      const plan = await planReplay(
        log,
        { from: `${at(4).file}:${at(4).pos}`, to: `${at(6).file}:${at(6).pos}`, tables: [] },
        async () => [{ name: 'places.t', topic: 'p.places.t' }],
      )
      expect(plan).toMatchObject({ estimated: false, topics: ['p.places.t'], notes: [] })
      expect(plan.bytes).toBeGreaterThan(4000)
      expect(plan.events).toBeGreaterThanOrEqual(10)
    })

    test('an offset of file and pos alone, or of GTIDs alone, is completed', async () => {
      const { file, pos, gtids } = at(4)
      expect(await alter({ file, pos: BigInt(pos) })).toEqual({ file, pos: BigInt(pos), gtids })
      expect(await alter({ gtids })).toEqual({ file, pos: BigInt(pos), gtids })
      const whole = { gtids, file, pos: BigInt(pos), ts_sec: 5n }
      expect(await alter(whole)).toEqual(whole)
    })

    test('GTIDs of sources that do not count are not missed, though they are purged', async () => {
      const own = { ...access, prefix: 'p', counts: () => false }
      const gtids = kind === 'mysql' ? otherSource : '9-9-9'
      const server = { server: 'p' }
      const [altered] = await alteredOffsets(own, [{ partition: server, offset: { gtids } }])
      const end = logEnd(await liveLog(access))
      expect(altered?.offset).toEqual({ gtids, file: end.file, pos: BigInt(end.pos) })
    })

    test('an offset that is no place to begin at is refused with the reason', async () => {
      const { file, pos } = at(4)
      const refused = (offset: OffsetMap, message: string) => expect(alter(offset)).rejects.toThrow(message)
      await refused(
        { file: at(1).file, pos: 4n },
        `the server has no log ${at(1).file}; the oldest that is left is`,
      )
      await refused({ file, pos: 1_000_000_000n }, `the log ${file} ends at`)
      await refused({ file, pos: BigInt(pos + 200) }, `give {"file":"${file}","pos":${pos}}`)
      await refused({ file }, 'file without pos')
      await refused({ pos: 4n }, "the key 'pos' should contain the key 'file' too")
      await refused({ file, pos: 'x' }, 'pos is not a whole number')
      await refused({ gtids: 'x' }, kind === 'mysql' ? 'is not a set of GTIDs' : 'is not a GTID position')
      await refused({ gtids: at(2).gtids }, 'has purged')
      const foreign = kind === 'mysql' ? otherSource : '0-9-999999'
      await refused({ gtids: foreign }, `the server has not executed ${foreign}`)
      await refused({ lsn: 5n }, "should not contain the key 'lsn'")
    })
  })
})

test('the partition must be the connector’s; a reset asks nobody', async () => {
  const access = {
    ...accessTo('mysql', { host: '127.0.0.1', port: 1, user: '', password: '' }),
    prefix: 'p',
    counts: null,
  }
  const alter = (partition: OffsetMap | null, offset: OffsetMap | null) =>
    alteredOffsets(access, [{ partition, offset }])
  await expect(alter({ server: 'q' }, { gtids: '' })).rejects.toThrow('expected is {"server":"p"}')
  await expect(alter({ server: 'p', database: 'd' }, { gtids: '' })).rejects.toThrow(
    "should not contain the key 'database'",
  )
  await expect(alter(null, { gtids: '' })).rejects.toThrow("should contain the key 'server'")
  expect(await alter({ anything: 'else' }, null)).toEqual([{ partition: { anything: 'else' }, offset: null }])
})

function accessTo(kind: Server, { host, port, user, password }: ServerAddress): LogAccess {
  const login: Login = {
    server: kind,
    ...{ host, port, user, password },
    tls: [null],
    ...{ connectTimeoutMs: 10_000, queryTimeoutMs: 10_000, initialStatements: [] },
    ...{ keepAlive: true, keepAliveMs: 10_000 },
  }
  const timeouts = { netWriteTimeoutSeconds: 0, netReadTimeoutSeconds: 0 }
  const limits = { heartbeatMs: 1000, maxBytes: 1 << 20, nongracefulDisconnect: false }
  return {
    login,
    binlog: { serverId: 47_001, annotateRows: false, ...timeouts, ...limits },
    signal: AbortSignal.timeout(60_000),
  }
}

const otherSource = '11111111-2222-3333-4444-555555555555:1-5'

async function serverSecond(client: Client): Promise<number> {
  const [row] = await client.query('SELECT UNIX_TIMESTAMP() AS now')
  return Math.floor(Number(row?.['now']))
}
