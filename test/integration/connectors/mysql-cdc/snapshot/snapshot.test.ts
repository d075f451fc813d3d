import { expect, onTestFinished, test } from 'vitest'
import { connect } from '../../../../../connectors/mysql-cdc/server/index.ts'
import { mySqlServer } from '../../../../support/services/mysql.ts'
import { loginOf } from '../server/stage.ts'
import { initial, offsetOf, seen, stageOf, taken } from './stage.ts'

const database = `snapshot_${process.pid}`
const login = loginOf(await mySqlServer(), 'mysql')

async function prepared(...statements: readonly string[]): Promise<void> {
  const client = await connect(login)
  await client.query(`DROP DATABASE IF EXISTS ${database}`)
  for (const statement of [`CREATE DATABASE ${database}`, `USE ${database}`, ...statements])
    await client.query(statement)
  onTestFinished(async () => {
    await client.query(`DROP DATABASE IF EXISTS ${database}`)
    await client.end()
  })
}

const capture = { 'database.include.list': database }

test('the schema, then the rows of all tables in their order, with their marks', async () => {
  await prepared(
    'CREATE TABLE b (id INT PRIMARY KEY, v VARCHAR(9))',
    'CREATE TABLE a (id INT PRIMARY KEY)',
    'CREATE TABLE z (id INT PRIMARY KEY)',
    'CREATE VIEW w AS SELECT * FROM a',
    "INSERT INTO b VALUES (1, 'x'), (2, NULL), (3, 'z')",
    'INSERT INTO a VALUES (7), (8)',
  )
  const stage = await stageOf({ login, capture })
  const { records, phase } = await taken(stage, initial)
  const told = records.map(seen)
  const schema = told.filter(({ ddl }) => ddl !== '')
  expect(schema.map(({ ddl }) => ddl.split('(')[0])).toEqual([
    expect.stringMatching(/^SET character_set_server=utf8mb4, collation_server=/),
    ...['a', 'b', 'z'].map((name) => `DROP TABLE IF EXISTS \`${database}\`.\`${name}\``),
    `DROP DATABASE IF EXISTS \`${database}\``,
    expect.stringMatching(new RegExp(`^CREATE DATABASE \`${database}\` CHARSET utf8mb4 COLLATE utf8mb4_`)),
    `USE \`${database}\``,
    ...['a', 'b', 'z'].map((name) => `CREATE TABLE \`${name}\` `),
  ])
  expect(new Set(schema.map(({ snapshot }) => snapshot))).toEqual(new Set(['true']))
  expect(told.slice(schema.length).map(({ topic, snapshot, row }) => [topic, snapshot, row])).toEqual([
    [`test.${database}.a`, 'first', { id: 7 }],
    [`test.${database}.a`, 'last_in_data_collection', { id: 8 }],
    [`test.${database}.b`, 'first_in_data_collection', { id: 1, v: 'x' }],
    [`test.${database}.b`, 'true', { id: 2, v: null }],
    [`test.${database}.b`, 'last', { id: 3, v: 'z' }],
  ])
  const offsets = records.map(offsetOf)
  expect(offsets.slice(0, -1).every((each) => each['snapshot'] === 'INITIAL')).toBe(true)
  expect(offsets.at(-1)?.['snapshot']).toBeUndefined()
  expect(phase.done).toMatchObject({ file: offsets.at(-1)?.['file'], event: 0 })
})
