import { expect } from 'vitest'
import { RetriableError } from '#errors'
import { test } from '../../../support/pipeline/loop-test.ts'
import { recordAt, settle, until } from '../../../support/pipeline/script.ts'

const key = '["c",{"server":"a"}]'

test('a RetriableError of poll waits and polls again; other errors fail the task', async ({
  clock,
  script,
  source,
  heard,
  startSource,
  released,
}) => {
  startSource()
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

test('pause commits and rests; resume goes on; stop commits', async ({
  script,
  source,
  heard,
  startSource,
  released,
}) => {
  script.atomic = false
  const task = startSource()
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

test('a failure after the stop was asked for is no failure: what was taken is committed', async ({
  script,
  source,
  heard,
  startSource,
  released,
}) => {
  source.deaf = true
  const task = startSource()
  source.feed(recordAt(1))
  await until(() => source.polls === 2)
  const stopped = task.stop(1000)
  source.fail(new Error('connection closed'))
  await stopped
  expect(script.offsets.get(key)).toBe('{"position":1}')
  expect(heard.states).toEqual(['RUNNING'])
  await released()
})

test('a task that cannot be closed has failed all the same', async ({
  clock,
  script,
  source,
  heard,
  startSource,
}) => {
  source.closing = new Promise(() => {})
  startSource()
  source.fail(new Error('the log was purged'))
  await until(() => clock.slept.includes(10_000))
  expect(heard.last).toBe('RUNNING')
  clock.pass(10_000)
  await until(() => heard.last === 'FAILED')
  expect(heard.trace).toContain('the log was purged')
  expect(script.writersOpen).toBe(0)
})

test('a task that starts paused is opened only when resumed', async ({ source, heard, startSource }) => {
  const task = startSource({}, true)
  await until(() => heard.last === 'PAUSED')
  expect(source.open).toBe(0)
  task.resume()
  await until(() => heard.last === 'RUNNING')
  expect(source.open).toBe(1)
})

test('a task that does not stop in time is cut off: it can write no more, and nothing is heard of it', async ({
  clock,
  script,
  source,
  heard,
  startSource,
}) => {
  source.deaf = true
  const task = startSource()
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

test('the task reads its stored offsets, integers as bigint', async ({ script, source, startSource }) => {
  script.offsets.set(key, '{"lsn":9223372036854775807,"done":true,"name":"ä😀"}')
  script.offsets.set('["other",{"server":"a"}]', '{"lsn":1}')
  startSource()
  await until(() => source.context !== null)
  expect(await source.context?.offset({ server: 'a' })).toEqual({
    lsn: 9223372036854775807n,
    done: true,
    name: 'ä😀',
  })
  expect(await source.context?.offset({ server: 'b' })).toBeNull()
})

test("a task's metrics go with it", async ({ script, source, runner, startSource }) => {
  const task = startSource()
  source.feed(recordAt(1))
  await until(() => script.stored.length === 1)
  expect(await runner.metrics()).toContain('rowtap_source_commits_total{connector="c",task="0"}')
  await task.stop(1000)
  expect(await runner.metrics()).not.toContain('connector="c"')
})

test('forgetTopics tells each topic in use once more', async ({ script, source, heard, startSource }) => {
  const task = startSource()
  source.feed(recordAt(1), recordAt(2))
  await until(() => script.stored.length === 2)
  task.forgetTopics()
  source.feed(recordAt(3))
  await until(() => script.stored.length === 3)
  expect(heard.topics).toEqual(['t', 't'])
})
