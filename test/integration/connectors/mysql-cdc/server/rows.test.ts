/** Result rows of real servers, as raw cells. */
import { expect, test } from 'vitest'
import { NULL_CELL } from '#cdc'
import {
  type Client,
  ConnectionLost,
  type TextRows,
} from '../../../../../connectors/mysql-cdc/server/index.ts'
import type { ServerAddress } from '../../../../support/services/address.ts'
import { mariaDbAvailable, mariaDbServer } from '../../../../support/services/mariadb.ts'
import { mySqlAvailable, mySqlServer } from '../../../../support/services/mysql.ts'
import { clientOf, loginOf, proxyTo } from './stage.ts'

const servers = [
  { server: 'mysql', available: mySqlAvailable, address: mySqlServer },
  { server: 'mariadb', available: mariaDbAvailable, address: mariaDbServer },
] as const

/** 1000 rows without a table. */
const thousand = `(WITH RECURSIVE s (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 1000) SELECT i FROM s)`

function textsOf({ chunk, first, rows, stride }: TextRows): (string | null)[][] {
  const { bytes, cells } = chunk
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: stride / 2 }, (_, column) => {
      const [from, to] = cells.subarray(first + row * stride + column * 2)
      return from === NULL_CELL ? null : bytes.toString('utf8', from, to)
    }),
  )
}

async function textsIn(client: Client, sql: string): Promise<(string | null)[][]> {
  const texts: (string | null)[][] = []
  for await (const rows of client.rows(sql)) texts.push(...textsOf(rows))
  return texts
}

for (const { server, available, address } of servers)
  describeServer(server, available, async () => loginOf(await address(), server))

function describeServer(
  server: string,
  available: boolean,
  login: () => Promise<ReturnType<typeof loginOf>>,
): void {
  const on = test.skipIf(!available)

  on(`${server}: values come as texts and raw, nulls as nulls, and the session goes on`, async () => {
    const client = await clientOf(await login())
    for (const mode of ['', 'NO_BACKSLASH_ESCAPES']) {
      await client.query('SET sql_mode = ?', [mode])
      const values = [`it's ü`, 7, 2n ** 63n - 1n, null, `\\'; DROP`, 'x\\']
      expect(await client.query('SELECT ? AS a, ? AS b, ? AS c, ? AS d, ? AS e, ? AS f', values)).toEqual([
        { a: `it's ü`, b: '7', c: '9223372036854775807', d: null, e: `\\'; DROP`, f: 'x\\' },
      ])
    }
    expect(
      await textsIn(client, `SELECT i, NULL, REPEAT('ü', i), '' FROM ${thousand} AS t ORDER BY i`),
    ).toEqual(Array.from({ length: 1000 }, (_, i) => [String(i + 1), null, 'ü'.repeat(i + 1), '']))
    expect(await textsIn(client, 'SELECT 1 FROM (SELECT 1) AS t WHERE 1 = 0')).toEqual([])
    expect(await client.query('SELECT @@SESSION.time_zone AS zone')).toEqual([{ zone: '+00:00' }])
  })

  on(`${server}: a refused statement is the server's error, before and between rows`, async () => {
    const client = await clientOf(await login())
    await expect(textsIn(client, 'SELECT * FROM information_schema.no_such_table')).rejects.toMatchObject({
      errno: 1109,
      sqlState: '42S02',
    })
    await expect(client.query('SELEC')).rejects.toMatchObject({ errno: 1064, sqlState: '42000' })
    // More than one row of a subquery is an error that comes when the second is there.
    const late = `SELECT i, (SELECT s.i FROM ${thousand} AS s WHERE s.i = 1 OR s.i = IF(t.i > 500, 2, 1)) FROM ${thousand} AS t`
    await expect(textsIn(client, late)).rejects.toMatchObject({ errno: 1242 })
    expect(await textsIn(client, 'SELECT 5')).toEqual([['5']])
  })

  on(`${server}: rows of more than 16 MiB`, async () => {
    const client = await clientOf(await login())
    const [packet] = await client.query('SELECT @@max_allowed_packet AS bytes')
    if (Number(packet?.['bytes']) < 48_000_000) await raisePacket(await login())
    const raised = await clientOf(await login())
    const chars = 17_000_000
    const texts = await textsIn(raised, `SELECT 1, REPEAT('a', ${chars}), REPEAT('b', ${chars}), 'end'`)
    expect(texts.map((row) => row.map((cell) => cell?.length))).toEqual([[1, chars, chars, 3]])
    expect(texts[0]?.[2] === 'b'.repeat(chars)).toBe(true)
    expect(await textsIn(raised, 'SELECT 1')).toEqual([['1']])
  })

  on(`${server}: a reader that is slow holds the server back`, async () => {
    const target = await login()
    const proxy = await proxyTo(addressOf(target))
    const client = await clientOf({ ...target, ...proxy.address })
    let rows = 0
    for await (const batch of client.rows(
      `SELECT REPEAT('x', 20000) FROM ${thousand} AS a JOIN ${thousand} AS b ON b.i <= 5`,
    )) {
      if (rows === 0) expect(await proxy.settled()).toBeLessThan(50_000_000)
      rows += batch.rows
    }
    expect(rows).toBe(5000)
    expect(await proxy.settled()).toBeGreaterThan(100_000_000)
  })

  on(`${server}: a loop that is left closes the session; a cut connection is an error`, async () => {
    const client = await clientOf(await login())
    for await (const _ of client.rows(`SELECT REPEAT('x', 20000) FROM ${thousand} AS t`)) break
    await expect(client.query('SELECT 1')).rejects.toThrow(ConnectionLost)
    const target = await login()
    const proxy = await proxyTo(addressOf(target))
    const cut = await clientOf({ ...target, ...proxy.address })
    proxy.cutAfter(5_000_000)
    await expect(textsIn(cut, `SELECT REPEAT('x', 20000) FROM ${thousand} AS t`)).rejects.toThrow(
      ConnectionLost,
    )
  })

  on(`${server}: a statement that has no answer in time fails`, async () => {
    const client = await clientOf({ ...(await login()), queryTimeoutMs: 200 })
    await expect(textsIn(client, 'SELECT SLEEP(20)')).rejects.toThrow('database.query.timeout.ms')
    const busy = await clientOf(await login())
    const sleeping = busy.query('SELECT SLEEP(20)')
    const gone = expect(sleeping).rejects.toThrow(ConnectionLost)
    await busy.end()
    await gone
    const other = await clientOf({ ...(await login()), queryTimeoutMs: 200 })
    await expect(other.query('SELECT SLEEP(20)')).rejects.toThrow('database.query.timeout.ms')
  })
}

function addressOf({ host, port, user, password }: ReturnType<typeof loginOf>): ServerAddress {
  return { host, port, user: user ?? '', password: password ?? '' }
}

async function raisePacket(login: ReturnType<typeof loginOf>): Promise<void> {
  const client = await clientOf(login)
  await client.query('SET GLOBAL max_allowed_packet = 67108864')
}
