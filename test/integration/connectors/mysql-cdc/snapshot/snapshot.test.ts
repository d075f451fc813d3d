import { expect, onTestFinished, test } from 'vitest'
import type { SourceRecord } from '#data'
import { connect } from '../../../../../connectors/mysql-cdc/server/index.ts'
import { readProgress, type SnapshotListener } from '../../../../../connectors/mysql-cdc/snapshot/index.ts'
import { mySqlAvailable, mySqlServer } from '../../../../support/services/mysql.ts'
import { loginOf } from '../server/stage.ts'
import { initial, nowhere, offsetOf, seen, stageOf, taken } from './stage.ts'

const database = `snapshot_${process.pid}`
const login = loginOf(mySqlAvailable ? await mySqlServer() : nowhere, 'mysql')

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

test.skipIf(!mySqlAvailable)(
  'the schema, then the rows of all tables in their order, with their marks',
  async () => {
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
  },
)

test.skipIf(!mySqlAvailable)('statements of the user, chosen tables, and large tables first', async () => {
  await prepared(
    'CREATE TABLE orders (id INT PRIMARY KEY, deleted INT, note VARCHAR(9))',
    'CREATE TABLE part (id INT PRIMARY KEY, a INT, f FLOAT)',
    'CREATE TABLE alpha (id INT PRIMARY KEY)',
    'CREATE TABLE left_out (id INT PRIMARY KEY)',
    "INSERT INTO orders VALUES (1, 0, 'a'), (2, 1, 'b'), (3, 0, 'c')",
    'INSERT INTO part VALUES (1, 2, 0.1)',
    'INSERT INTO alpha VALUES (1), (2)',
    'INSERT INTO left_out VALUES (1)',
    'ANALYZE TABLE orders, part, alpha, left_out',
  )
  const settings = {
    selects: new Map([
      [`${database}.orders`, `SELECT * FROM ${database}.orders WHERE deleted = 0 ORDER BY id DESC`],
      [`${database}.part`, `SELECT f, id FROM ${database}.part`],
    ]),
    included: (path: string) => !path.endsWith('.left_out'),
    rowCountOrder: 'descending' as const,
  }
  const stage = await stageOf({ login, capture, settings })
  const steps: unknown[] = []
  const listener: SnapshotListener = {
    started: () => void steps.push('started'),
    tables: (paths) => void steps.push(paths.map((path) => path.split('.')[1])),
    reading: (path) => void steps.push(path.split('.')[1]),
    read: (_path, rows) => void steps.push(rows),
    completed: () => void steps.push('completed'),
  }
  const { records } = await taken({ ...stage, parts: { ...stage.parts, listener } }, initial)
  expect(steps).toEqual([
    'started',
    ['alpha', 'orders', 'part'],
    ...['alpha', 2, 'orders', 2, 'part', 1],
    'completed',
  ])
  expect(
    records.map(seen).flatMap(({ ddl, row, snapshot }) => (ddl === '' ? [[snapshot, row]] : [])),
  ).toEqual([
    ['first', { id: 1 }],
    ['last_in_data_collection', { id: 2 }],
    ['first_in_data_collection', { id: 3, deleted: 0, note: 'c' }],
    ['last_in_data_collection', { id: 1, deleted: 0, note: 'a' }],
    ['last', { id: 1, a: null, f: Math.fround(0.1) }],
  ])
})

test.skipIf(!mySqlAvailable)(
  'without rows the last schema change is the last record; the first row of all is one of the first table',
  async () => {
    await prepared('CREATE TABLE a (id INT PRIMARY KEY)', 'CREATE TABLE b (id INT PRIMARY KEY)')
    const empty = await taken(await stageOf({ login, capture }), initial)
    const told = empty.records.map(seen)
    expect(told.at(-1)).toMatchObject({ snapshot: 'last', ddl: expect.stringMatching(/^CREATE TABLE `b`/) })
    expect(told.filter(({ snapshot }) => snapshot !== 'true')).toHaveLength(1)
    expect(offsetOf(empty.records.at(-1) as SourceRecord)['snapshot']).toBeUndefined()
    const client = await connect(login)
    await client.query(`INSERT INTO ${database}.b VALUES (1), (2)`)
    await client.end()
    const { records } = await taken(await stageOf({ login, capture }), initial)
    expect(records.map(seen).flatMap(({ ddl, snapshot }) => (ddl === '' ? [snapshot] : []))).toEqual([
      'first_in_data_collection',
      'last',
    ])
  },
)

test.skipIf(!mySqlAvailable)('the schema alone', async () => {
  await prepared('CREATE TABLE a (id INT PRIMARY KEY)', 'INSERT INTO a VALUES (1)')
  const stage = await stageOf({ login, capture, settings: { locking: 'extended' } })
  const { records, phase } = await taken(stage, { ...initial, data: false })
  expect(records.map(seen).filter(({ ddl }) => ddl === '')).toEqual([])
  expect(seen(records.at(-1) as SourceRecord).snapshot).toBe('last')
  expect(phase.done).not.toBeNull()
})

test.skipIf(!mySqlAvailable)('tables are read again between two changes of the stream', async () => {
  await prepared(
    'CREATE TABLE a (id INT PRIMARY KEY, v INT)',
    'CREATE TABLE b (id INT PRIMARY KEY)',
    'INSERT INTO a VALUES (1, 1), (2, 2), (3, 3)',
    'INSERT INTO b VALUES (1)',
  )
  const stage = await stageOf({ login, capture })
  const first = await taken(stage, initial)
  const client = await connect(login)
  await client.query(`UPDATE ${database}.a SET v = 9 WHERE id = 1`)
  await client.end()
  const statement = `SELECT * FROM ${database}.a WHERE id < 3 ORDER BY id DESC`
  const { records } = await taken(stage, {
    ...{ ...initial, kind: 'blocking', from: first.phase.done, tables: [`${database}.a`] },
    selects: new Map([[`${database}.a`, statement]]),
  })
  expect(records.map(seen).map(({ snapshot, row, ddl }) => [snapshot, ddl.split(' (')[0], row])).toEqual([
    ['false', '', { id: 1, v: 9 }],
    ['true', `DROP TABLE IF EXISTS \`${database}\`.\`a\``, {}],
    ['true', 'CREATE TABLE `a`', {}],
    ['first', '', { id: 2, v: 2 }],
    ['last', '', { id: 1, v: 9 }],
  ])
  const offsets = records.map(offsetOf)
  expect(offsets.map((each) => each['snapshot'] ?? null)).toEqual([...Array(4).fill('BLOCKING'), null])
  for (const each of offsets.slice(0, -1))
    expect(readProgress(each)).toMatchObject({ kind: 'blocking', tables: [`${database}.a`] })
  expect(readProgress(offsets.at(-2) ?? {})).toMatchObject({
    ...{ kind: 'blocking', tables: [`${database}.a`], selects: new Map([[`${database}.a`, statement]]) },
  })
})
