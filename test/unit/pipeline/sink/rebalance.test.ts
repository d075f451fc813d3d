import { expect } from 'vitest'
import { CommitFailedError } from '#broker'
import { RetriableError } from '#errors'
import { test } from '../../../support/pipeline/loop-test.ts'
import { settle, until } from '../../../support/pipeline/script.ts'
import { consumed } from '../../../support/pipeline/scripted-broker.ts'

test('a partition is flushed and committed before it goes; a lost one is not', async ({
  script,
  sink,
  startSink,
}) => {
  startSink()
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

test('a revocation waits for the put that is under way', async ({ script, sink, startSink }) => {
  const gate = Promise.withResolvers<void>()
  sink.gate = gate.promise
  startSink()
  script.consumer.feed(consumed(0, 'a'))
  await settle()
  const revoked = script.consumerOptions?.listener.revoked([{ topic: 'in', partition: 0 }])
  await settle()
  expect(sink.events).toEqual(['assigned in-0'])
  gate.resolve()
  await revoked
  expect(sink.events).toEqual(['assigned in-0', 'put 1', 'flush', 'revoked in-0'])
})

test('a commit for partitions that another member has by now is no failure', async ({
  script,
  sink,
  heard,
  startSink,
  commitTime,
}) => {
  script.failGroupCommit = new CommitFailedError('rebalanced')
  startSink()
  script.consumer.feed(consumed(0, 'a'))
  await until(() => sink.values.length === 1)
  await commitTime()
  expect(heard.last).toBe('RUNNING')
})

test('a task that throws in revoked fails; what was put is committed before', async ({
  script,
  sink,
  heard,
  startSink,
}) => {
  startSink()
  script.consumer.feed(consumed(0, 'a'), consumed(0, 'b', { partition: 1 }))
  await until(() => sink.values.length === 2)
  sink.revoked = async () => {
    throw new Error('cannot let go')
  }
  script.consumer.revoke('revoked', { topic: 'in', partition: 0 })
  await until(() => heard.last === 'FAILED')
  expect(heard.trace).toContain('cannot let go')
  expect(script.groupCommits.flat()).toContainEqual({ topic: 'in', partition: 0, offset: 1n })
  await until(() => sink.open === 0 && script.consumersOpen === 0)
})

test('a commit that fails for good while a partition goes fails the task', async ({
  script,
  sink,
  heard,
  startSink,
}) => {
  startSink()
  script.consumer.feed(consumed(0, 'a'))
  await until(() => sink.values.length === 1)
  sink.failFlush = new Error('the target is full')
  script.consumer.revoke('revoked', { topic: 'in', partition: 0 })
  await until(() => heard.last === 'FAILED')
  expect(heard.trace).toContain('the target is full')
  expect(script.groupCommits).toEqual([])
})

test('a retry that succeeds after a partition went does not commit what went', async ({
  clock,
  script,
  sink,
  startSink,
  commitTime,
}) => {
  sink.failures.push(new RetriableError('busy'))
  sink.retryAfterMs = 500
  startSink()
  script.consumer.feed(consumed(0, 'a'), consumed(7, 'b', { partition: 1 }))
  await until(() => script.consumer.paused.size === 2)
  script.consumer.revoke('lost', { topic: 'in', partition: 0 })
  await until(() => sink.events.includes('revoked in-0'))
  clock.pass(500)
  await until(() => sink.values.length === 1)
  await commitTime()
  expect(script.groupCommits).toEqual([[{ topic: 'in', partition: 1, offset: 8n }]])
})
