/** `debezium-jdbc-sink` against a real PostgreSQL. */
import { Decimal, type Schema, scalar, Struct, struct } from '#data'
import { expect, test } from 'vitest'
import { debeziumJdbcSink } from '../../../../connectors/jdbc/debezium-sink.ts'
import { debeziumTarget } from '../../../support/jdbc/debezium-target.ts'
import { connectType, envelope, keyed, optional, recordOf } from '../../../support/jdbc/records.ts'
import { refusal, startSink } from '../../../support/jdbc/sink.ts'

const target = debeziumTarget('jdbc_debezium')
const { config, rowsOf, columnsOf } = target

const person: Schema = struct(
  [
    ['id', scalar('int32')],
    ['name', scalar('string')],
    ['age', scalar('int32', { ...optional, default: 18 })],
    ['note', scalar('string', optional)],
  ],
  { name: 'srv.person.Value' },
)
const personWider: Schema = struct(
  [
    ...person.fields.map((field) => [field.name, field.schema] as const),
    ['email', scalar('string', optional)],
    [
      'score',
      scalar('bytes', {
        ...connectType('Decimal', { scale: '2', 'connect.decimal.precision': '6' }),
        default: new Decimal(150n, 2),
      }),
    ],
  ],
  { name: 'srv.person.Value' },
)
const row = (...values: unknown[]): Struct => new Struct(person, values)
const wide = (...values: unknown[]): Struct => new Struct(personWider, values)

/** Insert, update, delete with its tombstone, added columns, a changed key, truncate, and a row after it. */
const life = (topic: string) =>
  [
    { key: keyed(1), value: envelope('r', person, null, row(1, 'Ann', 30, 'x')) },
    { key: keyed(2), value: envelope('c', person, null, row(2, 'Bob', 18, null)) },
    { key: keyed(3), value: envelope('c', person, null, row(3, 'Cid', 18, 'z')) },
    { key: keyed(1), value: envelope('u', person, row(1, 'Ann', 30, 'x'), row(1, 'Anna', 30, null)) },
    { key: keyed(2), value: envelope('d', person, row(2, '', null, null), null) },
    { key: keyed(2), value: null },
    {
      key: keyed(4),
      value: envelope('c', personWider, null, wide(4, 'Dan', 44, 'n', 'd@x', new Decimal(975n, 2))),
    },
    { key: keyed(3), value: envelope('d', personWider, wide(3, '', null, null, null, null), null) },
    { key: keyed(3), value: null },
    {
      key: keyed(5),
      value: envelope('c', personWider, null, wide(5, 'Cid', 18, 'z', null, new Decimal(150n, 2))),
    },
    { key: null, value: envelope('t', personWider, null, null) },
    {
      key: keyed(6),
      value: envelope('c', personWider, null, wide(6, 'Eve', 18, 'after', null, new Decimal(150n, 2))),
    },
  ].map((parts, offset) => recordOf({ topic, offset, ...parts }))

test.each([
  ['500', 'false'],
  ['1', 'false'],
  ['500', 'true'],
])('the whole life of rows (batch.size %s, reduction %s)', async (size, reduction) => {
  const table = `life_${size}_${reduction}`
  await using sink = await startSink(
    debeziumJdbcSink,
    config({ 'batch.size': size, 'use.reduction.buffer': reduction }),
  )
  await sink.put(...life(table))
  expect(await columnsOf(table)).toEqual([
    'id integer NOT NULL',
    'name text NOT NULL',
    'age integer DEFAULT 18',
    'note text',
    'email text',
    'score numeric(6,2) DEFAULT 1.50',
  ])
  expect(await rowsOf(table)).toEqual([
    '{"id":6,"name":"Eve","age":18,"note":"after","email":null,"score":1.50}',
  ])
})

test('a table with other and wider columns is written as it is, and gets what it lacks', async () => {
  await target.client.query(
    `CREATE TABLE evolved (id bigint PRIMARY KEY, NAME varchar(100), extra text DEFAULT 'e')`,
  )
  await using sink = await startSink(debeziumJdbcSink, config())
  await sink.put(...life('evolved'))
  expect(await columnsOf('evolved')).toEqual([
    'id bigint NOT NULL',
    'name character varying(100)',
    "extra text DEFAULT 'e'::text",
    'age integer DEFAULT 18',
    'note text',
    'email text',
    'score numeric(6,2) DEFAULT 1.50',
  ])
  expect(await rowsOf('evolved')).toEqual([
    '{"id":6,"name":"Eve","extra":"e","age":18,"note":"after","email":null,"score":1.50}',
  ])
})

const int = scalar('int32', optional)
const text = scalar('string', optional)

test('keys that PostgreSQL holds equal are one row', async () => {
  await target.client.query('CREATE TABLE folded (id citext PRIMARY KEY, n int)')
  const key = struct([['id', scalar('string')]], { name: 'k' })
  const value = struct(
    [
      ['id', scalar('string')],
      ['n', int],
    ],
    { name: 'v' },
  )
  await using sink = await startSink(debeziumJdbcSink, config())
  const events = ['a', 'A', 'a'].map((id, n) =>
    recordOf({ topic: 'folded', offset: n, key: new Struct(key, [id]), value: new Struct(value, [id, n]) }),
  )
  await sink.put(...events)
  expect(await rowsOf('folded')).toEqual(['{"id":"a","n":2}'])
})

test('unquoted names fold, names that need quotes keep their case, quote.identifiers keeps all', async () => {
  const value = struct(
    [
      ['id', scalar('int32')],
      ['camelCase', text],
      ['by', text],
    ],
    { name: 'v' },
  )
  const record = recordOf({
    topic: 'Folded.Names',
    offset: 0,
    key: keyed(1),
    value: new Struct(value, [1, 'x', 'y']),
  })
  await using folding = await startSink(debeziumJdbcSink, config())
  await folding.put(record, { ...record, topic: 'with-Dash' })
  expect(await columnsOf('folded_names')).toEqual(['id integer NOT NULL', 'camelcase text', 'by text'])
  expect(await rowsOf('"with-Dash"')).toEqual(['{"id":1,"camelcase":"x","by":"y"}'])
  await using quoting = await startSink(
    debeziumJdbcSink,
    config({ 'quote.identifiers': 'true', 'collection.name.format': 'My Table' }),
  )
  await quoting.put(record)
  expect(await rowsOf('"My Table"')).toEqual(['{"id":1,"camelCase":"x","by":"y"}'])
})

test('a lost connection is opened again, and the batch comes a second time', async () => {
  await using sink = await startSink(debeziumJdbcSink, config())
  await sink.put(recordOf({ topic: 'cut', offset: 0, key: keyed(1), value: row(1, 'a', 1, null) }))
  await target.client.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND application_name = 'rowtap'`,
    [target.client.database],
  )
  await sink.put(
    recordOf({ topic: 'cut', offset: 0, key: keyed(1), value: row(1, 'a', 1, null) }),
    recordOf({ topic: 'cut', offset: 1, key: keyed(2), value: row(2, 'b', 2, null) }),
  )
  expect(await rowsOf('cut')).toHaveLength(2)
})

test('an unchanged TOAST value stays, also where the column may not be null', async () => {
  await target.client.query('CREATE TABLE toast (id int PRIMARY KEY, name text NOT NULL, age int, note text)')
  await using sink = await startSink(debeziumJdbcSink, config())
  const lacking = '__debezium_unavailable_value'
  const event = (offset: number, ...values: unknown[]) =>
    recordOf({
      topic: 'toast',
      offset,
      key: keyed(1),
      value: envelope(offset === 0 ? 'c' : 'u', person, null, row(...values)),
    })
  await sink.put(
    event(0, 1, 'long name', 1, 'long note'),
    event(1, 1, lacking, 2, 'new note'),
    event(2, 1, lacking, 3, lacking),
  )
  expect(await rowsOf('toast')).toEqual(['{"id":1,"name":"long name","age":3,"note":"new note"}'])
})

test('a value that does not fit names its column and its record, and not itself', async () => {
  await target.client.query(
    'CREATE TABLE narrow (id int PRIMARY KEY, name varchar(3) NOT NULL, age int, note int)',
  )
  await using sink = await startSink(debeziumJdbcSink, config())
  const good = recordOf({ topic: 'narrow', offset: 0, key: keyed(1), value: row(1, 'abc', 1, '5') })
  const long = recordOf({ topic: 'narrow', offset: 1, key: keyed(2), value: row(2, 'SECRET', 1, '5') })
  const word = recordOf({ topic: 'narrow', offset: 2, key: keyed(3), value: row(3, 'abc', 1, 'SECRET') })
  const none = recordOf({ topic: 'narrow', offset: 3, key: keyed(4), value: row(4, null, 1, '5') })
  const messages = [
    await refusal(sink.put(good, long)),
    await refusal(sink.put(good, word)),
    await refusal(sink.put(good, none)),
  ]
  expect(messages).toEqual([
    expect.stringMatching(
      /"narrow" failed at column "name" \(character varying\(3\)\), the record at topic narrow, partition 0, offset 1/,
    ),
    expect.stringMatching(/column "note" \(integer\), the record at topic narrow, partition 0, offset 2/),
    expect.stringMatching(
      /column "name" .* offset 3.*ALTER TABLE "public"."narrow" ALTER COLUMN "name" DROP NOT NULL/,
    ),
  ])
  expect(messages.join()).not.toContain('SECRET')
})

test('an upsert without a unique index says which one it needs, at validation and at run time', async () => {
  await target.client.query('CREATE TABLE loose (id int, name text, age int, note text)')
  const problems = await debeziumJdbcSink.check?.(
    config({ topics: 'loose', 'primary.key.fields': 'id' }),
    new AbortController().signal,
  )
  expect(problems).toEqual([
    {
      field: 'primary.key.fields',
      message: expect.stringMatching(/CREATE UNIQUE INDEX ON "public"."loose" \("id"\)$/),
    },
  ])
  await using sink = await startSink(debeziumJdbcSink, config())
  const failed = sink.put(recordOf({ topic: 'loose', offset: 0, key: keyed(1), value: row(1, 'a', 1, null) }))
  expect(await refusal(failed)).toMatch(/CREATE UNIQUE INDEX ON "public"."loose" \("id"\)$/)
})

test('insert mode writes all of a flush or nothing of it', async () => {
  await using sink = await startSink(debeziumJdbcSink, config({ 'insert.mode': 'insert' }))
  const events = [1, 2, 1].map((id, offset) =>
    recordOf({ topic: 'once', offset, key: keyed(id), value: row(id, 'a', 1, null) }),
  )
  expect(await refusal(sink.put(...events))).toMatch(
    /record at topic once, partition 0, offset 2: duplicate key value violates unique constraint "once_pkey"/,
  )
  expect(await rowsOf('once')).toEqual([])
})
