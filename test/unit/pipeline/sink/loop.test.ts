import { expect } from 'vitest'
import { RetriableError } from '#errors'
import { test } from '../../../support/pipeline/loop-test.ts'
import { settle, until } from '../../../support/pipeline/script.ts'
import { consumed } from '../../../support/pipeline/scripted-broker.ts'

test('puts what it reads; offsets follow after a flush, at the interval', async ({
  script,
  sink,
  heard,
  startSink,
  commitTime,
}) => {
  startSink()
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

test('put is called with an empty batch after a poll that brought nothing', async ({
  clock,
  sink,
  startSink,
}) => {
  startSink()
  await settle()
  clock.pass(1000)
  await until(() => sink.puts.length > 0)
  expect(sink.puts[0]).toEqual([])
})

test('another error of put fails the task; what was put before is committed', async ({
  script,
  sink,
  heard,
  startSink,
}) => {
  startSink()
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

test('a flush that fails in passing is tried again at the next interval', async ({
  script,
  sink,
  heard,
  startSink,
  commitTime,
}) => {
  sink.failFlush = new RetriableError('busy')
  startSink()
  script.consumer.feed(consumed(0, 'a'))
  await until(() => sink.values.length === 1)
  await commitTime()
  expect(script.groupCommits).toEqual([])
  sink.failFlush = null
  await commitTime()
  expect(script.groupCommits.length).toBe(1)
  expect(heard.last).toBe('RUNNING')
})

test('pause commits, puts nothing and stays in the group; resume goes on', async ({
  clock,
  script,
  sink,
  heard,
  startSink,
}) => {
  const task = startSink()
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

test('stop flushes, commits and lets go of everything', async ({ script, sink, heard, startSink }) => {
  const task = startSink()
  script.consumer.feed(consumed(0, 'a'))
  await until(() => sink.values.length === 1)
  await task.stop(1000)
  expect(script.groupCommits).toEqual([[{ topic: 'in', partition: 0, offset: 1n }]])
  expect(sink.events).toEqual(['assigned in-0', 'put 1', 'flush', 'revoked in-0', 'closed'])
  expect(script.consumersOpen).toBe(0)
  expect(heard.states).toEqual(['RUNNING'])
})
