import { expect, test } from 'vitest'
import { internalTopics, memoryTable, openStores } from '#worker'
import { ConfigStore } from '../../../src/worker/config-store.ts'
import { OffsetStore } from '../../../src/worker/offset-store.ts'
import { StatusStore } from '../../../src/worker/status-store.ts'
import { recordingTable } from '../../support/worker.ts'

test('configuration records as Kafka Connect 4.3 writes them', async () => {
  const table = recordingTable()
  const store = new ConfigStore(table)
  await store.putConnector(
    'rt-src',
    { 'connector.class': 'A', 'x.uni': 'üñ€😀"\\\t</x>\u0001 ', name: 'rt-src' },
    'STOPPED',
  )
  await store.putTasks('rt-src', [{ a: '1' }, { a: '2' }])
  await store.putTarget('rt-src', 'PAUSED')
  await store.putRestart('rt-src', { includeTasks: true, onlyFailed: false })
  await store.putLogger('root', 'INFO')
  await store.remove('rt-src')
  expect(table.log).toEqual([
    { key: 'target-state-rt-src', value: '{"state":"PAUSED","state.v2":"STOPPED"}' },
    {
      key: 'connector-rt-src',
      value:
        '{"properties":{"connector.class":"A","x.uni":"üñ€\\uD83D\\uDE00\\"\\\\\\t</x>\\u0001 ","name":"rt-src"}}',
    },
    { key: 'task-rt-src-0', value: '{"properties":{"a":"1"}}' },
    { key: 'task-rt-src-1', value: '{"properties":{"a":"2"}}' },
    { key: 'commit-rt-src', value: '{"tasks":2}' },
    { key: 'target-state-rt-src', value: '{"state":"PAUSED","state.v2":"PAUSED"}' },
    { key: 'restart-connector-rt-src', value: '{"include-tasks":true,"only-failed":false}' },
    { key: 'logger-cluster-root', value: '{"level":"INFO"}' },
    { key: 'connector-rt-src', value: null },
    { key: 'target-state-rt-src', value: null },
  ])
})

test('what was written is read back, the order of keys included', async () => {
  const table = recordingTable()
  const written = new ConfigStore(table)
  await written.putConnector('a-1', { z: '1', name: 'a-1', a: '2' })
  await written.putTasks('a-1', [{ t: '0' }, { t: '1' }])
  await written.putTasks('a-1', [{ t: '2' }])
  await written.putConnector('b', { name: 'b' }, 'STOPPED')
  await written.putConnector('gone', { name: 'gone' })
  await written.remove('gone')
  const read = new ConfigStore(table)
  expect(read.connectors()).toEqual(['a-1', 'b'])
  expect(Object.keys(read.config('a-1') ?? {})).toEqual(['z', 'name', 'a'])
  expect(read.tasks('a-1')).toEqual([{ t: '2' }])
  expect(read.everHadTask('a-1', 1)).toBe(true)
  expect(read.applied('a-1')).toEqual(read.config('a-1'))
  expect([read.targetState('a-1'), read.targetState('b'), read.targetState('gone')]).toEqual([
    'STARTED',
    'STOPPED',
    'STARTED',
  ])
})

test('tasks count once their commit is there, and only if all of them are', () => {
  const record = (key: string, value: object) => ({ key, value: JSON.stringify(value) })
  const properties = { properties: { name: 'c' } }
  const complete = [
    record('connector-c', properties),
    record('task-c-0', properties),
    record('commit-c', { tasks: 1 }),
    record('task-c-1', properties),
  ]
  expect(new ConfigStore(recordingTable(complete)).tasks('c')).toHaveLength(1)
  const partial = [...complete, record('commit-c', { tasks: 2 })]
  expect(new ConfigStore(recordingTable(partial.slice(0, 1).concat(partial.slice(3)))).tasks('c')).toEqual([])
})

test('records that cannot be read are skipped, those of other parts of Connect are let be', () => {
  const store = new ConfigStore(
    recordingTable([
      { key: 'connector-bad', value: '{"properties":' },
      { key: 'session-key', value: '{"key":"a"}' },
      { key: 'tasks-fencing-c', value: '{"task-count":1}' },
      { key: 'what is this', value: '1' },
      { key: 'target-state-old', value: '{"state":"PAUSED"}' },
      { key: 'connector-old', value: '{"properties":{"name":"old"}}' },
    ]),
  )
  expect(store.connectors()).toEqual(['old'])
  expect(store.targetState('old')).toBe('PAUSED')
})

test('state records as Kafka Connect 4.3 writes them, seen at once and read back', async () => {
  const table = recordingTable()
  const store = new StatusStore(table)
  const status = {
    state: 'RUNNING',
    trace: null,
    workerId: 'h:1',
    generation: 198,
    version: '4.3.0',
  } as const
  store.putConnector('c', status)
  store.putTask('c', 0, { ...status, state: 'FAILED', trace: 'a\n\tat b', version: null })
  store.addTopic('c', 't:connector-x', 0, 1795208360987)
  expect(store.connector('c')).toEqual(status)
  await store.flush()
  expect(table.log).toEqual([
    {
      key: 'status-connector-c',
      value: '{"state":"RUNNING","trace":null,"worker_id":"h:1","generation":198,"version":"4.3.0"}',
    },
    {
      key: 'status-task-c-0',
      value: '{"state":"FAILED","trace":"a\\n\\tat b","worker_id":"h:1","generation":198,"version":null}',
    },
    {
      key: 'status-topic-t:connector-x:connector-c',
      value: '{"topic":{"name":"t:connector-x","connector":"c","task":0,"discoverTimestamp":1795208360987}}',
    },
  ])
  const read = new StatusStore(table)
  expect([read.connector('c'), read.task('c', 0), read.topics('c'), read.generation()]).toEqual([
    status,
    store.task('c', 0),
    ['t:connector-x'],
    198,
  ])
  read.startOver(['c'])
  expect(read.task('c', 0)).toMatchObject({ state: 'UNASSIGNED', trace: null })
  read.startOver([])
  await read.flush()
  expect(table.log.slice(3).map(({ value }) => value)).toEqual([null, null, null])
})

test('states are written in order and in few writes, and a failed write does not stop the next', async () => {
  const table = recordingTable()
  let failures = 1
  const writes: number[] = []
  const store = new StatusStore({
    entries: () => table.entries(),
    put: async (entries) => {
      writes.push(entries.length)
      if (failures-- > 0) throw new Error('disk full')
      await table.put(entries)
    },
    refresh: async () => {},
    [Symbol.asyncDispose]: async () => {},
  })
  const status = { state: 'RUNNING', trace: null, workerId: 'h:1', generation: 1, version: null } as const
  store.putConnector('a', status)
  store.putConnector('b', status)
  await store.flush()
  store.putConnector('a', { ...status, state: 'PAUSED' })
  await store.flush()
  expect(writes).toEqual([2, 1])
  expect(store.connector('a')?.state).toBe('PAUSED')
})

test('offsets: integers of 64 bits, keys kept byte for byte whatever order they are typed in', async () => {
  const table = recordingTable([
    { key: '["c",{"server":"s","database":"d"}]', value: '{"lsn":9223372036854775807,"last":true,"x":1.0}' },
    { key: '["c2",{"a":1}]', value: '{"b":2}' },
    { key: '["c",null]', value: '{"b":2}' },
  ])
  const store = new OffsetStore(table)
  expect(await store.of('c')).toEqual([
    { partition: { server: 's', database: 'd' }, offset: { lsn: 9223372036854775807n, last: true, x: 1 } },
    { partition: null, offset: { b: 2n } },
  ])
  await store.put('c', [
    { partition: { database: 'd', server: 's' }, offset: { lsn: 1n, x: 1.5 } },
    { partition: { new: '😀' }, offset: { position: 1n } },
    { partition: { new: '😀' }, offset: null },
  ])
  expect(table.log).toEqual([
    { key: '["c",{"server":"s","database":"d"}]', value: '{"lsn":1,"x":1.5}' },
    { key: '["c",{"new":"\\uD83D\\uDE00"}]', value: null },
  ])
})

test('a store that cannot be opened leaves no other open', async () => {
  let open = 0
  const opener = async ({ property }: { readonly property: string }) => {
    await null
    if (property === 'status.storage.topic') throw new Error('no such broker')
    open++
    return { ...memoryTable(), [Symbol.asyncDispose]: async () => void open-- }
  }
  await expect(openStores('distributed', internalTopics({}, false), opener)).rejects.toThrow('no such broker')
  expect(open).toBe(0)
})
