/**
 * The internal topics of a real Kafka Connect 4.3, recorded in `test/golden/connect-internal`: what is in them is read,
 * and what our stores write for the same is the same to the byte, in the same partitions.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { partitionOf } from '#broker'
import type { RawConfig } from '#plugin'
import { memoryTable, type StoreTable, type TargetState } from '#worker'
import { ConfigStore } from '../../../src/worker/config-store.ts'
import { OffsetStore } from '../../../src/worker/offset-store.ts'
import { type StatusRecord, StatusStore } from '../../../src/worker/status-store.ts'
import { recordingTable } from '../../support/worker.ts'

type TopicName = 'configs' | 'offsets' | 'status'

interface Recorded {
  readonly topic: TopicName
  readonly partition: number
  readonly key: string
  readonly value: string | null
}

function recorded(file: string, topic: TopicName): readonly Recorded[] {
  const lines = readFileSync(new URL(`../../golden/connect-internal/${file}.jsonl`, import.meta.url), 'utf8')
  const all = lines.split('\n').filter((line) => line !== '')
  return all.map((line) => JSON.parse(line) as Recorded).filter((record) => record.topic === topic)
}

/** A table over what was recorded, each key as it was left. */
async function tableOf(records: readonly Recorded[]): Promise<StoreTable> {
  const table = memoryTable()
  await table.put(records)
  return table
}

const entry = ({ key, value }: Recorded) => ({ key, value })

describe('configurations', () => {
  const records = recorded('distributed', 'configs')

  test('are taken over', async () => {
    const store = new ConfigStore(await tableOf(records))
    expect(store.connectors().toSorted()).toEqual(['kw-bad-1', 'kw-sink', 'kw-src'])
    expect(store.config('kw-src')).toMatchObject({ note: 'é \u2028 / <x> " \\ \t 😀', name: 'kw-src' })
    expect(['kw-src', 'kw-sink', 'kw-gone'].map((name) => store.targetState(name))).toEqual([
      'STARTED',
      'STOPPED',
      'STARTED',
    ])
    const tasks = store.tasks('kw-src')
    expect(tasks.map((task) => task['task.class'])).toEqual([
      'org.apache.kafka.connect.file.FileStreamSourceTask',
    ])
    expect(store.tasks('kw-sink')).toEqual([])
    expect(store.tasks('kw-bad-1')).toHaveLength(1)
  })

  test('of an exactly-once cluster are, with the records that fence its tasks', async () => {
    const store = new ConfigStore(await tableOf(recorded('exactly-once', 'configs')))
    expect(store.config('fenced')).toMatchObject({ 'batch.size': '5' })
    expect(store.tasks('fenced')).toMatchObject([{ 'batch.size': '5' }])
  })

  test('are written as Connect writes them', async () => {
    const table = recordingTable()
    const store = new ConfigStore(table)
    const tasks: RawConfig[] = []
    const own = records.filter(({ key }) => key !== 'session-key')
    for (const record of own) await write(store, record, tasks)
    expect(table.log).toEqual(own.map(entry))
  })
})

/** The verb that leads to this record. Those that lead to several write them with the last. */
async function write(store: ConfigStore, { key, value }: Recorded, tasks: RawConfig[]): Promise<void> {
  const [, kind = '', name = ''] =
    /^(connector|task|commit|target-state|restart-connector|logger-cluster)-(.*)$/.exec(key) ?? []
  const members = value === null ? null : JSON.parse(value)
  if (kind === 'connector' && members !== null) await store.putConnector(name, members.properties)
  if (kind === 'target-state' && members === null) await store.remove(name)
  if (kind === 'target-state' && members !== null) {
    const target = members['state.v2'] as TargetState
    await (target === 'STOPPED' ? store.putStopped(name) : store.putTarget(name, target))
  }
  if (kind === 'task') tasks.push(members.properties)
  if (kind === 'commit' && members.tasks > 0) await store.putTasks(name, tasks.splice(0))
  if (kind === 'restart-connector')
    await store.putRestart(name, {
      includeTasks: members['include-tasks'],
      onlyFailed: members['only-failed'],
    })
  if (kind === 'logger-cluster') await store.putLogger(name, members.level)
}

describe('states', () => {
  const records = recorded('distributed', 'status')

  test('are taken over: nothing runs yet, whatever another worker wrote last', async () => {
    const store = new StatusStore(await tableOf(records))
    expect(store.names().toSorted()).toEqual(['kw-bad-1', 'kw-sink', 'kw-src'])
    expect(store.connector('kw-sink')).toMatchObject({ state: 'STOPPED', workerId: '127.0.0.1:18083' })
    expect(store.task('kw-bad-1', 0)?.trace).toMatch(/^org\.apache\.kafka\.connect\.errors\.ConnectException/)
    expect(store.topics('kw-src')).toEqual(['kw-lines'])
    expect(store.generation()).toBe(16)
    store.startOver(['kw-bad-1', 'kw-sink', 'kw-src'])
    expect(store.task('kw-src', 0)).toMatchObject({ state: 'UNASSIGNED', version: null })
  })

  test.each(['distributed', 'exactly-once'])('are written as Connect writes them: %s', async (file) => {
    for (const { key, value } of recorded(file, 'status')) {
      if (value === null) continue
      const table = recordingTable()
      const store = new StatusStore(table)
      putState(store, key, JSON.parse(value))
      await store.flush()
      expect(table.log).toEqual([{ key, value }])
    }
  })
})

function putState(store: StatusStore, key: string, members: Record<string, unknown>): void {
  const { state, trace, worker_id: workerId, generation, version, topic } = members
  const status = { state, trace, workerId, generation, version } as StatusRecord
  const [, kind, name = '', task] = /^status-(connector|task|topic)-(.*?)(?:-(\d+))?$/.exec(key) ?? []
  if (kind === 'connector') store.putConnector(key.slice('status-connector-'.length), status)
  if (kind === 'task') store.putTask(name, Number(task), status)
  if (kind === 'topic') {
    const used = topic as { name: string; connector: string; task: number; discoverTimestamp: number }
    store.addTopic(used.connector, used.name, used.task, used.discoverTimestamp)
  }
}

describe('offsets', () => {
  const records = recorded('distributed', 'offsets')

  test('are taken over', async () => {
    const store = new OffsetStore(await tableOf(records))
    expect(new Set(await store.of('kw-src'))).toEqual(
      new Set([
        { partition: { filename: '/tmp/kworker-x/in.txt' }, offset: { position: 21n } },
        { partition: { filename: 'third é' }, offset: { x: 1.5, position: 8n } },
      ]),
    )
  })

  test('are written as Connect writes them, a reset as a tombstone under the same key', async () => {
    const table = recordingTable()
    const store = new OffsetStore(table)
    const other = { filename: 'other' }
    await store.put('kw-src', [{ partition: other, offset: { position: 7n } }])
    await store.put('kw-src', [{ partition: other, offset: null }])
    await store.put('kw-src', [{ partition: { filename: 'third é' }, offset: { x: 1.5, position: 8n } }])
    const expected = records.filter(({ key }) => /other|third/.test(key))
    expect(table.log).toEqual(expected.map(entry))
  })
})

test.each([
  ['distributed', 'offsets', 25],
  ['distributed', 'status', 5],
  ['exactly-once', 'offsets', 2],
] as const)('each key lies where Connect has put it: %s, %s', (file, topic, count) => {
  const found = recorded(file, topic)
  const places = found.map(({ key }) => {
    const bytes = Buffer.from(key)
    return partitionOf(bytes, bytes.length, count)
  })
  expect(places).toEqual(found.map(({ partition }) => partition))
})
