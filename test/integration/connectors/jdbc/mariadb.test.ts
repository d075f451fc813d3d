/** Both dialects against a real MariaDB, where there is one. */
import { Decimal, scalar, Struct, struct } from '#data'
import { openSql, type SqlClient } from '#sql'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { debeziumJdbcSink } from '../../../../connectors/jdbc/debezium-sink.ts'
import { aivenJdbcSink, jdbcSink } from '../../../../connectors/jdbc/sink.ts'
import type { ServerAddress } from '../../../support/services/address.ts'
import { mariaDbAvailable, mariaDbServer } from '../../../support/services/mariadb.ts'
import {
  connectType,
  debeziumType,
  envelope,
  keyed,
  optional,
  recordOf,
} from '../../../support/jdbc/records.ts'
import { refusal, startSink } from '../../../support/jdbc/sink.ts'

describe.skipIf(!mariaDbAvailable)('MariaDB', () => {
  let server: ServerAddress
  let client: SqlClient
  let url: string

  beforeAll(async () => {
    server = await mariaDbServer()
    const database = `sink_${process.pid}`
    const login = { user: server.user, password: server.password }
    await using first = await openSql(`jdbc:mariadb://${server.host}:${server.port}/mysql`, login)
    await first.query(`CREATE DATABASE ${database} CHARACTER SET utf8mb4`)
    url = `jdbc:mariadb://${server.host}:${server.port}/${database}`
    client = await openSql(url, login)
  })

  afterAll(async () => {
    await client.query(`DROP DATABASE sink_${process.pid}`)
    await client[Symbol.asyncDispose]()
  })

  const login = (user: string) => ({
    'connection.url': url,
    [user]: server.user,
    'connection.password': server.password,
  })
  const confluent = (more: Record<string, string> = {}) => ({
    ...login('connection.user'),
    'auto.create': 'true',
    'insert.mode': 'upsert',
    'pk.mode': 'record_key',
    'max.retries': '0',
    ...more,
  })
  const debezium = (more: Record<string, string> = {}) => ({
    ...login('connection.username'),
    'schema.evolution': 'basic',
    'insert.mode': 'upsert',
    'primary.key.mode': 'record_key',
    'delete.enabled': 'true',
    'truncate.enabled': 'true',
    ...more,
  })
  const typesOf = async (table: string): Promise<string[]> => {
    const found = await client.table({ schema: null, table })
    return (found?.columns ?? []).map(
      (column) => `${column.name} ${column.type}${column.nullable ? '' : ' NOT NULL'}`,
    )
  }
  const rowsOf = async (sql: string): Promise<unknown> => (await client.query(sql)).rows

  const connectTypes = struct(
    [
      ['id', scalar('int32')],
      ['i8', scalar('int8', optional)],
      ['i64', scalar('int64', optional)],
      ['f32', scalar('float32', optional)],
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

  test('Aiven: every Connect type has its column and its value', async () => {
    await using sink = await startSink(aivenJdbcSink, confluent())
    const text = `it's a "\\" ünï 😀`
    const values = [
      1,
      -128,
      -1n,
      0.1,
      true,
      text,
      Uint8Array.of(0, 255),
      new Decimal(-1n, 2),
      -1n,
      -1,
      3_723_004,
    ]
    await sink.put(
      recordOf({ topic: 'connect_types', offset: 0, key: keyed(1), value: new Struct(connectTypes, values) }),
      recordOf({ topic: 'connect_types', offset: 1, key: keyed(2), value: new Struct(connectTypes, [2]) }),
    )
    expect(await typesOf('connect_types')).toEqual([
      'id int(11) NOT NULL',
      'i8 tinyint(4)',
      'i64 bigint(20)',
      'f32 float',
      'b tinyint(4)',
      's varchar(256)',
      'by varbinary(1024)',
      'dec decimal(65,2)',
      'ts datetime(3)',
      'd date',
      'tm time(3)',
    ])
    expect(await rowsOf('SELECT * FROM connect_types ORDER BY id')).toEqual([
      [
        1n,
        -128n,
        -1n,
        0.1,
        1n,
        text,
        Buffer.of(0, 255),
        '-0.01',
        '1969-12-31 23:59:59.999',
        '1969-12-31',
        '01:02:03.004',
      ],
      [2n, ...new Array(10).fill(null)],
    ])
  })

  test('Confluent: text is TEXT, but a key has a length', async () => {
    const schema = struct(
      [
        ['k', scalar('string')],
        ['s', scalar('string')],
      ],
      { name: 'v' },
    )
    await using sink = await startSink(jdbcSink, confluent({ 'pk.mode': 'record_value', 'pk.fields': 'k' }))
    await sink.put(
      ...['a', 'b', 'c'].map((s, offset) =>
        recordOf({ topic: 'texts', offset, value: new Struct(schema, ['k', s]) }),
      ),
    )
    expect(await typesOf('texts')).toEqual(['k varchar(256) NOT NULL', 's text NOT NULL'])
    expect(await rowsOf('SELECT * FROM texts')).toEqual([['k', 'c']])
  })

  const geometry = struct(
    [
      ['wkb', scalar('bytes')],
      ['srid', scalar('int32', optional)],
    ],
    debeziumType('data.geometry.Geometry'),
  )
  const debeziumTypes = struct(
    [
      ['id', scalar('int32')],
      ['bu', scalar('bytes', connectType('Decimal', { scale: '0', 'connect.decimal.precision': '20' }))],
      ['s', scalar('string', optional)],
      ['tm', scalar('int64', debeziumType('time.MicroTime'))],
      ['dtm', scalar('int64', debeziumType('time.MicroTimestamp'))],
      ['ts', scalar('string', debeziumType('time.ZonedTimestamp'))],
      ['y', scalar('int32', debeziumType('time.Year'))],
      ['bt', scalar('bytes', debeziumType('data.Bits', { length: '12' }))],
      ['e', scalar('string', debeziumType('data.Enum', { allowed: 'a,b' }))],
      ['st', scalar('string', debeziumType('data.EnumSet', { allowed: 'x,y,z' }))],
      ['j', scalar('string', debeziumType('data.Json'))],
      ['g', geometry],
    ],
    { name: 'srv.types.Value' },
  )

  test('Debezium: every type has its column and its value', async () => {
    const line = Buffer.from('AQIAAAACAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAPA/AAAAAAAA8D8=', 'base64')
    await using sink = await startSink(debeziumJdbcSink, debezium())
    const value = new Struct(debeziumTypes, [
      ...[1, new Decimal(18446744073709551615n, 0), 'text', -3_600_000_000n, 1_709_210_096_789_012n],
      ...['2024-02-29T12:34:56.789012Z', 2024, Buffer.from('qgo=', 'base64'), 'b', 'x,z', '{"k": [1]}'],
      new Struct(geometry, [line, 4326]),
    ])
    await sink.put(recordOf({ topic: 'types', offset: 0, key: keyed(1), value }))
    expect(await typesOf('types')).toEqual([
      'id int(11) NOT NULL',
      'bu decimal(20,0)',
      's longtext',
      'tm time(6)',
      'dtm datetime(6)',
      'ts timestamp(6)',
      'y year(4)',
      'bt bit(12)',
      "e enum('a','b')",
      "st set('x','y','z')",
      'j longtext',
      'g geometry',
    ])
    expect(
      await rowsOf('SELECT bu, s, tm, dtm, ts, y, hex(bt), e, st, j, st_astext(g), st_srid(g) FROM types'),
    ).toEqual([
      [
        ...[
          '18446744073709551615',
          'text',
          '-01:00:00.000000',
          '2024-02-29 12:34:56.789012',
          '2024-02-29 12:34:56.789012',
        ],
        ...[2024n, 'AAA', 'b', 'x,z', '{"k": [1]}', 'LINESTRING(0 0,1 1)', 4326n],
      ],
    ])
  })

  const row = struct(
    [
      ['id', scalar('int32')],
      ['name', scalar('string', { ...optional })],
      ['n', scalar('int32', optional)],
    ],
    { name: 'srv.Row' },
  )
  const rowOf = (...values: unknown[]): Struct => new Struct(row, values)

  test('Debezium: the life of rows; unsent values stay', async () => {
    await using sink = await startSink(debeziumJdbcSink, debezium())
    await sink.put(
      recordOf({
        topic: 'life',
        offset: 0,
        key: keyed(1),
        value: envelope('c', row, null, rowOf(1, 'a', 1)),
      }),
      recordOf({
        topic: 'life',
        offset: 1,
        key: keyed(2),
        value: envelope('c', row, null, rowOf(2, 'b', 1)),
      }),
      recordOf({
        topic: 'life',
        offset: 2,
        key: keyed(1),
        value: envelope('u', row, null, rowOf(1, '__debezium_unavailable_value', 2)),
      }),
      recordOf({
        topic: 'life',
        offset: 3,
        key: keyed(2),
        value: envelope('d', row, rowOf(2, null, null), null),
      }),
      recordOf({ topic: 'life', offset: 4, key: keyed(2), value: null }),
    )
    expect(await rowsOf('SELECT * FROM life')).toEqual([[1n, 'a', 2n]])
    await sink.put(recordOf({ topic: 'life', offset: 5, value: envelope('t', row, null, null) }))
    expect(await rowsOf('SELECT * FROM life')).toEqual([])
  })

  test('a key of 0 in an AUTO_INCREMENT column stays 0, and a text that is too long is an error', async () => {
    await client.query('CREATE TABLE strict (id int PRIMARY KEY AUTO_INCREMENT, name varchar(3), n int)')
    await using sink = await startSink(debeziumJdbcSink, debezium())
    await sink.put(recordOf({ topic: 'strict', offset: 0, key: keyed(0), value: rowOf(0, 'abc', 1) }))
    expect(await rowsOf('SELECT * FROM strict')).toEqual([[0n, 'abc', 1n]])
    const message = await refusal(
      sink.put(recordOf({ topic: 'strict', offset: 1, key: keyed(1), value: rowOf(1, 'SECRET', 1) })),
    )
    expect(message).toMatch(
      /column `name` \(varchar\(3\)\), the record at topic strict, partition 0, offset 1/,
    )
    expect(message).not.toContain('SECRET')
  })

  test('a batch larger than a packet goes in parts', async () => {
    await using sink = await startSink(debeziumJdbcSink, debezium())
    const big = 'ü'.repeat(400_000)
    const batch = Array.from({ length: 24 }, (_, id) =>
      recordOf({ topic: 'big', offset: id, key: keyed(id), value: rowOf(id, big, 1) }),
    )
    await sink.put(...batch)
    expect(await rowsOf('SELECT count(*), min(char_length(name)) FROM big')).toEqual([[24n, 400_000n]])
  })
})
