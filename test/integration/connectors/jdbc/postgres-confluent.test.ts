/** `jdbc-sink` and `aiven-jdbc-sink` against a real PostgreSQL. */
import { Decimal, scalar, Struct, struct } from '#data'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { aivenJdbcSink, jdbcSink } from '../../../../connectors/jdbc/sink.ts'
import { createDatabase, type TestDatabase } from '../../../support/services/database.ts'
import { connectType, keyed, optional, recordOf } from '../../../support/jdbc/records.ts'
import { refusal, startSink } from '../../../support/jdbc/sink.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createDatabase('jdbc_confluent')
})
afterAll(() => database.drop())

const config = (more: Record<string, string> = {}) => ({
  'connection.url': `jdbc:postgresql://${database.host}:${database.port}/${database.database}`,
  'connection.user': database.user,
  'connection.password': database.password,
  'auto.create': 'true',
  'insert.mode': 'upsert',
  'pk.mode': 'record_key',
  'pk.fields': 'id',
  'max.retries': '1',
  'retry.backoff.ms': '10',
  ...more,
})

async function rowsOf(table: string): Promise<string[]> {
  const { rows } = await database.client.query(
    `SELECT row_to_json(r)::text AS row FROM ${table} r ORDER BY 1`,
  )
  return rows.map((each) => each.row)
}

const everyType = struct(
  [
    ['id', scalar('int32')],
    ['i8', scalar('int8', optional)],
    ['i64', scalar('int64', optional)],
    ['f32', scalar('float32', optional)],
    ['f64', scalar('float64', optional)],
    ['b', scalar('boolean', optional)],
    ['s', scalar('string', optional)],
    ['by', scalar('bytes', optional)],
    ['dec', scalar('bytes', connectType('Decimal', { scale: '2' }))],
    ['ts', scalar('int64', connectType('Timestamp'))],
    ['d', scalar('int32', connectType('Date'))],
    ['tm', scalar('int32', connectType('Time'))],
  ],
  { name: 'flat.Value' },
)

test('every Connect type has its column and its value', async () => {
  await using sink = await startSink(jdbcSink, config())
  const bytes = Uint8Array.of(0, 1, 255)
  await sink.put(
    recordOf({
      topic: 'types',
      offset: 0,
      key: keyed(1),
      value: new Struct(everyType, [
        1,
        -128,
        -1n,
        0.1,
        -2.5e10,
        true,
        'hé',
        bytes,
        new Decimal(-1n, 2),
        -1n,
        -1,
        3_723_004,
      ]),
    }),
    recordOf({ topic: 'types', offset: 1, key: keyed(2), value: new Struct(everyType, [2]) }),
  )
  expect(await rowsOf('types')).toEqual([
    '{"id":1,"i8":-128,"i64":-1,"f32":0.1,"f64":-25000000000,"b":true,"s":"hé","by":"\\\\x0001ff","dec":-0.01,' +
      '"ts":"1969-12-31T23:59:59.999","d":"1969-12-31","tm":"01:02:03.004"}',
    '{"id":2,"i8":null,"i64":null,"f32":null,"f64":null,"b":null,"s":null,"by":null,"dec":null,"ts":null,"d":null,"tm":null}',
  ])
  const { rows } = await database.client.query(
    `SELECT string_agg(udt_name, ' ' ORDER BY ordinal_position) AS types FROM information_schema.columns WHERE table_name = 'types'`,
  )
  expect(rows[0].types).toBe('int4 int2 int8 float4 float8 bool text bytea numeric timestamp date time')
})

const row = struct(
  [
    ['id', scalar('int32')],
    ['name', scalar('string', optional)],
    ['grp', scalar('string')],
  ],
  { name: 'flat.Value' },
)
const rowOf = (id: number, name: string, grp = 'x'): Struct => new Struct(row, [id, name, grp])

test('deleted and inserted again in one batch: the row is there', async () => {
  await using sink = await startSink(aivenJdbcSink, config({ 'delete.enabled': 'true' }))
  await sink.put(
    recordOf({ topic: 'again', offset: 0, key: keyed(1), value: rowOf(1, 'a') }),
    recordOf({ topic: 'again', offset: 1, key: keyed(1), value: null }),
    recordOf({ topic: 'again', offset: 2, key: keyed(1), value: rowOf(1, 'again', 'z') }),
  )
  expect(await rowsOf('again')).toEqual(['{"id":1,"name":"again","grp":"z"}'])
})

test('quotes in names and in defaults are escaped', async () => {
  const odd = struct(
    [
      ['id', scalar('int32')],
      ['a"b', scalar('string', { ...optional, default: "it's" })],
    ],
    { name: 'odd' },
  )
  await using sink = await startSink(jdbcSink, config())
  await sink.put(recordOf({ topic: 'odd', offset: 0, key: keyed(1), value: new Struct(odd, [1, null]) }))
  expect(await rowsOf('odd')).toEqual(['{"id":1,"a\\"b":"it\'s"}'])
})

test('db.timezone moves timestamps and not what has no zone', async () => {
  await using sink = await startSink(
    jdbcSink,
    config({ 'db.timezone': 'America/New_York', 'date.timezone': 'UTC' }),
  )
  const value = new Struct(everyType, [1, ...new Array(8).fill(null), 1_720_000_000_000n, 19_782, null])
  await sink.put(recordOf({ topic: 'zoned', offset: 0, key: keyed(1), value }))
  const { rows } = await database.client.query('SELECT ts::text, d::text FROM zoned')
  expect(rows).toEqual([{ ts: '2024-07-03 05:46:40', d: '2024-02-29' }])
})

test('texts go into uuid, jsonb and enum columns', async () => {
  await database.client.query(
    `CREATE TYPE mood AS ENUM ('ok'); CREATE TABLE cast_to (id int PRIMARY KEY, name uuid, grp jsonb, m mood)`,
  )
  const schema = struct([
    ['id', scalar('int32')],
    ['name', scalar('string')],
    ['grp', scalar('string')],
    ['m', scalar('string')],
  ])
  await using sink = await startSink(jdbcSink, config())
  const value = new Struct(schema, [1, '11111111-2222-3333-4444-55555555555A', '{"a": 1}', 'ok'])
  await sink.put(recordOf({ topic: 'cast_to', offset: 0, key: keyed(1), value }))
  expect(await rowsOf('cast_to')).toEqual([
    '{"id":1,"name":"11111111-2222-3333-4444-55555555555a","grp":{"a": 1},"m":"ok"}',
  ])
})

test('a failed put leaves nothing behind, not even the table that it made', async () => {
  await using sink = await startSink(jdbcSink, config({ 'insert.mode': 'insert' }))
  const twice = [0, 1].map((offset) =>
    recordOf({ topic: 'gone', offset, key: keyed(1), value: rowOf(1, 'a') }),
  )
  expect(await refusal(sink.put(...twice))).toMatch(
    /duplicate key value violates unique constraint "gone_pkey"/,
  )
  const { rows } = await database.client.query(`SELECT to_regclass('gone') AS gone`)
  expect(rows).toEqual([{ gone: null }])
})

test('columns that were added by hand are seen after a failure, without a restart', async () => {
  await database.client.query('CREATE TABLE by_hand (id int PRIMARY KEY, name text, grp text)')
  await using sink = await startSink(jdbcSink, config())
  await sink.put(recordOf({ topic: 'by_hand', offset: 0, key: keyed(1), value: rowOf(1, 'a') }))
  await database.client.query(
    'ALTER TABLE by_hand RENAME COLUMN name TO old; ALTER TABLE by_hand ADD COLUMN name text',
  )
  await sink.put(recordOf({ topic: 'by_hand', offset: 1, key: keyed(2), value: rowOf(2, 'b') }))
  await database.client.query(
    'ALTER TABLE by_hand DROP COLUMN name; ALTER TABLE by_hand ADD COLUMN "name" varchar(9)',
  )
  await sink.put(recordOf({ topic: 'by_hand', offset: 2, key: keyed(3), value: rowOf(3, 'c') }))
  expect(await rowsOf('by_hand')).toHaveLength(3)
})

test('two tasks that make the same table at once both go on', async () => {
  const sinks = await Promise.all([1, 2, 3, 4].map(() => startSink(jdbcSink, config({ 'max.retries': '5' }))))
  await Promise.all(
    sinks.map((sink, id) =>
      sink.put(recordOf({ topic: 'shared', offset: id, key: keyed(id), value: rowOf(id, 'a') })),
    ),
  )
  for (const sink of sinks) await sink[Symbol.asyncDispose]()
  expect(await rowsOf('shared')).toHaveLength(4)
})

test('a wrong password is a problem of the user, and is not repeated', async () => {
  const never = new AbortController().signal
  const problems = await jdbcSink.check?.(
    config({ 'connection.user': 'nobody', 'connection.password': 'SECRET', topics: 't' }),
    never,
  )
  const refused = await jdbcSink.check?.(
    config({ 'connection.url': 'jdbc:postgresql://127.0.0.1:1/x?password=SECRET' }),
    never,
  )
  expect(refused).toEqual([
    {
      field: 'connection.url',
      message: expect.stringMatching(/^Could not connect to database\. .*127\.0\.0\.1:1/),
    },
  ])
  expect(JSON.stringify([problems, refused])).not.toContain('SECRET')
})
