/** The source and the sink loop over the embedded broker, in this thread, with tasks that the test sees into. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type EmbeddedAddress, type OwnedBroker, openEmbeddedBroker } from '#broker'
import { datum, type SinkRecord } from '#data'
import { RetriableError } from '#errors'
import { createLocalRunner, type TaskHandle, type TaskRunner } from '#pipeline'
import type { SinkPlugin } from '#plugin'
import { base, Heard, recordAt, registryOf, specOf, TextConverter } from '../../support/pipeline/script.ts'
import { ScriptedSource } from '../../support/pipeline/scripted-source.ts'

let directory: string
let broker: OwnedBroker<EmbeddedAddress>
let runner: TaskRunner
let source: ScriptedSource
let delivered: { readonly task: number; readonly record: SinkRecord }[]
/** Puts that fail before they take anything, by task. */
let refusals: Map<number, number>
/** Tasks whose next put with records never ends. */
let stuck: Set<number>

const sink: SinkPlugin = {
  ...base('sink', 'test.SeenSink', 'seen'),
  taskClass: 'test.SeenTask',
  taskConfigs: (config) => [config],
  open: async (_config, { task, retryAfter }) => ({
    async put(records) {
      if (records.length > 0 && stuck.delete(task)) await new Promise(() => {})
      const left = refusals.get(task) ?? 0
      if (left > 0 && records.length > 0) {
        refusals.set(task, left - 1)
        retryAfter(5)
        throw new RetriableError('busy')
      }
      for (const record of records) delivered.push({ task, record })
    },
    async [Symbol.asyncDispose]() {},
  }),
}

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'rowtap-loops-'))
  broker = await openEmbeddedBroker({ directory, properties: {} })
  source = new ScriptedSource()
  delivered = []
  refusals = new Map()
  stuck = new Set()
  runner = createLocalRunner({ broker, plugins: registryOf(new TextConverter(), source.plugin, sink) })
})
afterEach(async () => {
  await runner[Symbol.asyncDispose]()
  await broker[Symbol.asyncDispose]()
  rmSync(directory, { recursive: true, force: true })
})

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await wait(5)
}

function startSource(config: Readonly<Record<string, string>> = {}): Heard {
  const heard = new Heard()
  runner.start(specOf('source', config), heard)
  return heard
}

function startSink(task: number, config: Readonly<Record<string, string>> = {}) {
  const heard = new Heard()
  const spec = specOf('sink', { 'connector.class': 'seen', topics: 't', ...config }, { task, connector: 's' })
  return { handle: runner.start(spec, heard) satisfies TaskHandle, heard }
}

const fourPartitions = {
  'topic.creation.default.partitions': '4',
  'topic.creation.default.replication.factor': '1',
}
const batch = (from: number, count: number) => Array.from({ length: count }, (_, i) => recordAt(from + i))
const values = (): unknown[] => delivered.map(({ record }) => record.value.value())

test('topic.creation decides how a topic is made; records keep order per partition, headers and times', async () => {
  startSource(fourPartitions)
  const headers = [{ key: 'h', value: datum(null, 'x') }]
  source.feed(...batch(0, 200).map((record) => ({ ...record, headers, timestamp: 1700000000000n })))
  startSink(0)
  await until(() => delivered.length === 200)
  expect((await broker.admin.describe('t'))?.partitions).toBe(4)
  for (let partition = 0; partition < 4; partition++) {
    const offsets = delivered.map(({ record }) => record).filter((record) => record.partition === partition)
    expect(offsets.map(({ offset }) => offset)).toEqual(offsets.map((_, i) => BigInt(i)))
    const numbers = offsets.map(({ value }) => Number(String(value.value()).slice(1)))
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b))
  }
  const { record } = delivered[0] ?? { record: null }
  expect(record?.timestamp).toBe(1700000000000n)
  expect(record?.headers.map(({ key, value }) => [key, value.value()])).toEqual([['h', 'x']])
})

test('partitions move from task to task without a record lost or given twice', async () => {
  startSource(fourPartitions)
  source.feed(...batch(0, 100))
  const first = startSink(0)
  await until(() => delivered.length === 100)
  const second = startSink(1)
  let sent = 100
  // The second task is in as soon as it is given something.
  await until(async () => {
    source.feed(...batch(sent, 20))
    sent += 20
    await until(() => delivered.length >= sent)
    return delivered.some(({ task }) => task === 1)
  })
  await first.handle.stop(5000)
  source.feed(...batch(sent, 100))
  sent += 100
  await until(() => delivered.length >= sent)
  expect(new Set(values()).size).toBe(sent)
  expect(delivered.length).toBe(sent)
  expect([first.heard.states, second.heard.states]).toEqual([['RUNNING'], ['RUNNING']])
})

test('a batch that the target refuses for a while arrives once, and in order', async () => {
  startSource()
  refusals.set(0, 3)
  startSink(0)
  source.feed(...batch(0, 20))
  source.feed(...batch(20, 20))
  await until(() => delivered.length === 40)
  expect(values()).toEqual(batch(0, 40).map((record) => record.value.value()))
})

test('a restarted sink goes on after what it committed', async () => {
  startSource()
  source.feed(...batch(0, 10))
  const first = startSink(0)
  await until(() => delivered.length === 10)
  await first.handle.stop(5000)
  expect(await broker.admin.groupOffsets('connect-s')).toMatchObject([{ topic: 't', offset: 10n }])
  source.feed(...batch(10, 5))
  startSink(0)
  await until(() => delivered.length === 15)
  expect(new Set(values()).size).toBe(15)
})

test('topics.regex follows topics that appear later', async () => {
  startSource()
  startSink(0, { topics: '', 'topics.regex': 'late\\..*' })
  source.feed(recordAt(0, { topic: 'late.a' }), recordAt(1, { topic: 'early' }))
  await until(() => delivered.length === 1)
  source.feed(recordAt(2, { topic: 'late.b' }))
  await until(() => delivered.length === 2)
  expect(delivered.map(({ record }) => record.topic)).toEqual(['late.a', 'late.b'])
})

test('a dead letter queue is made and filled with default settings', async () => {
  startSource()
  startSink(0, { 'errors.tolerance': 'all', 'errors.deadletterqueue.topic.name': 'dlq' })
  // The source's converter would refuse it as well, so it comes from elsewhere.
  await using producer = await broker.producer()
  await producer.send([
    { topic: 't', key: Buffer.from('k'), value: Buffer.from('bad') },
    { topic: 't', key: null, value: Buffer.from('good') },
  ])
  await until(() => delivered.length === 1)
  await using reader = await broker.reader({ topics: ['dlq'], from: 'earliest' })
  const [letter] = await reader.poll(5000, new AbortController().signal)
  expect([letter?.key, letter?.value].map(String)).toEqual(['k', 'bad'])
})

test('a sink that is stuck in put is cut off, and its partitions are free at once', async () => {
  startSource(fourPartitions)
  stuck.add(0)
  const first = startSink(0)
  source.feed(...batch(0, 100))
  await until(() => stuck.size === 0)
  await first.handle.stop(20)
  startSink(0)
  await until(() => new Set(values()).size === 100)
})

test('partitions move while a batch is refused: nothing is lost, and each partition keeps its order', async () => {
  startSource(fourPartitions)
  refusals.set(0, 1_000_000)
  const first = startSink(0)
  source.feed(...batch(0, 200))
  await until(() => (refusals.get(0) ?? 0) < 999_998)
  startSink(1)
  await until(() => delivered.some(({ task }) => task === 1))
  refusals.set(0, 0)
  await until(() => new Set(values()).size === 200)
  await first.handle.stop(5000)
  for (let partition = 0; partition < 4; partition++) {
    const offsets = delivered.filter(({ record }) => record.partition === partition)
    const seen = offsets.map(({ record }) => record.offset)
    expect(seen).toEqual(seen.map((_, i) => BigInt(i)))
  }
})

test('when the store dies, tasks fail with what happened', async () => {
  const of = startSource()
  source.feed(...batch(0, 10))
  const { heard } = startSink(0)
  await until(() => delivered.length === 10)
  broker.connect().port.postMessage(null)
  await until(() => heard.last === 'FAILED')
  source.feed(...batch(10, 10))
  await until(() => of.last === 'FAILED')
  expect(of.trace).toContain('embedded broker has failed')
  expect(heard.trace).toContain('embedded broker has failed')
  expect(delivered.length).toBe(10)
})
