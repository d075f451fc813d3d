/** Debezium's smaller transforms, over one change event. */
import { describe, expect, test } from 'vitest'
import {
  array,
  type ConnectRecord,
  datum,
  Decimal,
  noHeaders,
  nothing,
  type Schema,
  scalar,
  Struct,
  struct,
} from '#data'
import type { RawConfig } from '#plugin'
import { headersOf, transform } from './person.ts'

const optional = { optional: true }
const time = (name: string) => scalar('int64', { ...optional, name, version: 1 })
const text = (name: string) => scalar('string', { ...optional, name, version: 1 })
const row = struct(
  [
    ['id', scalar('int32')],
    ['note', scalar('string', optional)],
    ['ts', time('io.debezium.time.MicroTimestamp')],
    ['at', text('io.debezium.time.ZonedTimestamp')],
    ['clock', text('io.debezium.time.ZonedTime')],
    ['tags', array(scalar('string', optional), optional)],
    ['price', scalar('bytes', { ...optional, name: 'org.apache.kafka.connect.data.Decimal', version: 1 })],
  ],
  { ...optional, name: 'p.shop.orders_1.Value' },
)
const envelope = struct(
  [
    ['before', row],
    ['after', row],
    ['source', struct([['table', scalar('string')]], { name: 'io.debezium.connector.mysql.Source' })],
    ['op', scalar('string')],
  ],
  { name: 'p.shop.orders_1.Envelope', version: 1 },
)
const keySchema = struct([['id', scalar('int32')]], { name: 'p.shop.orders_1.Key' })

const noon = '2024-07-01T12:00:00.500Z'
const old = [1, 'a', 1719835200000000n, noon, '23:30:00Z', ['x', 'y'], new Decimal(150n, 2)]
const fresh = [1, 'b', 1719835200000000n, noon, '23:30:00Z', ['x', 'z'], new Decimal(150n, 2)]

function event(op: string, before: unknown[] | null, after: unknown[] | null): ConnectRecord {
  const held = (values: unknown[] | null) => (values === null ? null : new Struct(row, [...values]))
  const source = new Struct(envelope.field('source')?.schema as Schema, ['orders_1'])
  return {
    ...{ topic: 'p.shop.orders_1', partition: null, headers: noHeaders, timestamp: null },
    key: datum(keySchema, new Struct(keySchema, [1])),
    value: datum(envelope, new Struct(envelope, [held(before), held(after), source, op])),
  }
}

const update = event('u', old, fresh)
const tombstone = { ...update, value: nothing }

async function over(name: string, config: RawConfig, record = update): Promise<ConnectRecord> {
  const changed = (await transform(`io.debezium.transforms.${name}`, config))(record)
  if (changed === null) throw new Error('the record was dropped')
  return changed
}

const rowOf = (record: ConnectRecord, which = 'after'): unknown[] =>
  ((record.value.value() as Struct).raw(which) as Struct).values

describe('ToLogicalTopicRouter', () => {
  const config = { 'topic.regex': '(.*)\\.orders_\\d+', 'topic.replacement': '$1.orders' }

  test('events of many tables get one topic and one schema, and keys that stay apart', async () => {
    const routed = await over('ToLogicalTopicRouter', config)
    expect(routed.topic).toBe('p.shop.orders')
    expect(routed.value.schema).toMatchObject({ name: 'p.shop.orders.Envelope', version: 1 })
    expect(routed.value.schema?.field('after')?.schema.name).toBe('p.shop.orders.Value')
    expect(routed.value.schema?.field('source')?.schema.name).toBe('io.debezium.connector.mysql.Source')
    expect(rowOf(routed)).toEqual(fresh)
    expect(routed.key.schema?.name).toBe('p.shop.orders.Key')
    const key = routed.key.value() as Struct
    expect(key.get('__dbz__sourceIdentifier')).toBe('p.shop.orders_1')
    const former = (await over('ByLogicalTableRouter', config)).key.value() as Struct
    expect(former.get('__dbz__physicalTableIdentifier')).toBe('p.shop.orders_1')
  })

  test('what the key says of the table can be chosen, or left out', async () => {
    const chosen = await over('ByLogicalTableRouter', {
      ...config,
      ...{ 'key.field.name': 'shard', 'key.field.regex': '.*_(\\d+)', 'key.field.replacement': 's$1' },
    })
    expect((chosen.key.value() as Struct).values).toEqual([1, 's1'])
    const plain = await over('ByLogicalTableRouter', { ...config, 'key.enforce.uniqueness': 'false' })
    expect((plain.key.value() as Struct).values).toEqual([1])
    const half = { ...config, 'key.field.regex': 'x' }
    await expect(over('ByLogicalTableRouter', half)).rejects.toThrow('must be set together')
  })

  test('tombstones follow; other topics are left alone; names are made to fit', async () => {
    expect(await over('ByLogicalTableRouter', config, tombstone)).toMatchObject({
      topic: 'p.shop.orders',
      value: nothing,
    })
    const other = { ...update, topic: 'elsewhere' }
    expect(await over('ByLogicalTableRouter', config, other)).toBe(other)
    const fitted = await over('ByLogicalTableRouter', {
      ...{ ...config, 'topic.replacement': '$1.all-orders' },
      'schema.name.adjustment.mode': 'avro',
    })
    expect(fitted.value.schema?.name).toBe('p.shop.all_orders.Envelope')
  })
})

describe('ExtractChangedRecordState', () => {
  const config = { 'header.changed.name': 'Changed', 'header.unchanged.name': 'Same' }
  const name = 'ExtractChangedRecordState'

  test('an update lists what has changed, by value', async () => {
    expect(headersOf(await over(name, config))).toEqual([
      ['Changed', '["note","tags"]'],
      ['Same', '["id","ts","at","clock","price"]'],
    ])
    expect(headersOf(await over(name, { 'header.changed.name': 'Changed' }))).toHaveLength(1)
  })

  test('other operations list nothing, tombstones have no lists', async () => {
    const lists = [
      ['Changed', '[]'],
      ['Same', '[]'],
    ]
    expect(headersOf(await over(name, config, event('c', null, fresh)))).toEqual(lists)
    expect(await over(name, config, tombstone)).toBe(tombstone)
  })
})

describe('HeaderToValue', () => {
  const headers = [
    { key: 'op', value: datum(scalar('string', optional), 'u') },
    { key: 'kept', value: datum(scalar('int32'), 5) },
  ]
  const config = { headers: 'op,absent', fields: 'after.operation,x', operation: 'move' }

  test('a header becomes the last field, also of an inner struct; an absent one nothing', async () => {
    const changed = await over('HeaderToValue', config, { ...update, headers })
    expect(rowOf(changed)).toEqual([...fresh, 'u'])
    expect(rowOf(changed, 'before')).toEqual(old)
    expect(changed.value.schema?.field('after')?.schema.fields.at(-1)?.name).toBe('operation')
    expect(changed.headers).toEqual([headers[1]])
    const copied = await over('HeaderToValue', { ...config, operation: 'copy' }, { ...update, headers })
    expect(copied.headers).toBe(headers)
  })

  test('records share one schema; without such a header nothing changes', async () => {
    const move = await transform('io.debezium.transforms.HeaderToValue', config)
    const [one, other] = [move({ ...update, headers }), move({ ...update, headers })]
    expect(one?.value.schema).toBe(other?.value.schema)
    expect(move(update)).toBe(update)
    expect(move(tombstone)).toBe(tombstone)
    const uneven = { ...config, fields: 'x' }
    await expect(over('HeaderToValue', uneven)).rejects.toThrow("same number of elements as 'headers'")
  })
})

describe('TimezoneConverter', () => {
  const converted = async (config: RawConfig, which = 'after') =>
    rowOf(await over('TimezoneConverter', { 'converted.timezone': '+05:30', ...config }), which).slice(2, 5)
  const kept = fresh.slice(2, 5)
  const moved = [1719815400000000n, '2024-07-01T17:30:00.5+05:30', '05:00:00+05:30']

  test('by an offset, in both rows', async () => {
    expect(await converted({})).toEqual(moved)
    expect(await converted({}, 'before')).toEqual(moved)
  })

  test('by a region, with its summer time', async () => {
    const [ts, at] = await converted({ 'converted.timezone': 'America/New_York' })
    expect([ts, at]).toEqual([1719849600000000n, '2024-07-01T08:00:00.5-04:00'])
    await expect(converted({ 'converted.timezone': 'Mars/Base' })).rejects.toThrow(
      'Unknown time zone: Mars/Base',
    )
  })

  test('only what is listed, or all but that', async () => {
    expect(await converted({ 'include.list': 'source:orders_1:at' })).toEqual([kept[0], moved[1], kept[2]])
    expect(await converted({ 'include.list': 'topic:p.shop.orders_1' })).toEqual(moved)
    expect(await converted({ 'include.list': 'orders_2' })).toEqual(kept)
    expect(await converted({ 'exclude.list': 'orders_1:at' })).toEqual([moved[0], kept[1], moved[2]])
    expect(await converted({ 'exclude.list': 'orders_1' })).toEqual(kept)
    await expect(converted({ 'include.list': 'a', 'exclude.list': 'b' })).rejects.toThrow('not both')
    await expect(converted({ 'include.list': 'source:a:b:c' })).rejects.toThrow('Invalid value source:a:b:c')
  })

  test('what is no point in time stays, years of other than four digits are kept', async () => {
    const at = async (value: string) =>
      rowOf(
        await over(
          'TimezoneConverter',
          { 'converted.timezone': 'UTC' },
          event('c', null, [1, null, null, value, null, null, null]),
        ),
      )[3]
    expect(await at('infinity')).toBe('infinity')
    expect(await at('+12020-01-01T00:00:00.120000+01:00')).toBe('+12019-12-31T23:00:00.12Z')
    expect(await at('0044-03-15T10:00Z')).toBe('0044-03-15T10:00:00Z')
  })
})

describe('PartitionRouting', () => {
  const partition = async (fields: string, record = update) =>
    (
      await over(
        'partitions.PartitionRouting',
        { 'partition.payload.fields': fields, 'partition.topic.num': '100' },
        record,
      )
    ).partition

  test('hash codes as Java has them: of text, numbers, decimals; several add up', async () => {
    expect(await partition('after.note')).toBe('b'.charCodeAt(0))
    // "orders_1".hashCode() is 1234323799.
    expect(await partition('source.table')).toBe(99)
    expect(await partition('after.id,source.table')).toBe(0)
    expect(await partition('after.price')).toBe((31 * 150 + 2) % 100)
  })

  test('change is the new row, of a delete the old one; without a value the partition stays', async () => {
    expect(await partition('change.note')).toBe(98)
    expect(await partition('change.note', event('d', old, null))).toBe(97)
    expect(await partition('after.none')).toBeNull()
    expect(await partition('change.note', tombstone)).toBeNull()
    await expect(partition('after.tags')).rejects.toThrow('cannot decide a partition')
  })

  test('murmur is refused', async () => {
    const config = {
      ...{ 'partition.payload.fields': 'x', 'partition.topic.num': '1' },
      'partition.hash.function': 'murmur',
    }
    await expect(over('partitions.PartitionRouting', config)).rejects.toThrow('murmur is not supported')
  })
})

test('SchemaChangeEventFilter drops a change of which nothing is wanted', async () => {
  const change = struct([['type', scalar('string')]])
  const schema = struct([['tableChanges', array(change)]], {
    name: 'io.debezium.connector.mysql.SchemaChangeValue',
  })
  const filter = await transform('io.debezium.transforms.SchemaChangeEventFilter', {
    'schema.change.event.exclude.list': 'DROP,ALTER',
  })
  const of = (...types: string[]) => ({
    ...update,
    value: datum(schema, new Struct(schema, [types.map((type) => new Struct(change, [type]))])),
  })
  expect(filter(of('DROP', 'ALTER'))).toBeNull()
  for (const kept of [of('DROP', 'CREATE'), of(), update]) expect(filter(kept)).toBe(kept)
})

test('ReadToInsertEvent turns rows of a snapshot into inserts', async () => {
  const change = await transform('io.debezium.connector.mysql.transforms.ReadToInsertEvent')
  expect(change(event('r', null, fresh))?.value.value()).toHaveProperty('values.3', 'c')
  expect(change(update)).toBe(update)
})

test('transforms that run scripts are refused by name, and take no name from others', async () => {
  await expect(transform('io.debezium.transforms.Filter', { condition: 'x' })).rejects.toThrow(
    /io\.debezium\.transforms\.Filter runs scripts in a JSR 223 engine of Java/,
  )
  expect((await transform('Filter'))(update)).toBeNull()
})
