/** What `config/validate` says of real servers: each message names the property, the cause and what mends it. */
import mysql from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RawConfig } from '#plugin'
import { mariadbSource, mysqlSource } from '../../../../connectors/mysql-cdc/index.ts'
import type { ServerAddress } from '../../../support/services/address.ts'
import { mariaDbAvailable, mariaDbServer } from '../../../support/services/mariadb.ts'
import { mySqlAvailable, mySqlServer, startMySql } from '../../../support/services/mysql.ts'
import { freePort } from '../../../support/services/ports.ts'

const kinds = [
  { kind: 'mysql', plugin: mysqlSource, available: mySqlAvailable, server: mySqlServer },
  {
    ...{ kind: 'mariadb', plugin: mariadbSource },
    ...{ available: mariaDbAvailable, server: mariaDbServer },
  },
] as const

async function problems(
  plugin: typeof mysqlSource,
  { host, port, user, password }: ServerAddress,
  more: RawConfig = {},
): Promise<string[]> {
  const config = {
    ...{ 'topic.prefix': 'p', 'database.server.id': '77' },
    ...{ 'database.hostname': host, 'database.port': String(port) },
    ...{ 'database.user': user, 'database.password': password },
    ...more,
  }
  const found = await plugin.check?.(config, AbortSignal.timeout(30_000))
  return (found ?? []).map(({ field, message }) => `${field} | ${message}`)
}

describe.each(kinds)('$kind', ({ kind, plugin, available, server }) => {
  describe.skipIf(!available)('a check', () => {
    const user = `checked_${process.pid}`
    let address: ServerAddress
    let db: mysql.Connection

    beforeAll(async () => {
      address = await server()
      db = await mysql.createConnection({ ...address })
      await db.query(`CREATE USER ${user} IDENTIFIED BY 'secret-word'`)
    })
    afterAll(async () => {
      await db?.query(`DROP USER ${user}`)
      await db?.end()
    })

    test('finds nothing wrong where nothing is', async () => {
      expect(await problems(plugin, address)).toEqual([])
    })

    test('a wrong password, nobody there, an unknown host', async () => {
      const [wrong] = await problems(plugin, { ...address, user, password: 'wrong-word' })
      expect(wrong).toMatch(/^database\.hostname \| database\.password: .*Access denied/)
      expect(wrong).not.toContain('wrong-word')
      expect(await problems(plugin, { ...address, port: await freePort() })).toEqual([
        expect.stringMatching(/^database\.hostname \| .*cannot connect/),
      ])
      expect(await problems(plugin, { ...address, host: 'no-such-host.invalid' })).toEqual([
        expect.stringMatching(/^database\.hostname \| .*no-such-host\.invalid/),
      ])
    })

    test('privileges that a user lacks, by the statement that gives them', async () => {
      const login = { ...address, user, password: 'secret-word' }
      expect(await problems(plugin, login)).toEqual([
        expect.stringMatching(
          /^database\.user \| .* lacks REPLICATION SLAVE, REPLICATION CLIENT, SELECT\. Run GRANT .* ON \*\.\* TO/,
        ),
      ])
      await db.query(`GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO ${user}`)
      expect(await problems(plugin, login)).toEqual([expect.stringMatching(/ lacks SELECT\. /)])
      expect(await problems(plugin, login, { 'snapshot.mode': 'no_data' })).toEqual([])
      await db.query(`GRANT SELECT ON *.* TO ${user}`)
      expect(await problems(plugin, login)).toEqual([])
    })

    test('the other kind of server', async () => {
      const stranger = plugin === mysqlSource ? mariadbSource : mysqlSource
      expect(await problems(stranger, address)).toEqual([
        expect.stringMatching(new RegExp(`^database\\.hostname \\| .*use the connector ${kind}-cdc for it`)),
      ])
    })

    test('lists that exclude each other are told without asking the server', async () => {
      const lists = { 'table.include.list': 'a.b', 'table.exclude.list': 'a.c' }
      expect(await problems(plugin, { ...address, host: 'no-such-host.invalid' }, lists)).toEqual([
        expect.stringMatching(/^table\.exclude\.list \| .*keep one of them/),
      ])
    })
  })
})

describe.skipIf(!mySqlAvailable)('a log', () => {
  test.each([
    ['--skip-log-bin', /log_bin is OFF.*Set log_bin/],
    ['--binlog-format=STATEMENT', /binlog_format is STATEMENT.*SET GLOBAL binlog_format = 'ROW'/],
  ])(
    'of no use: %s',
    async (option, message) => {
      const own = await startMySql([option])
      try {
        const [found, ...others] = await problems(mysqlSource, own.address)
        expect(found).toMatch(/^database\.hostname \| /)
        expect(found).toMatch(message)
        expect(others).toEqual([])
        // Who never reads the log does not mind.
        expect(await problems(mysqlSource, own.address, { 'snapshot.mode': 'initial_only' })).toEqual([])
      } finally {
        await own.stop()
      }
    },
    120_000,
  )
})
