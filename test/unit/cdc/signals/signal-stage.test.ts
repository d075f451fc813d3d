import { afterEach, expect, test } from 'vitest'
import type { SourceRecord, Struct } from '#data'
import { World } from '../incremental/world.ts'

let world: World
afterEach(() => world.stop())

const snapshot = (kind: string, ...tables: readonly string[]) => ({
  type: kind,
  'data-collections': tables.map((each) => `db.${each}`),
})

const offsets = (records: readonly SourceRecord[]) => records.map(({ from }) => from.offset())

test('without anything to do, records pass as they are', () => {
  world = new World()
  world.table('a', 1)
  world.put('a', 5, 5)
  world.put('a', 6, 6)
  const out = world.step(9)
  expect(offsets(out)).toEqual([{ pos: 1n }, { pos: 2n }])
  expect(world.stage.busy).toBe(false)
  expect(world.stage.blocking).toBe(null)
})

test('a blocking snapshot waits to be taken, over restarts too, until it is done', () => {
  world = new World()
  world.table('a', 1)
  world.table('b', 1)
  world.put('a', 5, 5)
  world.signal('blk', 'execute-snapshot', {
    ...snapshot('blocking', '[ab]', 'nowhere'),
    'additional-conditions': [{ 'data-collection': 'db.a', filter: 'SELECT * FROM a' }],
  })
  world.signal('more', 'execute-snapshot', snapshot('blocking', 'b'))
  world.put('a', 6, 6)
  const out = world.step(9)
  // The row that asks for it carries it: whoever stops behind it has not forgotten it.
  expect(
    offsets(out).map((offset) => JSON.parse(String(offset?.['blocking_snapshot_signals'] ?? '[]')).length),
  ).toEqual([0, 1, 2, 2])
  const asked = {
    id: 'blk',
    tables: ['db.a', 'db.b', 'db.nowhere'],
    statements: new Map([['db.a', 'SELECT * FROM a']]),
  }
  expect(world.stage.blocking).toEqual(asked)
  world.restart(0)
  expect(world.stage.blocking).toEqual(asked)
  world.stage.blockingDone()
  expect(world.stage.blocking).toEqual({ id: 'more', tables: ['db.b'], statements: new Map() })
  world.stage.blockingDone()
  expect(world.stage.blocking).toBe(null)
  expect(world.stage.busy).toBe(false)
  world.put('a', 7, 7)
  expect(offsets(world.step(1))).toEqual([{ pos: 5n }])
})

test('what cannot be followed is logged with its id, and the rest goes on', async () => {
  world = new World()
  world.table('a', 4)
  world.signal('1', 'execute-snapshot', 'not json')
  world.signal('2', 'execute-snapshot', null)
  world.signal('3', 'nonsense', {})
  world.signal('4', 'stop-snapshot', { type: 'incremental' })
  world.signal('5', 'pause-snapshot', {})
  world.signal('6', 'log', { message: 'at {}' })
  world.signal('7', 'log', {})
  world.signal('8', 'execute-snapshot', snapshot('incremental', 'a'))
  await world.settle()
  expect(world.told.filter(({ level }) => level !== 'info').map(({ signal }) => signal)).toEqual([
    '1',
    '2',
    '3',
    undefined,
    '7',
  ])
  expect(world.told.map(({ message }) => message)).toContain('at {"pos":6}')
  expect(world.sink).toEqual(world.tables)
})

test('signals of other channels are followed at the end of a batch, and their place is kept', async () => {
  const text = JSON.stringify({ id: 'k', type: 'execute-snapshot', data: snapshot('incremental', 'a') })
  const waiting = [
    { text: '{"broken"', channel: 'kafka', offset: 6n } as const,
    { text, channel: 'kafka', offset: 7n } as const,
  ]
  world = new World({ strategy: 'read only', channel: waiting })
  world.table('a', 4)
  world.put('a', 9, 9)
  await world.settle()
  expect(world.sink).toEqual(world.tables)
  const last = world.out.at(-1)
  expect(last?.from.offset()).toMatchObject({ incremental_snapshot_signal_offset: 7n })
  expect(world.told.filter(({ level }) => level === 'warn').length).toBe(1)
})

test('notifications have the position behind them, and Debezium’s schemas', async () => {
  world = new World()
  world.table('a', 1)
  world.signal('s', 'execute-snapshot', snapshot('incremental', 'a'))
  const notes = world.step(1).filter(({ topic }) => topic === 'notes')
  expect(notes.map(({ value }) => (value.value() as Struct).raw('type'))).toEqual(['STARTED'])
  expect(notes[0]?.from.offset()).toMatchObject({ pos: 1n, incremental_snapshot_correlation_id: 's' })
  expect([notes[0]?.key.schema?.name, notes[0]?.value.schema?.name]).toEqual([
    'io.debezium.connector.common.NotificationKey',
    'io.debezium.connector.common.Notification',
  ])
  await world.settle()
})
