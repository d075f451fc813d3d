/** The type tables and the bound forms of each dialect. */
import { array, Decimal, map, type Schema, scalar, Struct, struct } from '#data'
import { expect, test } from 'vitest'
import type { Flavour } from '../../../../connectors/jdbc/dialects/dialect.ts'
import { mysqlDialect } from '../../../../connectors/jdbc/dialects/mysql.ts'
import { postgresDialect } from '../../../../connectors/jdbc/dialects/postgres.ts'
import { sqliteDialect } from '../../../../connectors/jdbc/dialects/sqlite.ts'
import { connectType, debeziumType, optional } from '../../../support/jdbc/records.ts'

const same = <T>(instant: T): T => instant
const flavour = (types: Flavour['types']): Flavour => ({ types, clock: same, dateClock: same })
const [confluent, aiven, debezium] = [flavour('confluent'), flavour('aiven'), flavour('debezium')]
const dialects = [postgresDialect, mysqlDialect, sqliteDialect]

function typesOf(schema: Schema, of: Flavour, key = false): string[] {
  return dialects.map((dialect) => {
    try {
      return dialect.columnType({ name: 'c', schema, key }, of)
    } catch {
      return 'refused'
    }
  })
}

test.each([
  ['int8', scalar('int8'), 'SMALLINT TINYINT INTEGER'],
  ['int16', scalar('int16'), 'SMALLINT SMALLINT INTEGER'],
  ['int32', scalar('int32'), 'INT INT INTEGER'],
  ['int64', scalar('int64'), 'BIGINT BIGINT INTEGER'],
  ['float32', scalar('float32'), 'REAL FLOAT REAL'],
  ['float64', scalar('float64'), 'DOUBLE PRECISION DOUBLE REAL'],
  ['boolean', scalar('boolean'), 'BOOLEAN TINYINT INTEGER'],
  ['string', scalar('string'), 'TEXT TEXT TEXT'],
  ['bytes', scalar('bytes'), 'BYTEA VARBINARY(1024) BLOB'],
  ['Decimal', scalar('bytes', connectType('Decimal', { scale: '2' })), 'DECIMAL DECIMAL(65,2) NUMERIC'],
  ['Date', scalar('int32', connectType('Date')), 'DATE DATE NUMERIC'],
  ['Time', scalar('int32', connectType('Time')), 'TIME TIME(3) NUMERIC'],
  ['Timestamp', scalar('int64', connectType('Timestamp')), 'TIMESTAMP DATETIME(3) NUMERIC'],
  [
    'Debezium’s Date, which Confluent does not know',
    scalar('int32', debeziumType('time.Date')),
    'INT INT INTEGER',
  ],
  ['array', array(scalar('int32')), 'INT[] refused refused'],
  ['map', map(scalar('string'), scalar('string')), 'refused refused refused'],
  ['struct', struct([]), 'refused refused refused'],
])('Confluent: %s', (_, schema, expected) => {
  expect(typesOf(schema, confluent).join(' ')).toBe(expected)
})

test('text in MySQL: TEXT, but a length for keys, and Aiven’s length everywhere', () => {
  expect(typesOf(scalar('string'), confluent, true)[1]).toBe('VARCHAR(256)')
  expect(typesOf(scalar('string'), aiven)[1]).toBe('VARCHAR(256)')
})

test.each([
  ['Date', scalar('int32', debeziumType('time.Date')), ['date', 'date', 'TEXT']],
  ['Time', scalar('int32', debeziumType('time.Time')), ['time(6)', 'time(6)', 'TEXT']],
  ['NanoTime', scalar('int64', debeziumType('time.NanoTime')), ['time(6)', 'time(6)', 'TEXT']],
  [
    'MicroTimestamp',
    scalar('int64', debeziumType('time.MicroTimestamp')),
    ['timestamp(6)', 'datetime(6)', 'TEXT'],
  ],
  [
    'ZonedTimestamp',
    scalar('string', debeziumType('time.ZonedTimestamp')),
    ['timestamptz(6)', 'timestamp(6)', 'TEXT'],
  ],
  ['ZonedTime', scalar('string', debeziumType('time.ZonedTime')), ['timetz(6)', 'refused', 'TEXT']],
  ['MicroDuration', scalar('int64', debeziumType('time.MicroDuration')), ['interval', 'bigint', 'INTEGER']],
  ['Year', scalar('int32', debeziumType('time.Year')), ['integer', 'year', 'INTEGER']],
  ['Json', scalar('string', debeziumType('data.Json')), ['json', 'json', 'TEXT']],
  ['Uuid', scalar('string', debeziumType('data.Uuid')), ['uuid', 'longtext', 'TEXT']],
  [
    'Enum',
    scalar('string', debeziumType('data.Enum', { allowed: "a,it's" })),
    ['text', "enum('a','it''s')", 'TEXT'],
  ],
  [
    'EnumSet',
    scalar('string', debeziumType('data.EnumSet', { allowed: 'x,y' })),
    ['text', "set('x','y')", 'TEXT'],
  ],
  ['Bits', scalar('bytes', debeziumType('data.Bits', { length: '12' })), ['bit(12)', 'bit(12)', 'TEXT']],
  [
    'Decimal',
    scalar('bytes', connectType('Decimal', { scale: '4', 'connect.decimal.precision': '12' })),
    ['numeric(12,4)', 'decimal(12,4)', 'TEXT'],
  ],
  [
    'VariableScaleDecimal',
    struct([], debeziumType('data.VariableScaleDecimal')),
    ['double precision', 'double', 'TEXT'],
  ],
  ['Point', struct([], debeziumType('data.geometry.Point')), ['point', 'point', 'BLOB']],
  ['array', array(scalar('string', optional)), ['text[]', 'refused', 'refused']],
  ['text', scalar('string'), ['text', 'longtext', 'TEXT']],
])('Debezium: %s', (_, schema, expected) => {
  expect(typesOf(schema, debezium)).toEqual(expected)
})

test('a MySQL key of text or bytes has a length', () => {
  expect(typesOf(scalar('string'), debezium, true)[1]).toBe('varchar(255)')
  expect(typesOf(scalar('bytes'), debezium, true)[1]).toBe('varbinary(255)')
})

test.each([
  ['VARCHAR', '20', 'string', ['varchar(20)', 'varchar(20)']],
  ['BPCHAR', '5', 'string', ['char(5)', 'char(5)']],
  ['VARCHAR', '2147483647', 'string', ['text', 'longtext']],
  ['CITEXT', '2147483647', 'string', ['citext', 'longtext']],
  ['JSONB', '2147483647', 'string', ['jsonb', 'longtext']],
  ['OID', '10', 'int64', ['oid', 'bigint']],
  ['BIT', '1', 'boolean', ['bit(1)', 'tinyint(1)']],
] as const)('propagated source type %s(%s)', (type, length, base, expected) => {
  const parameters = { '__debezium.source.column.type': type, '__debezium.source.column.length': length }
  expect(typesOf(scalar(base, { ...optional, parameters }), debezium).slice(0, 2)).toEqual(expected)
})

const variable = struct(
  [
    ['scale', scalar('int32')],
    ['value', scalar('bytes')],
  ],
  debeziumType('data.VariableScaleDecimal'),
)
const point = struct(
  [
    ['x', scalar('float64')],
    ['y', scalar('float64')],
    ['wkb', scalar('bytes', optional)],
    ['srid', scalar('int32', optional)],
  ],
  debeziumType('data.geometry.Point'),
)

test.each([
  [scalar('int64'), 'bigint', -9223372036854775808n, '-9223372036854775808'],
  [scalar('bytes', connectType('Decimal', { scale: '2' })), 'numeric', new Decimal(-1n, 2), '-0.01'],
  [variable, 'numeric', new Struct(variable, [9, Buffer.from('WvLcO0MV', 'base64')]), '99999.123456789'],
  [variable, 'numeric', new Struct(variable, [0, Uint8Array.of(0xff)]), '-1'],
  [scalar('int32', connectType('Date')), 'date', -1, '1969-12-31'],
  [scalar('int32', debeziumType('time.Date')), 'date', 2147483647, 'infinity'],
  [
    scalar('int64', debeziumType('time.MicroTimestamp')),
    'timestamp without time zone',
    -9223372036832400000n,
    '-infinity',
  ],
  [
    scalar('string', debeziumType('time.ZonedTimestamp')),
    'timestamp with time zone',
    '2024-01-01T00:00:00+02:00',
    '2023-12-31 22:00:00+00',
  ],
  [
    scalar('string', debeziumType('time.ZonedTimestamp')),
    'timestamp with time zone',
    '-infinity',
    '-infinity',
  ],
  [
    scalar('bytes', debeziumType('data.Bits', { length: '12' })),
    '"bit"',
    Buffer.from('qgo=', 'base64'),
    '101010101010',
  ],
  [scalar('boolean'), '"bit"', true, '1'],
  [scalar('boolean'), 'boolean', false, 'false'],
  [scalar('bytes'), 'bytea', Uint8Array.of(1, 255), '\\x01ff'],
  [array(scalar('string')), 'text[]', ['a', null, '"q"', 'b,c\\'], '{"a",NULL,"\\"q\\"","b,c\\\\"}'],
  [
    array(array(scalar('int32'))),
    'integer[]',
    [
      [1, 2],
      [3, null],
    ],
    '{{"1","2"},{"3",NULL}}',
  ],
  [scalar('string', debeziumType('data.Json')), 'hstore', '{"a":"1","b":null}', '"a"=>"1","b"=>NULL'],
  [point, 'point', new Struct(point, [1, 2, null, null]), '(1,2)'],
  [
    point,
    'geometry',
    new Struct(point, [1, 2, null, 4326]),
    '0101000020e6100000000000000000f03f0000000000000040',
  ],
] as const)('PostgreSQL binds %#', (schema, base, value, cell) => {
  expect(postgresDialect.binder(schema, base, debezium)(value)).toBe(cell)
})

test.each([
  [scalar('int64', debeziumType('time.MicroTime')), 'time', -3_600_000_000n, '-01:00:00'],
  [
    scalar('string', debeziumType('time.ZonedTimestamp')),
    'timestamp',
    '2024-01-01T00:00:00.5Z',
    '2024-01-01 00:00:00.5',
  ],
  [
    scalar('bytes', debeziumType('data.Bits', { length: '12' })),
    'bit',
    Uint8Array.of(0xaa, 0x0a),
    Uint8Array.of(0x0a, 0xaa),
  ],
  [
    point,
    'point',
    new Struct(point, [1, 2, null, null]),
    Buffer.from('000000000101000000000000000000f03f0000000000000040', 'hex'),
  ],
] as const)('MySQL binds %#', (schema, base, value, cell) => {
  expect(mysqlDialect.binder(schema, base, debezium)(value)).toEqual(cell)
})

test('SQLite: sqlite-jdbc’s milliseconds for Confluent, texts for Debezium', () => {
  const timestamp = scalar('int64', connectType('Timestamp'))
  expect(sqliteDialect.binder(timestamp, 'numeric', confluent)(1_709_210_096_789n)).toBe(1_709_210_096_789n)
  expect(sqliteDialect.binder(timestamp, 'text', debezium)(1_709_210_096_789n)).toBe(
    '2024-02-29 12:34:56.789',
  )
  expect(sqliteDialect.binder(scalar('int32', connectType('Date')), 'numeric', confluent)(1)).toBe(
    86_400_000n,
  )
})
