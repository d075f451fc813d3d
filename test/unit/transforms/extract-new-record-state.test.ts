import { describe, expect, test } from 'vitest'
import {
  array,
  type ConnectRecord,
  datum,
  type Header,
  nothing,
  type Schema,
  scalar,
  Struct,
  struct,
} from '#data'
import type { RawConfig } from '#plugin'
import { headersOf, payload, record, transform, written } from './person.ts'

const optional = { optional: true }
const row = struct(
  [
    ['id', scalar('int32')],
    ['name', scalar('string', { default: 'anon' })],
    ['note', scalar('string', optional)],
  ],
  { ...optional, name: 'p.s.t.Value' },
)
const snapshot = scalar('string', {
  ...optional,
  name: 'io.debezium.data.Enum',
  version: 1,
  parameters: { allowed: 'true,first,false' },
  default: 'false',
})
const source = struct([
  ['ts_ms', scalar('int64')],
  ['snapshot', snapshot],
  ['db', scalar('string')],
  ['schema', scalar('string')],
  ['table', scalar('string')],
  ['lsn', scalar('int64', optional)],
])
const transaction = struct([['total_order', scalar('int64')]], optional)
const envelope = struct(
  [
    ['before', row],
    ['after', row],
    ['source', source],
    ['transaction', transaction],
    ['op', scalar('string')],
    ['ts_ms', scalar('int64', optional)],
  ],
  { name: 'p.s.t.Envelope', version: 1 },
)

const old = new Struct(row, [1, 'old', null])
const fresh = new Struct(row, [1, 'new', 'n'])

function event(
  op: string,
  before: Struct | null,
  after: Struct | null,
  headers: Header[] = [],
): ConnectRecord {
  const block = new Struct(source, [1700n, null, 'postgres', 's', 't', 99n])
  return record(envelope, new Struct(envelope, [before, after, block, null, op, 1800n]), { headers })
}
const remove = () => event('d', old, null)
const tombstone = () => record(null, null)

async function run(given: ConnectRecord, config: RawConfig = {}) {
  return (await transform('ExtractNewRecordState', config))(given)
}
const mode = (value: string) => ({ 'delete.tombstone.handling.mode': value })

describe('rows', () => {
  test('the new row, under a schema that is not optional any more', async () => {
    const changed = written((await run(event('u', old, fresh)))?.value)
    expect(changed?.payload).toEqual({ id: 1, name: 'new', note: 'n' })
    expect(changed?.schema).toMatchObject({ optional: false, name: 'p.s.t.Value' })
  })

  test('one schema for all rows of a table', async () => {
    const unwrap = await transform('unwrap', { 'add.fields': 'op' })
    expect(unwrap(event('c', null, fresh))?.value.schema).toBe(unwrap(event('u', old, fresh))?.value.schema)
  })

  test('what is no change event passes as it is', async () => {
    for (const given of [record(row, fresh), record(null, new Map()), record(scalar('string'), 'a')])
      expect(await run(given)).toBe(given)
  })

  test('truncates are dropped', async () => {
    expect(await run(event('t', null, null))).toBeNull()
  })
})

describe('deletes and tombstones', () => {
  test.each<[string, string | null, boolean]>([
    ['drop', null, false],
    ['tombstone', 'null', false],
    ['delete-to-tombstone', '', false],
    ['rewrite', '{"id":1,"name":"old","note":null,"__deleted":"true"}', false],
    ['rewrite-with-tombstone', '{"id":1,"name":"old","note":null,"__deleted":"true"}', true],
    ['REWRITE', '{"id":1,"name":"old","note":null,"__deleted":"true"}', false],
  ])('%s', async (handling, deleted, passed) => {
    const unwrap = await transform('unwrap', mode(handling))
    const removed = unwrap(remove())
    if (deleted === null) expect(removed).toBeNull()
    else if (deleted === '') expect(removed?.value).toBe(nothing)
    else expect(payload(removed?.value)).toBe(deleted)
    const given = tombstone()
    expect(unwrap(given)).toEqual(passed ? given : null)
  })

  test('a delete as null keeps the schema of the row, by default', async () => {
    expect((await run(remove()))?.value.schema).toBe(row)
  })

  test('rows that live on are marked where deletes are rewritten', async () => {
    expect(payload((await run(event('c', null, fresh), mode('rewrite')))?.value)).toBe(
      '{"id":1,"name":"new","note":"n","__deleted":"false"}',
    )
  })

  test('a mode that there is not', async () => {
    await expect(run(remove(), mode('keep'))).rejects.toThrow('delete.tombstone.handling.mode')
  })
})

describe('added fields and headers', () => {
  const fields = 'op,table,source.schema:sch,source.snapshot,lsn,source.ts_ms,ts_ms,total_order,nope'

  test('fields, from the block that each belongs to', async () => {
    const changed = written(
      (await run(event('u', old, fresh), { ...mode('rewrite'), 'add.fields': fields }))?.value,
    )
    expect(changed?.payload).toEqual({
      id: 1,
      name: 'new',
      note: 'n',
      __deleted: 'false',
      __op: 'u',
      __table: 't',
      __sch: 's',
      __source_snapshot: null,
      __lsn: 99,
      __source_ts_ms: 1700,
      __ts_ms: 1800,
      __total_order: null,
    })
    expect(JSON.stringify(changed?.schema)).toContain(
      '{"type":"string","optional":true,"name":"io.debezium.data.Enum","version":1,"parameters":{"allowed":"true,first,false"},"field":"__source_snapshot"}',
    )
  })

  test('another prefix', async () => {
    const config = {
      'add.fields': 'op',
      'add.fields.prefix': '',
      'add.headers': 'op,db',
      'add.headers.prefix': 'h_',
    }
    const changed = await run(event('c', null, fresh), config)
    expect(payload(changed?.value)).toBe('{"id":1,"name":"new","note":"n","op":"c"}')
    expect(headersOf(changed)).toEqual([
      ['h_op', 'c'],
      ['h_db', 'postgres'],
    ])
  })

  test('a tombstone has the headers of its delete, and op once more', async () => {
    const shared = [{ key: 'own', value: datum(scalar('string'), 'x') }]
    const unwrap = await transform('unwrap', { ...mode('rewrite-with-tombstone'), 'add.headers': 'op,db' })
    unwrap(event('d', old, null, shared))
    expect(headersOf(unwrap(record(null, null, { headers: shared })))).toEqual([
      ['own', 'x'],
      ['__op', 'd'],
      ['__db', 'postgres'],
      ['__op', 'd'],
    ])
    expect(headersOf(unwrap(record(null, null, { headers: shared })))).toEqual([
      ['own', 'x'],
      ['__op', 'd'],
    ])
  })

  test('more than one colon is refused', async () => {
    await expect(run(remove(), { 'add.fields': 'a:b:c' })).rejects.toThrow('Unexpected field name: a:b:c')
  })
})

describe('routing and dropping', () => {
  test('the topic comes from a column; of a delete, from the old row', async () => {
    const config = { 'route.by.field': 'name' }
    expect((await run(event('c', null, fresh), config))?.topic).toBe('new')
    expect((await run(remove(), config))?.topic).toBe('old')
    expect((await run(event('c', null, fresh), { 'route.by.field': 'note' }))?.topic).toBe('n')
    await expect(run(event('c', null, fresh), { 'route.by.field': 'nope' })).rejects.toThrow(
      'nope is not a valid field name',
    )
    await expect(run(event('c', null, fresh), { 'route.by.field': 'id' })).rejects.toThrow(
      'not of type STRING',
    )
  })

  const names = (...fields: string[]): Header[] => [
    { key: 'gone', value: datum(array(scalar('string')), fields) },
  ]
  const drop = { 'drop.fields.header.name': 'gone' }

  test('fields that a header names, optional ones only', async () => {
    const given = event('c', null, fresh, names('name', 'note'))
    expect(payload((await run(given, drop))?.value)).toBe('{"id":1,"name":"new"}')
    const any = { ...drop, 'drop.fields.keep.schema.compatible': 'false' }
    expect(payload((await run(given, any))?.value)).toBe('{"id":1}')
    expect(payload((await run(event('c', null, fresh), drop))?.value)).toBe(
      '{"id":1,"name":"new","note":"n"}',
    )
  })

  test('from the key too, where that is chosen', async () => {
    const keySchema: Schema = struct([
      ['id', scalar('int32')],
      ['note', scalar('string', optional)],
    ])
    const given = {
      ...event('c', null, fresh, names('note')),
      key: datum(keySchema, new Struct(keySchema, [1, 'n'])),
    }
    expect((await run(given, drop))?.key).toBe(given.key)
    expect(payload((await run(given, { ...drop, 'drop.fields.from.key': 'true' }))?.key)).toBe('{"id":1}')
  })
})
