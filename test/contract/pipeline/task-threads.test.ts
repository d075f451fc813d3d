/** Tasks on real threads over the embedded broker: what happens to one does not happen to its neighbours. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type OwnedBroker, openEmbeddedBroker, openTable } from '#broker'
import { createTaskRunner, isJsonObject, parseJson, type TaskHandle, type TaskRunner } from '#pipeline'
import { BrokerTopicLog } from '../../../src/pipeline/topic-log.ts'
import { registry } from '../../support/pipeline/observable-plugins.ts'
import { Heard, specOf } from '../../support/pipeline/script.ts'

const registryModule = new URL('../../support/pipeline/observable-plugins.ts', import.meta.url).href
let directory: string
let broker: OwnedBroker
let runner: TaskRunner

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'rowtap-threads-'))
  broker = await openEmbeddedBroker({ directory: join(directory, 'data'), properties: {} })
  runner = createTaskRunner({ broker, plugins: registry, registryModule, sharedThreads: 1, heapMb: 64 })
})
afterEach(async () => {
  await runner[Symbol.asyncDispose]()
  await broker[Symbol.asyncDispose]()
  rmSync(directory, { recursive: true, force: true })
})

interface Started {
  readonly handle: TaskHandle
  readonly heard: Heard
}

function start(connector: string, plugin: string, config: Readonly<Record<string, string>>): Started {
  const heard = new Heard()
  const spec = specOf(plugin === 'collect' ? 'sink' : 'source', { 'connector.class': plugin, ...config })
  const handle = runner.start({ ...spec, connector, taskConfig: config }, heard)
  return { handle, heard }
}

const source = (connector: string, plugin: string, config: Readonly<Record<string, string>>) =>
  start(connector, plugin, { topic: connector, ...config })

const file = (name: string) => join(directory, name)
const lines = (name: string): string[] =>
  existsSync(file(name)) ? readFileSync(file(name), 'utf8').split('\n').slice(0, -1) : []

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await wait(5)
}

async function recordsIn(topic: string): Promise<number> {
  if ((await broker.admin.describe(topic)) === null) return 0
  const bounds = await broker.admin.bounds(topic)
  return bounds.reduce((sum, { first, next }) => sum + Number(next - first), 0)
}

async function offsetOf(connector: string): Promise<unknown> {
  await using table = await openTable(broker, { topic: 'offsets', partitions: 25 })
  const stored = table.get(`["${connector}",{"counter":"one"}]`)
  const offset = stored === undefined ? null : parseJson(Buffer.from(stored).toString())
  return isJsonObject(offset) ? offset['next'] : undefined
}

test('from a source on its own thread to a sink on a shared one, each record once and in order', async () => {
  const { heard } = source('from', 'own', { count: '500', batch: '7' })
  const sink = start('to', 'collect', { topics: 'from', file: file('out') })
  await until(() => lines('out').length >= 500)
  expect(lines('out')).toEqual(Array.from({ length: 500 }, (_, i) => `row ${i}`))
  expect(heard.states).toEqual(['RUNNING'])
  expect(heard.topics).toEqual(['from'])
  await sink.handle.stop(5000)
  expect(await broker.admin.groupOffsets('connect-to')).toMatchObject([{ topic: 'from', offset: 500n }])
})

test('a stopped source goes on from its stored offset, on another thread', async () => {
  const first = source('a', 'own', { count: '25', confirmed: file('confirmed') })
  await until(async () => (await recordsIn('a')) === 25)
  await first.handle.stop(5000)
  expect(lines('confirmed').at(-1)).toBe('25')
  source('a', 'own', { count: '40', confirmed: file('confirmed') })
  await until(() => lines('confirmed').at(-1) === '40')
  expect(await recordsIn('a')).toBe(40)
  expect(await offsetOf('a')).toBe(40n)
})

test.each(['own', 'shared'])('a task keeps a log, on its %s thread', async (plugin) => {
  const { handle, heard } = source('a', plugin, { count: '25', log: 'kept' })
  await using log = new BrokerTopicLog(broker, {
    ...{ topic: 'kept', bootstrapServers: null, producer: {}, consumer: {} },
  })
  await until(async () => (await recordsIn('kept')) > 0 && (await recordsIn('a')) === 25)
  await handle.stop(5000)
  const kept: string[] = []
  for await (const batch of log.read())
    kept.push(...batch.map(({ value }) => Buffer.from(value ?? []).toString()))
  expect(kept.at(-1)).toBe('25')
  expect(heard.topics).toEqual(['a'])
})

test('pause and resume reach the thread', async () => {
  const { handle, heard } = source('a', 'own', { count: '5' })
  await until(() => heard.last === 'RUNNING')
  handle.pause()
  await until(() => heard.last === 'PAUSED')
  handle.resume()
  await until(() => heard.last === 'RUNNING')
})

test.each([
  ['throw', 'the log was purged'],
  ['exit', 'ended unexpectedly with code 3'],
  ['crash', 'nobody caught this'],
  ['hoard', 'ended unexpectedly'],
])(
  'a task that does %s is FAILED with a trace; what it wrote stays, its neighbours go on',
  async (then, message) => {
    const neighbour = source('good', 'shared', { count: '20' })
    const bad = source('bad', 'own', { count: '10', atEnd: then })
    await until(() => bad.heard.last === 'FAILED')
    expect(bad.heard.trace).toContain(message)
    expect(await recordsIn('bad')).toBe(10)
    await until(async () => (await recordsIn('good')) === 20)
    expect(neighbour.heard.states).toEqual(['RUNNING'])
    await bad.handle.stop(1000)
    const again = source('bad', 'own', { count: '15' })
    await until(async () => (await recordsIn('bad')) === 15)
    expect(again.heard.states).toEqual(['RUNNING'])
  },
)

test('a task that exceeds its byte budget is FAILED before memory is short; its neighbour on the thread goes on', async () => {
  const bad = source('bad', 'shared', {
    count: '100',
    batch: '100',
    bytes: '10000',
    'task.max.pending.bytes': '10000',
  })
  const good = source('good', 'shared', { count: '20' })
  await until(() => bad.heard.last === 'FAILED')
  expect(bad.heard.trace).toContain('task.max.pending.bytes')
  await until(async () => (await recordsIn('good')) === 20)
  expect(good.heard.states).toEqual(['RUNNING'])
})

test('when a shared thread dies all its tasks are FAILED, and the next task gets a new one', async () => {
  const good = source('good', 'shared', { count: '20' })
  await until(async () => (await recordsIn('good')) === 20)
  const bad = source('bad', 'shared', { count: '10', atEnd: 'exit' })
  await until(() => bad.heard.last === 'FAILED' && good.heard.last === 'FAILED')
  expect(good.heard.states).toEqual(['RUNNING', 'FAILED'])
  const again = source('good', 'shared', { count: '30' })
  await until(async () => (await recordsIn('good')) === 30)
  expect(again.heard.states).toEqual(['RUNNING'])
})

test.each([
  ['own', 'deaf'],
  ['own', 'spin'],
  ['shared', 'deaf'],
  ['shared', 'spin'],
])(
  'with the plugin %s a task that is %s is cut off after its timeout, what it wrote before stays',
  async (plugin, then) => {
    const bad = source('bad', plugin, { count: '10', atEnd: then })
    await until(async () => (await recordsIn('bad')) === 10)
    await bad.handle.stop(50)
    expect(bad.heard.states).toEqual(['RUNNING'])
    const again = source('bad', plugin, { count: '12' })
    await until(async () => (await recordsIn('bad')) === 12)
    expect(again.heard.last).toBe('RUNNING')
  },
)

test('a task that always has records lets its neighbour run and hears a stop', async () => {
  const busy = source('busy', 'shared', { count: '1000000000' })
  await until(async () => (await recordsIn('busy')) > 1000)
  source('good', 'shared', { count: '20' })
  await until(async () => (await recordsIn('good')) === 20)
  await busy.handle.stop(5000)
  expect(await offsetOf('busy')).toBe(BigInt(await recordsIn('busy')))
  expect(busy.heard.states).toEqual(['RUNNING'])
})

test('a task that is stopped before its thread is up ends well', async () => {
  const { handle, heard } = source('a', 'own', { count: '5' })
  await handle.stop(5000)
  expect(heard.states).not.toContain('FAILED')
})

test('a configuration without a connector fails, without a thread', async () => {
  const { heard, handle } = source('a', 'nothing', {})
  await until(() => heard.last === 'FAILED')
  expect(heard.trace).toContain('nothing')
  await handle.stop(1000)
})

test('metrics of all threads in one answer', async () => {
  source('a', 'own', { count: '30' })
  source('b', 'shared', { count: '20' })
  await until(async () => (await recordsIn('a')) + (await recordsIn('b')) === 50)
  const text = await runner.metrics()
  expect(text).toContain('rowtap_source_records_total{connector="a",task="0"} 30')
  expect(text).toContain('rowtap_source_records_total{connector="b",task="0"} 20')
})
