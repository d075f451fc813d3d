import { afterEach, expect, test } from 'vitest'
import { ChangeEvent, type SnapshotTable } from '#cdc'
import type { SourceRecord, Struct } from '#data'
import { random } from '../../../support/ddl/random.ts'
import { World, type WorldOptions } from './world.ts'

let world: World
afterEach(() => world.stop())

const snapshotOf = (...tables: readonly string[]) => ({
  'data-collections': tables.map((each) => `db.${each}`),
})

function notes(records: readonly SourceRecord[]): readonly string[] {
  return records
    .filter(({ topic }) => topic === 'notes')
    .map(({ value }) => {
      const note = value.value() as Struct
      const data = note.raw('additional_data') as ReadonlyMap<string, string>
      const entries = [...data].filter(([name]) => name !== 'connector_name').map((each) => each.join('='))
      return [note.raw('id'), note.raw('type'), ...entries].join(' ')
    })
}

const reads = (records: readonly SourceRecord[]) =>
  records.filter(({ value }) => value instanceof ChangeEvent && value.operation === 'r')

async function made(options: WorldOptions, ...sizes: readonly number[]): Promise<World> {
  world = new World(options)
  for (const [i, size] of sizes.entries()) world.table('abc'[i] as string, size)
  return world
}

test('windows, rows and notifications are as Debezium makes them', async () => {
  await made({}, 7)
  world.signal('s-1', 'execute-snapshot', snapshotOf('a'))
  await world.settle()
  expect(world.sink).toEqual(world.tables)
  const marks = world.log.map((entry) => entry.record(1).value).filter((each) => each instanceof ChangeEvent)
  // The signal, and four windows: three parts and one that finds nothing.
  expect(marks.length).toBe(9)
  const listed = 'data_collections=db.a'
  const progress = (key: number) =>
    `s-1 IN_PROGRESS current_collection_in_progress=db.a maximum_key=7 last_processed_key=${key} ${listed}`
  expect(notes(world.out)).toEqual([
    `s-1 STARTED ${listed}`,
    ...[3, 6, 7].map(progress),
    `s-1 TABLE_SCAN_COMPLETED scanned_collection=db.a total_rows_scanned=7 ${listed} status=SUCCEEDED`,
    's-1 COMPLETED',
  ])
})

test('tables without rows, without keys and without being are told apart in one window', async () => {
  await made({}, 2, 0)
  world.signal('s', 'execute-snapshot', snapshotOf('a', 'b', 'nowhere'))
  await world.settle()
  expect(notes(world.out).filter((each) => each.includes('TABLE_SCAN'))).toEqual([
    's TABLE_SCAN_COMPLETED scanned_collection=db.a total_rows_scanned=2 data_collections=db.a,db.b,db.nowhere status=SUCCEEDED',
    's TABLE_SCAN_COMPLETED scanned_collection=db.b total_rows_scanned=0 data_collections=db.b,db.nowhere status=EMPTY',
    's TABLE_SCAN_COMPLETED scanned_collection=db.nowhere total_rows_scanned=0 data_collections=db.nowhere status=UNKNOWN_SCHEMA',
  ])
  expect(world.log.length).toBe(5)
  world.stop()
  await made({ keyless: true }, 2)
  world.signal('s', 'execute-snapshot', snapshotOf('a'))
  await world.settle()
  expect(notes(world.out).at(-2)).toContain('status=NO_PRIMARY_KEY')
})

test('conditions and regular expressions choose rows and tables', async () => {
  await made({}, 5, 5)
  world.signal('s', 'execute-snapshot', {
    ...snapshotOf('[ab]'),
    type: 'INCREMENTAL',
    'additional-conditions': [{ 'data-collection': 'db.b', filter: '4' }],
  })
  await world.settle()
  expect([world.sink.get('a')?.size, [...(world.sink.get('b')?.keys() ?? [])]]).toEqual([5, [4, 5]])
})

test('each row carries how far the snapshot is, and a restart goes on behind it', async () => {
  await made({}, 5)
  world.signal('s', 'execute-snapshot', snapshotOf('a'))
  while (reads(world.out).length < 3) {
    world.step(1)
    await new Promise((resolve) => setImmediate(resolve))
  }
  const offset = reads(world.out)[1]?.from.offset() ?? {}
  expect(Object.keys(offset).sort()).toEqual([
    'incremental_snapshot_collections',
    'incremental_snapshot_correlation_id',
    'incremental_snapshot_maximum_key',
    'incremental_snapshot_primary_key',
    'pos',
  ])
  expect(offset['incremental_snapshot_primary_key']).toMatch(/^aced0005.*00000002$/)
  expect(JSON.parse(String(offset['incremental_snapshot_collections']))).toEqual([
    {
      incremental_snapshot_collections_id: 'db.a',
      incremental_snapshot_collections_additional_condition: null,
      incremental_snapshot_collections_surrogate_key: null,
      incremental_snapshot_collections_correlation_id: 's',
    },
  ])
  world.restartFrom(offset)
  await world.settle()
  const keys = reads(world.out).map(({ key }) => (key.value() as Struct).raw('pk'))
  expect(keys).toEqual([1, 2, 3, 3, 4, 5])
  expect(world.busy).toBe(false)
})

test('a stop, a pause and their ends', async () => {
  await made({ chunkSize: 1 }, 30, 4)
  world.signal('s', 'execute-snapshot', snapshotOf('a', 'b'))
  world.step(9)
  world.signal('p', 'pause-snapshot', {})
  for (let i = 0; i < 40; i++) {
    world.step(9)
    await new Promise((resolve) => setImmediate(resolve))
  }
  const paused = reads(world.out).length
  expect(paused).toBeLessThan(3)
  world.signal('r', 'resume-snapshot', {})
  world.step(9)
  world.signal('x', 'stop-snapshot', { type: 'incremental', 'data-collections': ['db.a'] })
  await world.settle()
  expect(world.sink.get('b')).toEqual(world.tables.get('b'))
  expect(world.sink.get('a')?.size).toBeLessThan(30)
  expect(notes(world.out).filter((each) => /PAUSED|RESUMED|ABORTED|COMPLETED/.test(each))).toEqual([
    's PAUSED data_collections=db.a,db.b',
    's RESUMED data_collections=db.a,db.b',
    's ABORTED data_collections=db.a',
    's TABLE_SCAN_COMPLETED scanned_collection=db.b total_rows_scanned=4 data_collections=db.b status=SUCCEEDED',
    's COMPLETED',
  ])
})

test('a lost connection repeats the part, a refused mark ends the task with what to do', async () => {
  await made({}, 5)
  world.signal('s', 'execute-snapshot', snapshotOf('a'))
  world.step(1)
  world.failures = [new Error('lost'), new Error('lost'), new Error('refused once')]
  await world.settle()
  expect(world.sink).toEqual(world.tables)
  world.signal('t', 'execute-snapshot', snapshotOf('a'))
  world.step(1)
  world.failures = [new Error('denied'), new Error('denied')]
  await expect(world.settle()).rejects.toThrow(/mark .* cannot be set: denied.*Grant INSERT/)
})

test('a table that cannot be read is told, and the others are read', async () => {
  await made({}, 2, 2)
  world.signal('s', 'execute-snapshot', {
    ...snapshotOf('a', 'b'),
    'additional-conditions': [{ 'data-collection': 'db.a', filter: 'bad' }],
  })
  world.fails = ({ condition }: SnapshotTable) => condition === 'bad'
  await world.settle()
  expect(
    notes(world.out)
      .filter((each) => each.includes('status'))
      .map((each) => each.split('status=')[1]),
  ).toEqual(['SQL_EXCEPTION', 'SUCCEEDED'])
})

const strategies = ['insert_insert', 'insert_delete', 'read only'] as const

for (const strategy of strategies)
  for (const keyless of [false, true])
    test(`changes, restarts and statements at any moment: the end is the table (${strategy}${keyless ? ', keyless' : ''})`, async () => {
      for (let seed = 1; seed <= 12; seed++) {
        const { below, chance, pick } = random(seed * 7919)
        await made(
          { chunkSize: 1 + below(5), strategy, keyless, turns: () => below(4) },
          below(20),
          below(8),
          3,
        )
        let pieces = 0
        const signal = () =>
          world.signal(`s-${pieces++}`, 'execute-snapshot', {
            ...snapshotOf('[ab]', 'c'),
            ...(keyless ? { 'surrogate-key': 'pk' } : {}),
          })
        signal()
        for (let turn = 0; turn < 150; turn++) {
          const table = pick(['a', 'b', 'c'])
          if (chance(45)) world.put(table, 1 + below(25), seed * 1000 + turn)
          if (chance(20)) world.remove(table, 1 + below(25))
          if (chance(2)) world.alter(table, chance(50))
          if (chance(1)) signal()
          if (chance(3)) world.failures.push(new Error('lost'))
          if (chance(4)) world.restart(below(12))
          if (chance(60)) world.step(1 + below(6))
          if (chance(70)) await new Promise((resolve) => setImmediate(resolve))
        }
        await world.settle()
        expect([seed, world.sink]).toEqual([seed, world.tables])
        world.stop()
      }
    })
