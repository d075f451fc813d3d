/** The columns and values of every type that `debezium-jdbc-sink` writes into a real PostgreSQL. */
import { array, Decimal, type Schema, scalar, Struct, struct } from '#data'
import { expect, test } from 'vitest'
import { debeziumJdbcSink } from '../../../../connectors/jdbc/debezium-sink.ts'
import { debeziumTarget } from '../../../support/jdbc/debezium-target.ts'
import { connectType, debeziumType, keyed, optional, recordOf } from '../../../support/jdbc/records.ts'
import { startSink } from '../../../support/jdbc/sink.ts'

const target = debeziumTarget('jdbc_types')
const { config, rowsOf, columnsOf } = target

const variable = struct(
  [
    ['scale', scalar('int32')],
    ['value', scalar('bytes')],
  ],
  debeziumType('data.VariableScaleDecimal'),
)
const int = scalar('int32', optional)
const text = scalar('string', optional)
const types: readonly (readonly [string, Schema, unknown, unknown, unknown])[] = [
  ['si', scalar('int16', optional), 1, 'smallint', 1],
  ['bi', scalar('int64', optional), -9223372036854775808n, 'bigint', -9223372036854775808n],
  ['r', scalar('float32', optional), 1e-30, 'real', 1e-30],
  ['d', scalar('float64', optional), 1e300, 'double precision', 1e300],
  [
    'n',
    scalar('bytes', connectType('Decimal', { scale: '4', 'connect.decimal.precision': '12' })),
    new Decimal(1234567n, 4),
    'numeric(12,4)',
    123.4567,
  ],
  [
    'nn',
    variable,
    new Struct(variable, [9, Buffer.from('WvLcO0MV', 'base64')]),
    'double precision',
    99999.123456789,
  ],
  ['bo', scalar('boolean', optional), true, 'boolean', true],
  ['t', text, 'a"b\\c, {é}', 'text', 'a"b\\c, {é}'],
  ['bin', scalar('bytes', optional), Uint8Array.of(1, 2, 255), 'bytea', '\\x0102ff'],
  ['dt', scalar('int32', debeziumType('time.Date')), 19782, 'date', '2024-02-29'],
  ['tm', scalar('int32', debeziumType('time.Time')), 45_296_789, 'time(6) without time zone', '12:34:56.789'],
  [
    'tm6',
    scalar('int64', debeziumType('time.MicroTime')),
    86_399_999_999n,
    'time(6) without time zone',
    '23:59:59.999999',
  ],
  [
    'ts',
    scalar('int64', debeziumType('time.Timestamp')),
    -2_208_988_800_000n,
    'timestamp(6) without time zone',
    '1900-01-01T00:00:00',
  ],
  [
    'ts6',
    scalar('int64', debeziumType('time.MicroTimestamp')),
    253_402_300_799_999_999n,
    'timestamp(6) without time zone',
    '9999-12-31T23:59:59.999999',
  ],
  [
    'tz',
    scalar('string', debeziumType('time.ZonedTimestamp')),
    '1969-12-31T23:59:59.5Z',
    'timestamp(6) with time zone',
    '1969-12-31T23:59:59.5+00:00',
  ],
  [
    'ttz',
    scalar('string', debeziumType('time.ZonedTime')),
    '10:34:56Z',
    'time(6) with time zone',
    '10:34:56+00',
  ],
  ['iv', scalar('int64', debeziumType('time.MicroDuration')), 37_091_106_000_000n, 'interval', '10303:05:06'],
  [
    'u',
    scalar('string', debeziumType('data.Uuid')),
    '11111111-2222-3333-4444-555555555555',
    'uuid',
    '11111111-2222-3333-4444-555555555555',
  ],
  ['j', scalar('string', debeziumType('data.Json')), '{"a":1}', 'json', { a: 1 }],
  ['x', scalar('string', debeziumType('data.Xml')), '<x>1</x>', 'xml', '<x>1</x>'],
  [
    'b8',
    scalar('bytes', debeziumType('data.Bits', { length: '8' })),
    Uint8Array.of(0xaa),
    'bit(8)',
    '10101010',
  ],
  [
    'vb',
    scalar('bytes', debeziumType('data.Bits', { length: '12' })),
    Uint8Array.of(0x0b),
    'bit(12)',
    '000000001011',
  ],
  ['e', scalar('string', debeziumType('data.Enum', { allowed: 'sad,ok' })), 'ok', 'text', 'ok'],
  ['y', scalar('int32', debeziumType('time.Year')), 2024, 'integer', 2024],
  ['ia', array(int, optional), [1, 2, null], 'integer[]', [1, 2, null]],
  ['ta', array(text, optional), ['a', 'b c', '"q"', null], 'text[]', ['a', 'b c', '"q"', null]],
  ['ea', array(text, optional), [], 'text[]', []],
  ['lt', scalar('string', debeziumType('data.Tsvector')), "'a':1", 'tsvector', "'a':1"],
]

test('every type has its column and its value', async () => {
  const schema = struct([['id', scalar('int32')], ...types.map(([name, each]) => [name, each] as const)], {
    name: 'srv.types.Value',
  })
  const full = new Struct(schema, [1, ...types.map(([, , value]) => value)])
  const empty = new Struct(schema, [2, ...types.map(() => null)])
  await using sink = await startSink(debeziumJdbcSink, config())
  await sink.put(
    recordOf({ topic: 'types', offset: 0, key: keyed(1), value: full }),
    recordOf({ topic: 'types', offset: 1, key: keyed(2), value: empty }),
  )
  expect(await columnsOf('types')).toEqual([
    'id integer NOT NULL',
    ...types.map(([name, , , type]) => `${name} ${type}`),
  ])
  const [first = '', second = ''] = await rowsOf('types')
  const parsed: Record<string, unknown> = JSON.parse(first.replace('-9223372036854775808', '"big"'))
  for (const [name, , , , value] of types)
    expect([name, parsed[name]]).toEqual([name, name === 'bi' ? 'big' : value])
  expect(Object.values(JSON.parse(second))).toEqual([2, ...types.map(() => null)])
})

test('source types that were propagated are kept', async () => {
  const of = (type: string, length: number) => ({
    ...optional,
    parameters: { '__debezium.source.column.type': type, '__debezium.source.column.length': String(length) },
  })
  const schema = struct(
    [
      ['id', scalar('int32')],
      ['c', scalar('string', of('BPCHAR', 5))],
      ['vc', scalar('string', of('VARCHAR', 20))],
      ['ci', scalar('string', of('CITEXT', 2147483647))],
      ['inet', scalar('string', of('INET', 2147483647))],
      ['hs', scalar('string', { ...debeziumType('data.Json'), ...of('HSTORE', 2147483647) })],
      ['b1', scalar('boolean', of('BIT', 1))],
      ['i4', scalar('string', of('INT4RANGE', 2147483647))],
    ],
    { name: 'srv.kept.Value' },
  )
  await using sink = await startSink(debeziumJdbcSink, config())
  const value = new Struct(schema, [
    1,
    'ab   ',
    'vc',
    'CiText',
    '10.0.0.1/24',
    '{"a":"1","b":null}',
    true,
    '[1,10)',
  ])
  await sink.put(recordOf({ topic: 'kept', offset: 0, key: keyed(1), value }))
  expect(await columnsOf('kept')).toEqual([
    'id integer NOT NULL',
    'c character(5)',
    'vc character varying(20)',
    'ci citext',
    'inet inet',
    'hs hstore',
    'b1 bit(1)',
    'i4 int4range',
  ])
  expect(await rowsOf('kept')).toEqual([
    '{"id":1,"c":"ab   ","vc":"vc","ci":"CiText","inet":"10.0.0.1/24","hs":{"a": "1", "b": null},"b1":"1","i4":"[1,10)"}',
  ])
})
