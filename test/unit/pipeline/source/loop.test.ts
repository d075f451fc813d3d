import { afterEach, beforeEach, expect, test } from 'vitest'
import { datum, nothing } from '#data'
import { RetriableError } from '#errors'
import type { TransformPlugin } from '#plugin'
import { createLocalRunner, type TaskHandle, type TaskRunner } from '../../../../src/pipeline/index.ts'
import {
  base,
  Heard,
  ManualClock,
  offsetAt,
  recordAt,
  registryOf,
  settle,
  specOf,
  TextConverter,
  until,
} from '../../../support/pipeline/script.ts'
import { ScriptedBroker } from '../../../support/pipeline/scripted-broker.ts'
import { ScriptedSource } from '../../../support/pipeline/scripted-source.ts'

const key = '["c",{"server":"a"}]'
const drop: TransformPlugin = {
  ...base('transformation', 'test.Drop', 'drop'),
  create: () => (record) => (String(record.value.value()).startsWith('drop') ? null : record),
}
const fussy: TransformPlugin = {
  ...base('transformation', 'test.Fussy', 'fussy'),
  create: () => (record) => {
    if (record.value.value() === 'odd') throw new Error('an odd value')
    return { ...record, topic: `${record.topic}-x` }
  },
}

let clock: ManualClock
let script: ScriptedBroker
let source: ScriptedSource
let heard: Heard
let converter: TextConverter
let runner: TaskRunner

beforeEach(() => {
  clock = new ManualClock()
  script = new ScriptedBroker(clock)
  source = new ScriptedSource()
  heard = new Heard()
  converter = new TextConverter()
  runner = createLocalRunner({
    broker: script.broker,
    plugins: registryOf(converter, source.plugin, drop, fussy),
    clock,
  })
})
afterEach(() => runner[Symbol.asyncDispose]())

function start(config: Readonly<Record<string, string>> = {}, paused = false): TaskHandle {
  return runner.start(specOf('source', config, { paused }), heard)
}

async function released(): Promise<void> {
  await until(() => source.open === 0 && script.writersOpen === 0)
}

test('records and the newest offset of each partition go to the broker together, then the task hears of it', async () => {
  const other = { server: 'b' }
  start()
  source.feed(recordAt(1), recordAt(2, { from: offsetAt(2, other) }), recordAt(3))
  await until(() => source.committedOffsets.length === 2)
  expect(script.stored.map(({ key, value }) => [key, value])).toEqual([
    ['k1', 'v1'],
    ['k2', 'v2'],
    ['k3', 'v3'],
  ])
  expect(script.commits[0]?.offsets).toEqual([
    ['["c",{"server":"b"}]', '{"position":2}'],
    [key, '{"position":3}'],
  ])
  expect(heard.states).toEqual(['RUNNING'])
  expect(heard.topics).toEqual(['t'])
})

test('invariant 1: offsets are confirmed only when durable, and in order though commits overlap', async () => {
  script.autoCommit = false
  start()
  source.feed(recordAt(1))
  source.feed(recordAt(2))
  await until(() => script.commits.length === 2)
  script.commits[1]?.durable()
  await settle()
  expect(source.committedOffsets).toEqual([])
  script.commits[0]?.durable()
  await until(() => source.committedOffsets.length === 2)
  expect(source.committedOffsets).toEqual([{ position: 1n }, { position: 2n }])
})

test('batches that find all places taken wait and go together', async () => {
  script.autoCommit = false
  start()
  for (let i = 1; i <= 7; i++) source.feed(recordAt(i))
  await until(() => source.polls === 8)
  expect(script.commits.length).toBe(4)
  script.commits[0]?.durable()
  await until(() => script.commits.length === 5)
  expect(script.commits[4]?.records.map(({ value }) => value)).toEqual(['v5', 'v6', 'v7'])
  for (const commit of script.commits.slice(1)) commit.durable()
  await until(() => source.committedOffsets.length === 5)
})

test('invariant 5: a filtered record advances the offset it stands for', async () => {
  start({ transforms: 'd', 'transforms.d.type': 'drop' })
  source.feed(recordAt(1, { value: datum(null, 'drop') }))
  await until(() => source.committedOffsets.length === 1)
  expect(script.offsets.get(key)).toBe('{"position":1}')
  expect(script.stored).toEqual([])
})

test('a failing transform fails the task, with what was before it committed and everything released', async () => {
  start({ transforms: 'f', 'transforms.f.type': 'fussy' })
  source.feed(recordAt(1), recordAt(2, { value: datum(null, 'odd') }), recordAt(3))
  await until(() => heard.last === 'FAILED')
  expect(heard.trace).toMatch(
    /^org\.apache\.kafka\.connect\.errors\.ConnectException: Tolerance exceeded in error handler/,
  )
  expect(heard.trace).toContain('test.Fussy')
  expect(heard.trace).toContain('an odd value')
  expect(script.offsets.get(key)).toBe('{"position":1}')
  await released()
})

test.each([
  ['TRANSFORMATION', { value: datum(null, 'odd') }],
  ['VALUE_CONVERTER', { value: datum(null, 'bad') }],
  ['KEY_CONVERTER', { key: datum(null, 'bad') }],
  ['HEADER_CONVERTER', { headers: [{ key: 'h', value: datum(null, 'bad') }] }],
])('errors.tolerance=all skips a record that fails at %s, and its offset counts', async (_stage, more) => {
  start({ 'errors.tolerance': 'all', transforms: 'f', 'transforms.f.type': 'fussy' })
  source.feed(recordAt(1), recordAt(2, more), recordAt(3))
  source.feed(recordAt(4, more))
  await until(() => script.offsets.get(key) === '{"position":4}')
  expect(script.stored.map(({ value }) => value)).toEqual(['v1', 'v3'])
  expect(heard.last).toBe('RUNNING')
  expect(await runner.metrics()).toMatch(/rowtap_records_skipped_total{connector="c",task="0"} [1-9]/)
})

test('errors.retry.timeout tries a RetriableError of a converter again', async () => {
  start({ 'errors.retry.timeout': '1000' })
  source.feed(recordAt(1, { value: datum(null, 'later') }))
  await until(() => clock.slept.includes(300))
  expect(script.stored).toEqual([])
  clock.pass(300)
  await until(() => script.stored.length === 1)
})

test('without errors.retry.timeout a RetriableError of a converter fails the task', async () => {
  start()
  source.feed(recordAt(1, { value: datum(null, 'later') }))
  await until(() => heard.last === 'FAILED')
  expect(heard.trace).toContain('VALUE_CONVERTER')
})

test('barriers: the record that met one is appended after it, in its place', async () => {
  const topic = Promise.withResolvers<void>()
  const schema = Promise.withResolvers<void>()
  script.unmade.set('new', () => topic.promise)
  converter.barriers.set('coded', schema.promise)
  start()
  source.feed(recordAt(1), recordAt(2, { topic: 'new' }), recordAt(3, { topic: 'coded' }), recordAt(4))
  await settle()
  expect(script.commits).toEqual([])
  script.unmade.delete('new')
  topic.resolve()
  await settle()
  expect(script.commits).toEqual([])
  converter.barriers.delete('coded')
  schema.resolve()
  await until(() => script.stored.length === 4)
  expect(script.stored.map(({ topic }) => topic)).toEqual(['t', 'new', 'coded', 't'])
})

test('a topic that cannot be made for now is tried again every 100 ms', async () => {
  script.unmade.set('new', () => Promise.reject(new RetriableError('no leader yet')))
  start()
  source.feed(recordAt(1, { topic: 'new' }))
  await until(() => clock.slept.at(-1) === 100)
  script.unmade.delete('new')
  clock.pass(100)
  await until(() => script.stored.length === 1)
})

test('a stop at a barrier leaves the rest of the batch and commits what was taken', async () => {
  script.unmade.set('new', () => new Promise(() => {}))
  const task = start()
  source.feed(recordAt(1), recordAt(2, { topic: 'new' }))
  await settle()
  await task.stop(1000)
  expect(script.offsets.get(key)).toBe('{"position":1}')
  expect(heard.states).toEqual(['RUNNING'])
  await released()
})

test('a commit that fails, though it may have been written, fails the task; nothing is confirmed', async () => {
  script.autoCommit = false
  start()
  source.feed(recordAt(1))
  await until(() => script.commits.length === 1)
  script.commits[0]?.fail(new Error('the answer was lost'))
  await until(() => heard.last === 'FAILED')
  expect(source.committedOffsets).toEqual([])
  expect(heard.trace).toContain('the answer was lost')
  await released()
})

test('a task that cannot confirm fails', async () => {
  source.failCommitted = new Error('the slot is gone')
  start()
  source.feed(recordAt(1))
  await until(() => heard.last === 'FAILED')
  expect(heard.trace).toContain('the slot is gone')
})

test('a RetriableError of poll waits and polls again; other errors fail the task', async () => {
  start()
  source.fail(new RetriableError('connection reset'))
  await until(() => clock.slept.includes(300))
  source.fail(new RetriableError('connection reset'))
  clock.pass(300)
  await until(() => clock.slept.includes(600))
  clock.pass(600)
  source.feed(recordAt(1))
  await until(() => script.stored.length === 1)
  source.fail(new Error('the log was purged'))
  await until(() => heard.last === 'FAILED')
  expect(heard.trace).toContain('the log was purged')
  await released()
})

test('polling rests while too many bytes are not durable', async () => {
  script.autoCommit = false
  start({ 'task.max.pending.bytes': '3' })
  source.feed(recordAt(1))
  await until(() => script.commits.length === 1)
  await settle()
  expect(source.polls).toBe(1)
  script.commits[0]?.durable()
  await until(() => source.polls === 2)
})

test('a batch far beyond the budget fails the task with what to do', async () => {
  start({ 'task.max.pending.bytes': '10' })
  source.feed(recordAt(1, { value: datum(null, 'x'.repeat(100)) }))
  await until(() => heard.last === 'FAILED')
  expect(heard.trace).toContain('task.max.pending.bytes')
  expect(heard.trace).toContain('c-0')
})

test('a batch somewhat beyond the budget is committed in parts', async () => {
  start({ 'task.max.pending.bytes': '10' })
  source.feed(recordAt(1), recordAt(2), recordAt(3), recordAt(4))
  await until(() => script.stored.length === 4)
  expect(script.commits.map(({ records }) => records.length)).toEqual([3, 1])
})

test('without transactions commits keep to offset.flush.interval.ms', async () => {
  script.atomic = false
  start()
  source.feed(recordAt(1))
  await until(() => source.polls === 2)
  expect(script.commits).toEqual([])
  clock.pass(1000)
  source.idle()
  await until(() => script.stored.length === 1)
  expect(script.commits.length).toBe(1)
})

test('transaction.boundary=interval gathers batches of an atomic broker too', async () => {
  start({ 'transaction.boundary': 'interval', 'transaction.boundary.interval.ms': '50' })
  source.feed(recordAt(1))
  source.feed(recordAt(2))
  await until(() => source.polls === 3)
  expect(script.commits).toEqual([])
  clock.pass(50)
  source.idle()
  await until(() => script.stored.length === 2)
  expect(script.commits.length).toBe(1)
})

test('pause commits and rests; resume goes on; stop commits', async () => {
  script.atomic = false
  const task = start()
  source.feed(recordAt(1))
  await until(() => source.polls === 2)
  task.pause()
  source.feed(recordAt(2))
  await until(() => heard.last === 'PAUSED')
  expect(script.offsets.get(key)).toBe('{"position":2}')
  const polls = source.polls
  await settle()
  expect(source.polls).toBe(polls)
  task.resume()
  source.feed(recordAt(3))
  await until(() => source.polls > polls + 1)
  await task.stop(1000)
  expect(script.offsets.get(key)).toBe('{"position":3}')
  expect(source.committedOffsets.at(-1)).toEqual({ position: 3n })
  expect(heard.states).toEqual(['RUNNING', 'PAUSED', 'RUNNING'])
  await released()
})

test('a failure after the stop was asked for is no failure: what was taken is committed', async () => {
  source.deaf = true
  const task = start()
  source.feed(recordAt(1))
  await until(() => source.polls === 2)
  const stopped = task.stop(1000)
  source.fail(new Error('connection closed'))
  await stopped
  expect(script.offsets.get(key)).toBe('{"position":1}')
  expect(heard.states).toEqual(['RUNNING'])
  await released()
})

test('a task that starts paused is opened only when resumed', async () => {
  const task = start({}, true)
  await until(() => heard.last === 'PAUSED')
  expect(source.open).toBe(0)
  task.resume()
  await until(() => heard.last === 'RUNNING')
  expect(source.open).toBe(1)
})

test('a task that does not stop in time is cut off: it can write no more, and nothing is heard of it', async () => {
  source.deaf = true
  const task = start()
  await until(() => source.polls === 1)
  const stopped = task.stop(700)
  await until(() => clock.slept.includes(700))
  clock.pass(700)
  await stopped
  source.feed(recordAt(1))
  await settle()
  expect(script.stored).toEqual([])
  expect(heard.states).toEqual(['RUNNING'])
})

test('the task reads its stored offsets, integers as bigint', async () => {
  script.offsets.set(key, '{"lsn":9223372036854775807,"done":true,"name":"ä😀"}')
  script.offsets.set('["other",{"server":"a"}]', '{"lsn":1}')
  start()
  await until(() => source.context !== null)
  expect(await source.context?.offset({ server: 'a' })).toEqual({
    lsn: 9223372036854775807n,
    done: true,
    name: 'ä😀',
  })
  expect(await source.context?.offset({ server: 'b' })).toBeNull()
})

test('headers are encoded once per array', async () => {
  let written = 0
  const value = {
    ...datum(null, 'x'),
    value: () => {
      written++
      return 'x'
    },
  }
  const headers = [{ key: 'h', value: { ...nothing, ...value } }]
  start()
  source.feed(recordAt(1, { headers }), recordAt(2), recordAt(3, { headers }))
  await until(() => script.stored.length === 3)
  expect(script.stored.map((record) => record.headers)).toEqual(['\x02\x02h\x02x', '\x00', '\x02\x02h\x02x'])
  expect(written).toBe(1)
})

test.each([
  [{ 'transaction.boundary': 'connector' }, 'transaction.boundary'],
  [{ 'offsets.storage.topic': 'mine' }, 'offsets.storage.topic'],
  [{ 'connector.class': 'nothing' }, 'nothing'],
  [{ 'value.converter': 'nothing' }, 'nothing'],
  [{ 'task.max.pending.bytes': 'much' }, 'task.max.pending.bytes'],
  [{ 'errors.tolerance': 'some' }, 'errors.tolerance'],
])('%o is refused by name', async (config, name) => {
  start(config)
  await until(() => heard.last === 'FAILED')
  expect(heard.trace).toContain(name)
  await released()
})

test('exactly.once.support=required needs a broker with transactions', async () => {
  script.atomic = false
  start({ 'exactly.once.support': 'required' })
  await until(() => heard.last === 'FAILED')
  expect(heard.trace).toContain('exactly.once.support')
})

test('exactly.once.support=required is fine where the broker has them', async () => {
  start({ 'exactly.once.support': 'required' })
  await until(() => heard.last === 'RUNNING')
})

test('forgetTopics tells each topic in use once more', async () => {
  const task = start()
  source.feed(recordAt(1), recordAt(2))
  await until(() => script.stored.length === 2)
  task.forgetTopics()
  source.feed(recordAt(3))
  await until(() => script.stored.length === 3)
  expect(heard.topics).toEqual(['t', 't'])
})
