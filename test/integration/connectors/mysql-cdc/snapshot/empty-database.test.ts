/** A captured database without tables: its character set is known when its first table comes. */
import { expect, onTestFinished, test } from 'vitest'
import { connect } from '../../../../../connectors/mysql-cdc/server/index.ts'
import { mariaDbAvailable, mariaDbServer } from '../../../../support/services/mariadb.ts'
import { loginOf } from '../server/stage.ts'
import { initial, seen, stageOf, taken } from './stage.ts'

test.skipIf(!mariaDbAvailable).each(['captured databases', 'all databases'])(
  'the history has it, the topic of schema changes has not: %s',
  async (kept) => {
    const login = loginOf(await mariaDbServer(), 'mariadb')
    const client = await connect(login)
    const [filled, empty, other] = ['filled', 'empty', 'other'].map((name) => `${name}_${process.pid}`)
    onTestFinished(async () => {
      for (const name of [filled, empty, other]) await client.query(`DROP DATABASE ${name}`)
      await client.end()
    })
    for (const name of [filled, empty, other])
      await client.query(`CREATE DATABASE ${name} CHARACTER SET utf8mb3`)
    await client.query(`CREATE TABLE ${filled}.t (id INT PRIMARY KEY)`)
    await client.query(`INSERT INTO ${filled}.t VALUES (1)`)
    const capture = {
      'database.include.list': `${filled},${empty}`,
      'schema.history.internal.store.only.captured.databases.ddl': kept === 'captured databases',
    }
    const stage = await stageOf({ login, capture, settings: { locking: 'none' } })
    const { records } = await taken(stage, initial)
    const told = records.map(seen).map(({ ddl }) => ddl)
    expect(told.filter((ddl) => ddl.includes(empty as string))).toEqual([])
    expect(told.filter((ddl) => ddl.includes(`CREATE DATABASE \`${filled}\``))).toHaveLength(1)
    expect(stage.keeper.catalog.charsetOf(empty as string)).toBe('utf8mb3')

    const again = await stageOf({ login, capture, history: stage.history })
    const { catalog } = again.keeper
    expect(catalog.charsetOf(empty as string)).toBe('utf8mb3')
    expect(catalog.hasCharset(other as string)).toBe(false)
  },
)
