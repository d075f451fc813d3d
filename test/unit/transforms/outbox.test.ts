/** The outbox's EventRouter: what was recorded of MySQL's outbox, from the same rows; and each of its properties. */
import { describe, expect, test } from 'vitest'
import { type ConnectRecord, datum, nothing, type Schema, scalar, Struct, struct } from '#data'
import type { RawConfig } from '#plugin'
import { recordedCase } from '../../support/recorded-case.ts'
import { headersOf, payload, transform, written } from './person.ts'

const optional = { optional: true }
const recorded = recordedCase('mysql-smt-outbox')
const prefix = 'mysql_smt_outbox'

const columns: readonly (readonly [string, Schema])[] = [
  ['id', scalar('string')],
  ['aggregatetype', scalar('string')],
  ['aggregateid', scalar('string')],
  ['type', scalar('string')],
  ['payload', scalar('string', { ...optional, name: 'io.debezium.data.Json', version: 1 })],
  ['tenant', scalar('string', optional)],
  ['version', scalar('int32', optional)],
  ['created', scalar('int64', { name: 'io.debezium.time.Timestamp', version: 1, default: 1577836800123n })],
]
const table = struct(columns, { ...optional, name: `${prefix}.${prefix}.outbox.Value` })
const envelope = struct(
  [
    ['before', table],
    ['after', table],
    ['op', scalar('string')],
    ['ts_ms', scalar('int64', optional)],
  ],
  { name: `${prefix}.${prefix}.outbox.Envelope`, version: 1 },
)

const rows: readonly (readonly unknown[])[] = [
  [
    '1',
    'Order',
    '1',
    'OrderCreated',
    '{"id": 1, "note": null, "lines": [{"qty": 2, "sku": "a"}, {"qty": 1, "sku": "b"}], "total": 12.5}',
    't1',
    1,
  ],
  [
    '2',
    'Order',
    '1',
    'OrderPaid',
    '{"id":1,"ok":true,"big":5000000000,"earr":[],"empty":{},"nested":{"a":{"b":[1,2,3]}}}',
    null,
    2,
  ],
  ['3', 'customer', 'ünï', 'CustomerMoved', '{"arr":[1,2,3],"mixed":[{"a":1},{"a":2,"b":"x"}]}', 't2', null],
  ['4', 'customer', '7', 'Gone', null, 't2', 3],
  ['5', 'customer', '8', 'Text', '"just text"', 't2', 3],
  ['6', 'customer', '8', 'Num', '5', 't2', 3],
].map(([id, ...rest]) => [
  [8, 4, 4, 4, 12].map((n) => String(id).repeat(n)).join('-'),
  ...rest,
  1577836800123n,
])

function event(row: readonly unknown[], op = 'c', more: Partial<ConnectRecord> = {}): ConnectRecord {
  const held = new Struct(table, [...row])
  const value = new Struct(envelope, op === 'd' ? [held, null, op, 5n] : [null, held, op, 5n])
  return {
    ...{ topic: `${prefix}.${prefix}.outbox`, partition: null, headers: [], timestamp: null },
    ...{ key: datum(scalar('string'), 'row key'), value: datum(envelope, value), ...more },
  }
}

const [order = [], paid = [], , gone = []] = rows

async function routed(config: RawConfig, row: readonly unknown[] = order): Promise<ConnectRecord> {
  const record = (await transform('io.debezium.transforms.outbox.EventRouter', config))(event(row))
  if (record === null) throw new Error('the record was dropped')
  return record
}

test('the recorded events, byte for byte', async () => {
  const fill = (text: string): string => text.replaceAll('{{prefix}}', prefix)
  const config = Object.entries(recorded.config ?? {}).flatMap(([key, value]) =>
    key.startsWith('transforms.outbox.') ? [[key.slice('transforms.outbox.'.length), fill(value)]] : [],
  )
  const router = await transform('io.debezium.transforms.outbox.EventRouter', Object.fromEntries(config))
  const got = rows.map((row) => {
    const record = router(event(row))
    if (record === null) throw new Error('an event was dropped')
    const { topic, key, value } = record
    const json = (part: typeof key): string => JSON.stringify(written(part))
    return { topic, key: json(key), value: json(value), headers: headersOf(record) }
  })
  const wanted = recorded.expected.records.map(({ topic, key, value, headers }) => ({
    ...{ topic, key, value },
    headers: headers.filter(([name]) => !name.startsWith('__debezium')),
  }))
  const byTopic = (a: { topic: string }, b: { topic: string }) =>
    a.topic < b.topic ? -1 : a.topic > b.topic ? 1 : 0
  expect(got.sort(byTopic)).toEqual(wanted.sort(byTopic))
  expect(router(event(order, 'd'))).toBeNull()
})

test('by default the value is the payload, the topic follows from the type of the aggregate', async () => {
  const record = await routed({})
  expect(record).toMatchObject({ topic: 'outbox.event.Order', timestamp: 5n })
  expect(record.key.value()).toBe('1')
  expect(record.value.value()).toBe(order[4])
  expect(headersOf(record)).toEqual([['id', order[0]]])
})

describe('operations', () => {
  test('tombstones go; what is no change event passes', async () => {
    const router = await transform('outbox')
    expect(router(event(order, 'c', { value: nothing }))).toBeNull()
    const heartbeat = event(order, 'c', { value: datum(scalar('string'), 'x') })
    expect(router(heartbeat)).toBe(heartbeat)
  })

  test('an update is dropped, or fatal', async () => {
    expect((await transform('outbox'))(event(order, 'u'))).toBeNull()
    const fatal = await transform('outbox', { 'table.op.invalid.behavior': 'fatal' })
    expect(() => fatal(event(order, 'u'))).toThrow(/Unexpected operation u .* Only insert into the outbox/)
  })
})

describe('columns', () => {
  test('a missing one is named', async () => {
    await expect(routed({ 'table.field.event.id': 'eid' })).rejects.toThrow(
      'Unable to find Event ID field eid',
    )
    await expect(routed({ 'route.by.field': 'kind' })).rejects.toThrow('Unable to find routeByField kind')
    const placed = { 'table.fields.additional.placement': 'nope:header' }
    await expect(routed(placed)).rejects.toThrow('Unable to find field nope in event')
    const ignored = await routed({ ...placed, 'table.field.additional.missing': 'ignore' })
    expect(headersOf(ignored)).toEqual([['id', order[0]]])
  })

  test('partition, time and version of the schema', async () => {
    const record = await routed({
      'table.fields.additional.placement': 'version:partition,tenant:envelope',
      'table.field.event.timestamp': 'created',
      'table.field.event.schema.version': 'version',
    })
    expect(record).toMatchObject({ partition: 1, timestamp: 1577836800123n })
    expect(record.value.schema).toMatchObject({ version: 1, name: `${prefix}.${prefix}.outbox.Order.Value` })
  })

  test('a key that is null, or not asked for, leaves the key of the row', async () => {
    expect((await routed({ 'table.field.event.key': '' })).key.value()).toBe('row key')
    expect((await routed({ 'table.field.event.key': 'payload' }, gone)).key.value()).toBe('row key')
  })

  test('a placement that cannot be read is refused', async () => {
    const config = { 'table.fields.additional.placement': 'tenant:footer' }
    await expect(transform('outbox', config)).rejects.toThrow('Invalid value tenant:footer')
  })
})

describe('payloads', () => {
  const expand = { 'table.expand.json.payload': 'true' }
  const expanded = async (json: string, config: RawConfig = {}) =>
    written((await routed({ ...expand, ...config }, [...order.slice(0, 4), json, null, null, 0n])).value)

  test('an empty one is a tombstone where that is asked for', async () => {
    const record = await routed({ 'route.tombstone.on.empty.payload': 'true' }, gone)
    expect(record.value).toBe(nothing)
    expect((await routed({}, gone)).value.schema).not.toBeNull()
  })

  test('nulls and empty arrays stay where that is asked for', async () => {
    const config = {
      'table.json.payload.null.behavior': 'optional_bytes',
      'table.json.payload.empty.array.behavior': 'optional_string',
    }
    expect(await expanded('{"a":null,"b":[],"c":[null,1]}', config)).toMatchObject({
      schema: { fields: [{ type: 'bytes' }, { items: { type: 'string' } }, { items: { type: 'int32' } }] },
      payload: { a: null, b: [], c: [null, 1] },
    })
    expect(await expanded('{"a":null,"b":[]}')).toMatchObject({ payload: {} })
  })

  test('no number is rounded, no key moved, the widest type holds the items of an array', async () => {
    const json = '{"z":18446744073709551616,"2":[1,5000000000],"1":[1,0.5],"[":"]"}'
    const record = await routed(expand, [...order.slice(0, 4), json, null, null, 0n])
    expect(payload(record.value)).toBe(
      '{"z":"18446744073709551616","2":[1,5000000000],"1":[1.0,0.5],"[":"]"}',
    )
  })

  test('an array is expanded; one that mixes what does not go together, and what is no JSON, stay as text', async () => {
    expect((await expanded('[{"a":[]},{"a":[1]}]'))?.payload).toEqual([{ a: [] }, { a: [1] }])
    for (const text of ['{"a":[1,"x"]}', '{"a":[1,{}]}', '{broken', '[1,]'])
      expect((await expanded(text))?.payload).toBe(text)
  })

  test('events of one form share one schema', async () => {
    const router = await transform('outbox', { 'table.fields.additional.placement': 'tenant:envelope' })
    const [one, other] = [router(event(order)), router(event(paid))]
    expect(one?.value.schema).toBe(other?.value.schema)
  })
})

test('tracing is refused by name', async () => {
  await expect(transform('outbox', { 'tracing.span.context.field': 'x' })).rejects.toThrow(
    /tracing\.span\.context\.field is not supported: there is no OpenTelemetry/,
  )
})
