import { afterEach, beforeEach, expect, test } from 'vitest'
import { CommitFailedError } from '#broker'
import { DataError, RetriableError } from '#errors'
import type { TransformPlugin } from '#plugin'
import { createLocalRunner, type TaskHandle, type TaskRunner } from '../../../../src/pipeline/index.ts'
import {
  base,
  Heard,
  ManualClock,
  registryOf,
  settle,
  specOf,
  TextConverter,
  until,
} from '../../../support/pipeline/script.ts'
import { consumed, ScriptedBroker } from '../../../support/pipeline/scripted-broker.ts'
import { ScriptedSink } from '../../../support/pipeline/scripted-sink.ts'

const drop: TransformPlugin = {
  ...base('transformation', 'test.Drop', 'drop'),
  create: () => (record) => (record.value.value() === 'drop' ? null : record),
}
const rename: TransformPlugin = {
  ...base('transformation', 'test.Rename', 'rename'),
  create: () => (record) => {
    if (record.value.value() === 'odd') throw new DataError('an odd value')
    return { ...record, topic: 'renamed' }
  },
}

let clock: ManualClock
let script: ScriptedBroker
let sink: ScriptedSink
let heard: Heard
let runner: TaskRunner

beforeEach(() => {
  clock = new ManualClock()
  script = new ScriptedBroker(clock)
  sink = new ScriptedSink()
  heard = new Heard()
  const plugins = registryOf(new TextConverter(), sink.plugin, drop, rename)
  runner = createLocalRunner({ broker: script.broker, plugins, clock })
})
afterEach(() => runner[Symbol.asyncDispose]())

function start(config: Readonly<Record<string, string>> = {}, paused = false): TaskHandle {
  return runner.start(specOf('sink', { topics: 'in', ...config }, { paused }), heard)
}

/** The interval has passed, and the loop has seen it. */
async function commitTime(): Promise<void> {
  await settle()
  clock.pass(1000)
  await settle()
}

test('puts what it reads; offsets follow after a flush, at the interval', async () => {
  start()
  script.consumer.feed(consumed(0, 'a'), consumed(1, 'b'), consumed(4, 'c', { partition: 1 }))
  await until(() => sink.values.length === 3)
  expect(script.groupCommits).toEqual([])
  await commitTime()
  expect(script.groupCommits).toEqual([
    [
      { topic: 'in', partition: 0, offset: 2n },
      { topic: 'in', partition: 1, offset: 5n },
    ],
  ])
  expect(sink.events).toEqual(['assigned in-0 in-1', 'put 3', 'flush'])
  await commitTime()
  expect(script.groupCommits.length).toBe(1)
  expect(heard.states).toEqual(['RUNNING'])
  expect(heard.topics).toEqual(['in'])
})

test('put is called with an empty batch after a poll that brought nothing', async () => {
  start()
  await settle()
  clock.pass(1000)
  await until(() => sink.puts.length > 0)
  expect(sink.puts[0]).toEqual([])
})

test('a RetriableError brings the same batch again, after what the task asked for; meanwhile partitions rest', async () => {
  sink.failures.push(new RetriableError('busy'), new RetriableError('busy'))
  sink.retryAfterMs = 250
  start()
  script.consumer.feed(consumed(0, 'a'))
  script.consumer.feed(consumed(1, 'b'))
  await until(() => script.consumer.paused.size === 1)
  clock.pass(250)
  await until(() => sink.failures.length === 0)
  await settle()
  expect(sink.values).toEqual([])
  clock.pass(250)
  await until(() => sink.values.length === 2)
  expect(sink.puts.map((batch) => batch.length).filter((size) => size > 0)).toEqual([1, 1])
  expect(sink.values).toEqual(['a', 'b'])
  expect(script.consumer.paused.size).toBe(0)
})

test('offsets of a batch that is held back are not committed', async () => {
  sink.failures.push(new RetriableError('busy'))
  sink.retryAfterMs = 5000
  start()
  script.consumer.feed(consumed(0, 'a'))
  await until(() => script.consumer.paused.size === 1)
  await commitTime()
  expect(script.groupCommits).toEqual([])
})

test('another error of put fails the task; what was put before is committed', async () => {
  start()
  script.consumer.feed(consumed(0, 'a'))
  await until(() => sink.values.length === 1)
  sink.failures.push(new Error('the table is gone'))
  script.consumer.feed(consumed(1, 'b'))
  await until(() => heard.last === 'FAILED')
  expect(heard.trace).toMatch(
    /^org\.apache\.kafka\.connect\.errors\.ConnectException: Exiting WorkerSinkTask due to unrecoverable exception\./,
  )
  expect(heard.trace).toContain('the table is gone')
  expect(script.groupCommits).toEqual([[{ topic: 'in', partition: 0, offset: 1n }]])
  await until(() => sink.open === 0 && script.consumersOpen === 0)
})

test('invariant 5: the offset of a filtered record advances with the next put that succeeds', async () => {
  start({ transforms: 'd', 'transforms.d.type': 'drop' })
  script.consumer.feed(consumed(0, 'a'), consumed(1, 'drop'))
  await until(() => sink.values.length === 1)
  await commitTime()
  expect(script.groupCommits).toEqual([[{ topic: 'in', partition: 0, offset: 2n }]])
})

test('errors.tolerance=none: a record that cannot be read fails the task and is not passed', async () => {
  start()
  script.consumer.feed(consumed(0, 'a'))
  await until(() => sink.values.length === 1)
  script.consumer.feed(consumed(1, 'bad'), consumed(2, 'c'))
  await until(() => heard.last === 'FAILED')
  expect(heard.trace).toContain('Tolerance exceeded in error handler')
  expect(heard.trace).toContain('Caused by: org.apache.kafka.connect.errors.DataException: this text is bad')
  expect(script.groupCommits).toEqual([[{ topic: 'in', partition: 0, offset: 1n }]])
})

test('errors.tolerance=all: skipped records go to the dead letter queue as they were, with their story', async () => {
  start({
    'errors.tolerance': 'all',
    'errors.deadletterqueue.topic.name': 'dlq',
    'errors.deadletterqueue.topic.replication.factor': '1',
    'errors.deadletterqueue.context.headers.enable': 'true',
    transforms: 'r',
    'transforms.r.type': 'rename',
  })
  const headers = [{ key: 'mine', value: Buffer.from('1') }]
  script.consumer.feed(
    consumed(0, 'a'),
    consumed(1, 'odd', { headers }),
    consumed(2, 'bad'),
    consumed(3, 'd'),
  )
  await until(() => sink.values.length === 2)
  expect(script.made).toEqual([{ topic: 'dlq', partitions: 1, replicationFactor: 1, config: {} }])
  expect(
    script.sent.map(({ topic, key, value, timestamp }) => [topic, String(key), String(value), timestamp]),
  ).toEqual([
    ['dlq', 'k1', 'odd', 1000n],
    ['dlq', 'k2', 'bad', 1000n],
  ])
  const story = script.sent.map((sent) => sent.headers?.map((each) => [each.key, String(each.value)]) ?? [])
  expect(story[0]?.slice(0, -1)).toEqual([
    ['mine', '1'],
    ['__connect.errors.topic', 'in'],
    ['__connect.errors.partition', '0'],
    ['__connect.errors.offset', '1'],
    ['__connect.errors.connector.name', 'c'],
    ['__connect.errors.task.id', '0'],
    ['__connect.errors.stage', 'TRANSFORMATION'],
    ['__connect.errors.class.name', 'test.Rename'],
    ['__connect.errors.exception.class.name', 'org.apache.kafka.connect.errors.DataException'],
    ['__connect.errors.exception.message', 'an odd value'],
  ])
  expect(story[0]?.at(-1)?.[0]).toBe('__connect.errors.exception.stacktrace')
  expect(story[1]?.[5]).toEqual(['__connect.errors.stage', 'VALUE_CONVERTER'])
  await commitTime()
  expect(script.groupCommits.at(-1)).toEqual([{ topic: 'in', partition: 0, offset: 4n }])
})

test('a dead letter that cannot be written fails the task: nothing is lost', async () => {
  script.failSend = new Error('no leader')
  start({ 'errors.tolerance': 'all', 'errors.deadletterqueue.topic.name': 'dlq' })
  script.consumer.feed(consumed(0, 'bad'))
  await until(() => heard.last === 'FAILED')
  expect(heard.trace).toContain('dead letter queue')
  expect(script.groupCommits).toEqual([])
})

test('the task may report records where there is a queue, by what it was given', async () => {
  start({
    'errors.tolerance': 'all',
    'errors.deadletterqueue.topic.name': 'dlq',
    'errors.deadletterqueue.context.headers.enable': 'true',
    transforms: 'r',
    'transforms.r.type': 'rename',
  })
  script.consumer.feed(consumed(7, 'a'))
  await until(() => sink.values.length === 1)
  const record = sink.puts.flat()[0]
  if (record === undefined) throw new Error('nothing was put')
  expect(record.topic).toBe('renamed')
  await sink.context?.report?.(record, new Error('refused'))
  const headers = new Map(script.sent[0]?.headers?.map(({ key, value }) => [key, String(value)]))
  expect(headers.get('__connect.errors.stage')).toBe('TASK_PUT')
  expect(headers.get('__connect.errors.topic')).toBe('in')
  expect(headers.get('__connect.errors.class.name')).toBe('org.apache.kafka.connect.sink.SinkTask')
  await expect(sink.context?.report?.({ ...record }, new Error('refused'))).rejects.toThrow('was not given')
})

test('there is nothing to report to without a queue and errors.log.enable', async () => {
  start()
  await until(() => sink.context !== null)
  expect(sink.context?.report).toBeNull()
})

test('a partition is flushed and committed before it goes; a lost one is not', async () => {
  start()
  script.consumer.feed(consumed(0, 'a'), consumed(9, 'b', { partition: 1 }))
  await until(() => sink.values.length === 2)
  script.consumer.revoke('revoked', { topic: 'in', partition: 0 })
  await until(() => sink.events.includes('revoked in-0'))
  expect(sink.events).toEqual(['assigned in-0 in-1', 'put 2', 'flush', 'revoked in-0'])
  expect(script.groupCommits[0]).toContainEqual({ topic: 'in', partition: 0, offset: 1n })
  script.consumer.feed(consumed(10, 'c', { partition: 1 }))
  await until(() => sink.values.length === 3)
  script.consumer.revoke('lost', { topic: 'in', partition: 1 })
  await until(() => sink.events.includes('revoked in-1'))
  expect(script.groupCommits.length).toBe(1)
})

test('records of a partition that went leave the batch that is held back', async () => {
  sink.failures.push(new RetriableError('busy'))
  sink.retryAfterMs = 5000
  start()
  script.consumer.feed(consumed(0, 'a'), consumed(0, 'b', { partition: 1 }))
  await until(() => script.consumer.paused.size === 2)
  script.consumer.revoke('revoked', { topic: 'in', partition: 0 })
  await until(() => sink.events.includes('revoked in-0'))
  clock.pass(5000)
  await until(() => sink.values.length > 0)
  expect(sink.values).toEqual(['b'])
})

test('partitions that come while a batch is held back rest as well', async () => {
  sink.failures.push(new RetriableError('busy'))
  sink.retryAfterMs = 5000
  start()
  script.consumer.feed(consumed(0, 'a'))
  await until(() => script.consumer.paused.size === 1)
  script.consumer.feed(consumed(0, 'b', { partition: 1 }))
  await until(() => script.consumer.paused.has('in-1'))
  clock.pass(5000)
  await until(() => sink.values.length === 2)
  expect(sink.values).toEqual(['a', 'b'])
})

test('a revocation waits for the put that is under way', async () => {
  const gate = Promise.withResolvers<void>()
  sink.gate = gate.promise
  start()
  script.consumer.feed(consumed(0, 'a'))
  await settle()
  const revoked = script.consumerOptions?.listener.revoked([{ topic: 'in', partition: 0 }])
  await settle()
  expect(sink.events).toEqual(['assigned in-0'])
  gate.resolve()
  await revoked
  expect(sink.events).toEqual(['assigned in-0', 'put 1', 'flush', 'revoked in-0'])
})

test('a flush that fails in passing is tried again at the next interval', async () => {
  sink.failFlush = new RetriableError('busy')
  start()
  script.consumer.feed(consumed(0, 'a'))
  await until(() => sink.values.length === 1)
  await commitTime()
  expect(script.groupCommits).toEqual([])
  sink.failFlush = null
  await commitTime()
  expect(script.groupCommits.length).toBe(1)
  expect(heard.last).toBe('RUNNING')
})

test('a commit for partitions that another member has by now is no failure', async () => {
  script.failGroupCommit = new CommitFailedError('rebalanced')
  start()
  script.consumer.feed(consumed(0, 'a'))
  await until(() => sink.values.length === 1)
  await commitTime()
  expect(heard.last).toBe('RUNNING')
})

test('pause commits, puts nothing and stays in the group; resume goes on', async () => {
  const task = start()
  script.consumer.feed(consumed(0, 'a'))
  await until(() => sink.values.length === 1)
  task.pause()
  await until(() => heard.last === 'PAUSED')
  expect(script.groupCommits.length).toBe(1)
  const { polls } = script.consumer
  const puts = sink.puts.length
  script.consumer.feed(consumed(1, 'b'))
  clock.pass(1000)
  await until(() => script.consumer.polls > polls)
  await settle()
  expect(sink.puts.length).toBe(puts)
  task.resume()
  await until(() => sink.values.length === 2)
  expect(heard.states).toEqual(['RUNNING', 'PAUSED', 'RUNNING'])
})

test('stop flushes, commits and lets go of everything', async () => {
  const task = start()
  script.consumer.feed(consumed(0, 'a'))
  await until(() => sink.values.length === 1)
  await task.stop(1000)
  expect(script.groupCommits).toEqual([[{ topic: 'in', partition: 0, offset: 1n }]])
  expect(sink.events).toEqual(['assigned in-0', 'put 1', 'flush', 'revoked in-0', 'closed'])
  expect(script.consumersOpen).toBe(0)
  expect(heard.states).toEqual(['RUNNING'])
})

test('the subscription: group, topics, where to begin, how many', async () => {
  start({
    topics: 'a, b ,a',
    'consumer.override.group.id': 'mine',
    'consumer.override.max.poll.records': '7',
    'consumer.override.auto.offset.reset': 'latest',
    'consumer.override.isolation.level': 'read_committed',
  })
  await until(() => script.consumerOptions !== null)
  expect(script.consumerOptions).toMatchObject({
    group: 'mine',
    topics: ['a', 'b'],
    from: 'latest',
    maxRecords: 7,
    overrides: { 'isolation.level': 'read_committed' },
  })
})

test('topics.regex must match whole names, in the group connect-NAME', async () => {
  start({ topics: '', 'topics.regex': 'in\\..*' })
  await until(() => script.consumerOptions !== null)
  const { group, topics } = script.consumerOptions ?? { group: '', topics: [] }
  expect(group).toBe('connect-c')
  const pattern = topics as RegExp
  expect([pattern.test('in.a'), pattern.test('xin.a'), pattern.test('inxa')]).toEqual([true, false, false])
})
