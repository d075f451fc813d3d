/** Both dialects end to end, over SQLite in a temporary folder: key modes, order, evolution, errors. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { datum, scalar, Struct, struct } from '#data'
import { openSql, type SqlClient } from '#sql'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { debeziumJdbcSink } from '../../../../connectors/jdbc/debezium-sink.ts'
import { jdbcSink } from '../../../../connectors/jdbc/sink.ts'
import { connectType, envelope, idKey, keyed, optional, recordOf } from '../../../support/jdbc/records.ts'
import { refusal, startSink } from '../../../support/jdbc/sink.ts'

let directory: string
let url: string
let client: SqlClient

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'rowtap-sqlite-'))
  url = `jdbc:sqlite:${join(directory, 'sink.db')}`
  client = await openSql(url, { user: null, password: null })
})

afterEach(async () => {
  await client[Symbol.asyncDispose]()
  rmSync(directory, { recursive: true })
})

const row = struct(
  [
    ['id', scalar('int32')],
    ['name', scalar('string', optional)],
  ],
  { name: 'Row' },
)
const wide = struct(
  [
    ['id', scalar('int32')],
    ['name', scalar('string', optional)],
    ['n', scalar('int32', { ...optional, default: 3 })],
  ],
  { name: 'Row' },
)
const person = (id: number, name: string | null): Struct => new Struct(row, [id, name])
const rowsOf = async (sql: string): Promise<unknown> => (await client.query(sql)).rows

const confluent = (config: Record<string, string> = {}) => ({
  'connection.url': url,
  'auto.create': 'true',
  'pk.mode': 'record_key',
  'insert.mode': 'upsert',
  'max.retries': '0',
  ...config,
})
const debezium = (config: Record<string, string> = {}) => ({
  'connection.url': url,
  'schema.evolution': 'basic',
  'primary.key.mode': 'record_key',
  'insert.mode': 'upsert',
  'delete.enabled': 'true',
  'truncate.enabled': 'true',
  'flush.max.retries': '0',
  ...config,
})

test('Confluent: a key that is deleted and inserted again in one batch is there at the end', async () => {
  await using sink = await startSink(jdbcSink, confluent({ 'delete.enabled': 'true' }))
  await sink.put(
    recordOf({ offset: 0, key: keyed(1), value: person(1, 'a') }),
    recordOf({ offset: 1, key: keyed(1), value: null }),
    recordOf({ offset: 2, key: keyed(1), value: person(1, 'again') }),
    recordOf({ offset: 3, key: keyed(2), value: person(2, 'b') }),
    recordOf({ offset: 4, key: keyed(2), value: null }),
  )
  expect(await rowsOf('SELECT * FROM t')).toEqual([[1n, 'again']])
})

test('Confluent: a batch that comes again changes nothing with upsert', async () => {
  await using sink = await startSink(jdbcSink, confluent())
  const batch = [1, 2, 3].map((id) => recordOf({ offset: id, key: keyed(id), value: person(id, `n${id}`) }))
  await sink.put(...batch)
  await sink.put(...batch)
  expect(await rowsOf('SELECT count(*) FROM t')).toEqual([[3n]])
})

test('Confluent: one put is one transaction over all tables', async () => {
  await using sink = await startSink(jdbcSink, confluent({ 'insert.mode': 'insert' }))
  await client.query('CREATE TABLE b (id INTEGER PRIMARY KEY, name TEXT)')
  const twice = [0, 1].map((offset) => recordOf({ topic: 'b', offset, key: keyed(1), value: person(1, 'x') }))
  const failed = sink.put(recordOf({ topic: 'a', offset: 0, key: keyed(1), value: person(1, 'x') }), ...twice)
  expect(await refusal(failed)).toBe(
    'Writing to the table "b" failed at column "id" (INTEGER), the record at topic b, partition 0, offset 1: ' +
      'UNIQUE constraint failed: b.id (SQLite 1555). ' +
      'Set the insert mode to upsert, so that a record that comes again updates its row.',
  )
  expect(await client.table({ schema: null, table: 'a' })).toBeNull()
  expect(await rowsOf('SELECT count(*) FROM b')).toEqual([[0n]])
})

test('Confluent: with a dead letter queue the bad record is reported and the others are written', async () => {
  await client.query(`CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT CHECK (name <> 'bad'))`)
  await using sink = await startSink(jdbcSink, confluent(), { reports: true })
  await sink.put(
    ...['a', 'bad', 'c'].map((name, id) => recordOf({ offset: id, key: keyed(id), value: person(id, name) })),
  )
  expect(await rowsOf('SELECT name FROM t ORDER BY id')).toEqual([['a'], ['c']])
  expect(sink.reported.map(({ offset }) => offset)).toEqual([1n])
})

test('Confluent: retries bring the batch again until they are used up', async () => {
  await client.query('CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT CHECK (length(name) < 3))')
  await using sink = await startSink(jdbcSink, confluent({ 'max.retries': '2', 'retry.backoff.ms': '7' }))
  const failed = sink.put(recordOf({ offset: 0, key: keyed(1), value: person(1, 'long') }))
  expect(await refusal(failed)).toMatch(
    /^Writing to the table "t" failed at the record at topic t, partition 0, offset 0/,
  )
  expect(sink.retries).toEqual([7, 7])
})

test('Confluent: key modes kafka, record_value and none; a primitive key', async () => {
  const put = async (config: Record<string, string>, table: string): Promise<unknown> => {
    await using sink = await startSink(jdbcSink, confluent({ ...config, 'table.name.format': table }))
    const record = recordOf({ offset: 7, value: person(1, 'a') })
    await sink.put({ ...record, key: datum(scalar('string'), 'k1') })
    return [(await client.table({ schema: null, table }))?.primaryKey, await rowsOf(`SELECT * FROM ${table}`)]
  }
  expect(await put({ 'pk.mode': 'kafka' }, 'k')).toEqual([
    ['__connect_topic', '__connect_partition', '__connect_offset'],
    [['t', 0n, 7n, 1n, 'a']],
  ])
  expect(await put({ 'pk.mode': 'record_value', 'pk.fields': 'name' }, 'v')).toEqual([['name'], [[1n, 'a']]])
  expect(await put({ 'pk.mode': 'none', 'insert.mode': 'insert' }, 'n')).toEqual([[], [[1n, 'a']]])
  expect(await put({ 'pk.fields': 'kid' }, 'p')).toEqual([['kid'], [[1n, 'a', 'k1']]])
})

test('Confluent: columns are added with their defaults, and nulls written as the default', async () => {
  await using sink = await startSink(jdbcSink, confluent({ 'auto.evolve': 'true' }))
  await sink.put(recordOf({ offset: 0, key: keyed(1), value: person(1, 'a') }))
  await sink.put(recordOf({ offset: 1, key: keyed(2), value: new Struct(wide, [2, 'b', null]) }))
  expect(await rowsOf('SELECT * FROM t')).toEqual([
    [1n, 'a', 3n],
    [2n, 'b', 3n],
  ])
})

test('Confluent: what is missing is refused with the statement that makes it', async () => {
  await using sink = await startSink(jdbcSink, confluent({ 'auto.create': 'false' }))
  expect(await refusal(sink.put(recordOf({ offset: 0, key: keyed(1), value: person(1, 'a') })))).toBe(
    'Table "t" is missing and auto-creation is disabled. Set auto.create=true or run: ' +
      'CREATE TABLE "t" ("id" INTEGER NOT NULL, "name" TEXT NULL, PRIMARY KEY("id"))',
  )
  await client.query('CREATE TABLE t (id INTEGER PRIMARY KEY)')
  expect(await refusal(sink.put(recordOf({ offset: 0, key: keyed(1), value: person(1, 'a') })))).toBe(
    'Table "t" is missing fields (name) and auto-evolution is disabled. Set auto.evolve=true, or run: ' +
      'ALTER TABLE "t" ADD COLUMN "name" TEXT NULL',
  )
})

test('Confluent: a change event is refused with the transform that it needs', async () => {
  await using sink = await startSink(jdbcSink, confluent())
  const event = envelope('c', row, null, person(1, 'a'))
  expect(await refusal(sink.put(recordOf({ offset: 4, key: keyed(1), value: event })))).toMatch(
    /^The record at topic t, partition 0, offset 4 is a Debezium change event.*io\.debezium\.transforms\.ExtractNewRecordState/,
  )
})

test('Confluent: timestamp.fields.list and text values', async () => {
  const counted = struct(
    [
      ['at', scalar('int64')],
      ['text', scalar('string')],
    ],
    { name: 'Counted' },
  )
  await using fields = await startSink(
    jdbcSink,
    confluent({
      'pk.mode': 'none',
      'insert.mode': 'insert',
      'timestamp.fields.list': 'at,text',
      'table.name.format': 'c',
    }),
  )
  await fields.put(recordOf({ offset: 0, value: new Struct(counted, [1_000_001n, '2000000']) }))
  expect(await rowsOf('SELECT * FROM c')).toEqual([[1000n, 2000n]])
  await using texts = await startSink(
    jdbcSink,
    confluent({ 'pk.mode': 'none', 'insert.mode': 'insert', 'table.name.format': 's' }),
  )
  await texts.put({ ...recordOf({ offset: 0, value: null }), value: datum(scalar('string'), 'hello') })
  expect(await rowsOf('SELECT record_value FROM s')).toEqual([['hello']])
})

test('Debezium: the life of rows, in envelopes, flat, and as tombstones', async () => {
  await using sink = await startSink(debeziumJdbcSink, debezium())
  await sink.put(
    recordOf({ offset: 0, key: keyed(1), value: envelope('r', row, null, person(1, 'a')) }),
    recordOf({ offset: 1, key: keyed(2), value: envelope('c', row, null, person(2, 'b')) }),
    recordOf({ offset: 2, key: keyed(1), value: envelope('u', row, null, person(1, 'A')) }),
    recordOf({ offset: 3, key: keyed(2), value: envelope('d', row, person(2, null), null) }),
    recordOf({ offset: 4, key: keyed(2), value: null }),
    recordOf({ offset: 5, key: keyed(3), value: person(3, 'flat') }),
    recordOf({ offset: 6, key: keyed(4), value: person(4, 'gone') }),
    recordOf({ offset: 7, key: keyed(4), value: null, valueSchema: row }),
  )
  expect(await rowsOf('SELECT * FROM t ORDER BY id')).toEqual([
    [1n, 'A'],
    [3n, 'flat'],
  ])
  await sink.put(recordOf({ offset: 8, value: envelope('t', row, null, null) }))
  expect(await rowsOf('SELECT * FROM t')).toEqual([])
})

test('Debezium: without delete.enabled and truncate.enabled such records do nothing', async () => {
  await using sink = await startSink(
    debeziumJdbcSink,
    debezium({ 'delete.enabled': 'false', 'truncate.enabled': 'false' }),
  )
  await sink.put(
    recordOf({ offset: 0, key: keyed(1), value: person(1, 'a') }),
    recordOf({ offset: 1, key: keyed(1), value: envelope('d', row, person(1, null), null) }),
    recordOf({ offset: 2, key: keyed(1), value: null }),
    recordOf({ offset: 3, value: envelope('t', row, null, null) }),
  )
  expect(await rowsOf('SELECT * FROM t')).toEqual([[1n, 'a']])
})

const unavailable = '__debezium_unavailable_value'

test('Debezium: a value that the source did not send never overwrites the one that is there', async () => {
  await using sink = await startSink(debeziumJdbcSink, debezium())
  await sink.put(
    recordOf({
      offset: 0,
      key: keyed(1),
      value: envelope('c', wide, null, new Struct(wide, [1, 'long text', 1])),
    }),
    recordOf({
      offset: 1,
      key: keyed(1),
      value: envelope('u', wide, null, new Struct(wide, [1, unavailable, 2])),
    }),
    recordOf({
      offset: 2,
      key: keyed(2),
      value: envelope('c', wide, null, new Struct(wide, [2, unavailable, 5])),
    }),
  )
  expect(await rowsOf('SELECT * FROM t ORDER BY id')).toEqual([
    [1n, 'long text', 2n],
    [2n, unavailable, 5n],
  ])
})

test('Debezium: a row that is not there cannot be made without a required value', async () => {
  await client.query('CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT NOT NULL, n INTEGER)')
  await using sink = await startSink(debeziumJdbcSink, debezium())
  await sink.put(recordOf({ offset: 0, key: keyed(1), value: new Struct(wide, [1, 'kept', 1]) }))
  await sink.put(
    recordOf({
      offset: 1,
      key: keyed(1),
      value: envelope('u', wide, null, new Struct(wide, [1, unavailable, 2])),
    }),
  )
  expect(await rowsOf('SELECT * FROM t')).toEqual([[1n, 'kept', 2n]])
  const lost = sink.put(
    recordOf({
      offset: 2,
      key: keyed(9),
      value: envelope('u', wide, null, new Struct(wide, [9, unavailable, 2])),
    }),
  )
  expect(await refusal(lost)).toMatch(
    /offset 2 lacks the value of a TOAST column that is NOT NULL in the table "t"/,
  )
})

test('Debezium: the reduction buffer ends where the plain one does', async () => {
  const events = [
    recordOf({ offset: 0, key: keyed(1), value: person(1, 'a') }),
    recordOf({ offset: 1, key: keyed(1), value: null }),
    recordOf({ offset: 2, key: keyed(1), value: person(1, 'b') }),
    recordOf({ offset: 3, key: keyed(2), value: person(2, 'c') }),
    recordOf({ offset: 4, key: keyed(2), value: envelope('u', row, null, person(2, unavailable)) }),
    recordOf({ offset: 5, key: keyed(3), value: person(3, 'd') }),
    recordOf({ offset: 6, key: keyed(3), value: null }),
  ]
  for (const reduction of ['true', 'false']) {
    await using sink = await startSink(
      debeziumJdbcSink,
      debezium({ 'use.reduction.buffer': reduction, 'table.name.format': `r${reduction}` }),
    )
    await sink.put(...events)
    expect(await rowsOf(`SELECT * FROM r${reduction} ORDER BY id`)).toEqual([
      [1n, 'b'],
      [2n, 'c'],
    ])
  }
})

test('Debezium: key modes record_header and record_value, field lists, names from the source', async () => {
  await using headers = await startSink(debeziumJdbcSink, debezium({ 'primary.key.mode': 'record_header' }))
  await headers.put(
    recordOf({
      offset: 0,
      value: person(1, 'a'),
      headers: [
        { key: 'hid', value: datum(scalar('int8'), 5) },
        { key: '__debezium.context.runId', value: datum(scalar('string'), 'x') },
      ],
    }),
  )
  expect((await client.table({ schema: null, table: 't' }))?.primaryKey).toEqual(['hid'])
  await using listed = await startSink(
    debeziumJdbcSink,
    debezium({
      'primary.key.mode': 'record_value',
      'primary.key.fields': 'id',
      'field.exclude.list': 'a\\.b:na.*',
      'collection.name.format': `\${source.schema}_\${topic}`,
    }),
  )
  await listed.put(
    recordOf({ topic: 'a.b', offset: 0, value: envelope('c', wide, null, new Struct(wide, [1, 'x', 2])) }),
  )
  expect(await rowsOf('SELECT * FROM public_a_b')).toEqual([[1n, 2n]])
})

test('Debezium: a decimal keeps all its digits', async () => {
  const money = struct(
    [
      ['id', scalar('int32')],
      ['amount', scalar('bytes', connectType('Decimal', { scale: '2' }))],
    ],
    { name: 'Money' },
  )
  await using sink = await startSink(debeziumJdbcSink, debezium())
  const { Decimal } = await import('#data')
  await sink.put(
    recordOf({
      offset: 0,
      key: keyed(1),
      value: new Struct(money, [1, new Decimal(12345678901234567890123n, 2)]),
    }),
  )
  expect(await rowsOf('SELECT amount FROM t')).toEqual([['123456789012345678901.23']])
})

test('Debezium: rows before a record that needs a column are written, then the task fails', async () => {
  await client.query('CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT)')
  await using sink = await startSink(debeziumJdbcSink, debezium({ 'schema.evolution': 'none' }))
  const failed = sink.put(
    recordOf({ offset: 0, key: keyed(1), value: person(1, 'a') }),
    recordOf({ offset: 1, key: keyed(2), value: new Struct(wide, [2, 'b', 1]) }),
  )
  expect(await refusal(failed)).toBe(
    'Cannot alter table "t" because schema evolution is disabled: it has no column n. ' +
      'Set schema.evolution=basic, or run: ALTER TABLE "t" ADD COLUMN "n" INTEGER NULL DEFAULT 3',
  )
  expect(await rowsOf('SELECT * FROM t')).toEqual([[1n, 'a']])
})

test('Debezium: records that cannot be rows are refused with their coordinates', async () => {
  await using sink = await startSink(debeziumJdbcSink, debezium())
  const plain = {
    ...recordOf({ offset: 3, key: keyed(1), value: null }),
    value: datum(null, new Map([['id', 1n]])),
  }
  expect(await refusal(sink.put(plain))).toMatch(
    /^The record at topic t, partition 0, offset 3 has a value that is no struct/,
  )
  expect(await refusal(sink.put(recordOf({ offset: 4, value: person(1, 'a') })))).toMatch(
    /'record_key' cannot have null schema/,
  )
  const nested = struct(
    [
      ['id', scalar('int32')],
      ['in', idKey],
    ],
    { name: 'Nested' },
  )
  const value = new Struct(nested, [1, keyed(2)])
  expect(await refusal(sink.put(recordOf({ offset: 5, key: keyed(1), value })))).toMatch(
    /\(STRUCT\) type doesn't have a mapping.*field 'in'/,
  )
})
