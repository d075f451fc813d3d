/** Rows by their keys on a real server: every kind of column that a key can have. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  CellSlab,
  ChangeEvent,
  NO_ROW,
  NULL_CELL,
  processingTime,
  type SourceBlock,
  type TableVersion,
} from '#cdc'
import { Session } from '../../../../connectors/mysql-cdc/incremental/session.ts'
import { MysqlRowFinder } from '../../../../connectors/mysql-cdc/row-finder.ts'
import { type Client, connect, type Login } from '../../../../connectors/mysql-cdc/server/index.ts'
import { mySqlAvailable, mySqlServer } from '../../../support/services/mysql.ts'
import { schemaStage, type StageOptions } from '../../../unit/connectors/mysql-cdc/tables/schema-stage.ts'
import { loginOf } from './server/stage.ts'

const database = 'm_row_finder'
const keys: readonly (readonly [type: string, key: string, other: string])[] = [
  ['INT UNSIGNED', '4294967295', '1'],
  ['BIGINT', '-9223372036854775808', '0'],
  ['VARCHAR(30)', `'it''s \\\\ 😀'`, `''`],
  ['VARBINARY(9)', `X'00FF27'`, `X'00'`],
  ['DECIMAL(12,3)', '-12.500', '12.5'],
  ['DATE', `'1999-12-31'`, `'2000-01-01'`],
  ['DATETIME(6)', `'1969-12-31 23:59:59.999999'`, `'1970-01-01'`],
  ['DATETIME(3)', `'2024-02-29 01:02:03.456'`, `'1970-01-01'`],
  ['TIMESTAMP(3)', `'2024-02-29 01:02:03.450'`, `'2001-01-01'`],
  ['TIME(2)', `'-101:02:03.25'`, `'0'`],
  ['YEAR', '1999', '2000'],
  [`ENUM('a','b,c')`, `'b,c'`, `'a'`],
  ['BIT(12)', `b'101010101010'`, `b'1'`],
  ['DOUBLE', '0.1', '1e300'],
]
const source: SourceBlock = { write: () => {} }

let login: Login
let client: Client

beforeAll(async () => {
  if (!mySqlAvailable) return
  login = loginOf(await mySqlServer(), 'mysql')
  client = await connect(login)
  await client.query(`DROP DATABASE IF EXISTS ${database}`)
  await client.query(`CREATE DATABASE ${database}`)
})
afterAll(async () => {
  if (!mySqlAvailable) return
  await client.query(`DROP DATABASE IF EXISTS ${database}`)
  await client.end()
})

/** An update of the first row as a query shows it, without its `v`. */
async function changeOf(version: TableVersion, columns: readonly string[], table: string, first: string) {
  for await (const { chunk, first: at } of client.rows(
    `SELECT ${columns.join(', ')} FROM ${database}.${table} WHERE ${first}`,
  )) {
    const cells = [...chunk.cells.subarray(at, at + columns.length * 2 - 2), NULL_CELL, NULL_CELL]
    const row = new CellSlab(chunk.bytes)
    const after = row.reserve(columns.length)
    row.cells.set(cells, after)
    return new ChangeEvent(version, 'u', row, NO_ROW, after, source, 0, processingTime(0))
  }
  throw new Error('the row is not there')
}

async function lookUp(table: string, columns: string, rows: readonly string[], options: StageOptions = {}) {
  const ddl = `CREATE TABLE ${table} (${columns}, v VARCHAR(9))`
  await client.query(`CREATE TABLE ${database}.${ddl.slice('CREATE TABLE '.length)} CHARSET=utf8mb4`)
  for (const row of rows) await client.query(`INSERT INTO ${database}.${table} VALUES (${row})`)
  const { keeper, versions } = schemaStage(options)
  const [shown] = await client.query(`SHOW CREATE TABLE ${database}.${table}`)
  await keeper.snapshot([{ database, ddl: shown?.['Create Table'] ?? '' }], {}, 0)
  const shape = versions.ofSnapshot({ database, table })
  await using finder = new MysqlRowFinder({
    session: new Session(login),
    schema: keeper,
    versions,
    binary: options.types?.binary ?? 'bytes',
  })
  const event = await changeOf(shape.version, shape.columns, table, `v = 'wanted'`)
  return finder.find(event, [shape.version.row.columns.length - 1])
}

test.skipIf(!mySqlAvailable)('a row is found by a key of each type, and by all together', async () => {
  for (const [i, [type, key, other]] of keys.entries()) {
    const rows = [`${key}, 'wanted'`, `${other}, 'other'`]
    expect([type, await lookUp(`t${i}`, `k ${type} PRIMARY KEY`, rows)]).toEqual([type, ['wanted']])
  }
  const names = keys.map((_, i) => `k${i}`)
  const columns = `${keys.map(([type], i) => `k${i} ${type}`).join(', ')}, PRIMARY KEY (${names.join(', ')})`
  const wanted = [...keys.map(([, key]) => key), `'wanted'`].join(', ')
  expect(await lookUp('together', columns, [wanted])).toEqual(['wanted'])
})

test.skipIf(!mySqlAvailable)('a binary key that is shown as text', async () => {
  for (const binary of ['base64', 'base64-url-safe', 'hex'] as const) {
    const table = `b_${binary.replaceAll('-', '_')}`
    const options = { types: { binary } }
    expect(await lookUp(table, 'k VARBINARY(9) PRIMARY KEY', [`X'FBFF00', 'wanted'`], options)).toEqual([
      'wanted',
    ])
  }
})

test.skipIf(!mySqlAvailable)('of several rows with one key none is taken', async () => {
  const capture = { 'message.key.columns': `${database}.several:k` }
  const rows = [`1, 1, 'wanted'`, `2, 1, 'other'`]
  expect(await lookUp('several', 'id INT PRIMARY KEY, k INT', rows, { capture })).toBeNull()
})
