import { expect } from 'vitest'
import { RetriableError } from '#errors'
import { test } from '../../../support/pipeline/loop-test.ts'
import { settle, until } from '../../../support/pipeline/script.ts'
import { consumed } from '../../../support/pipeline/scripted-broker.ts'

test('a RetriableError brings the same batch again, after what the task asked for; meanwhile partitions rest', async ({
  clock,
  script,
  sink,
  startSink,
}) => {
  sink.failures.push(new RetriableError('busy'), new RetriableError('busy'))
  sink.retryAfterMs = 250
  startSink()
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

test('offsets of a batch that is held back are not committed', async ({
  script,
  sink,
  startSink,
  commitTime,
}) => {
  sink.failures.push(new RetriableError('busy'))
  sink.retryAfterMs = 5000
  startSink()
  script.consumer.feed(consumed(0, 'a'))
  await until(() => script.consumer.paused.size === 1)
  await commitTime()
  expect(script.groupCommits).toEqual([])
})

test('records of a partition that went leave the batch that is held back', async ({
  clock,
  script,
  sink,
  startSink,
}) => {
  sink.failures.push(new RetriableError('busy'))
  sink.retryAfterMs = 5000
  startSink()
  script.consumer.feed(consumed(0, 'a'), consumed(0, 'b', { partition: 1 }))
  await until(() => script.consumer.paused.size === 2)
  script.consumer.revoke('revoked', { topic: 'in', partition: 0 })
  await until(() => sink.events.includes('revoked in-0'))
  clock.pass(5000)
  await until(() => sink.values.length > 0)
  expect(sink.values).toEqual(['b'])
})

test('partitions that come while a batch is held back rest as well', async ({
  clock,
  script,
  sink,
  startSink,
}) => {
  sink.failures.push(new RetriableError('busy'))
  sink.retryAfterMs = 5000
  startSink()
  script.consumer.feed(consumed(0, 'a'))
  await until(() => script.consumer.paused.size === 1)
  script.consumer.feed(consumed(0, 'b', { partition: 1 }))
  await until(() => script.consumer.paused.has('in-1'))
  clock.pass(5000)
  await until(() => sink.values.length === 2)
  expect(sink.values).toEqual(['a', 'b'])
})
