import { expect } from 'vitest'
import { test } from '../../../support/pipeline/loop-test.ts'
import { offsetAt, recordAt, settle, until } from '../../../support/pipeline/script.ts'

const key = '["c",{"server":"a"}]'

test('records and the newest offset of each partition go to the broker together, then the task hears of it', async ({
  script,
  source,
  heard,
  startSource,
}) => {
  const other = { server: 'b' }
  startSource()
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

test('invariant 1: offsets are confirmed only when durable, and in order though commits overlap', async ({
  script,
  source,
  startSource,
}) => {
  script.autoCommit = false
  startSource()
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

test('batches that find all places taken wait and go together', async ({ script, source, startSource }) => {
  script.autoCommit = false
  startSource()
  for (let i = 1; i <= 7; i++) source.feed(recordAt(i))
  await until(() => source.polls === 8)
  expect(script.commits.length).toBe(4)
  script.commits[0]?.durable()
  await until(() => script.commits.length === 5)
  expect(script.commits[4]?.records.map(({ value }) => value)).toEqual(['v5', 'v6', 'v7'])
  for (const commit of script.commits.slice(1)) commit.durable()
  await until(() => source.committedOffsets.length === 5)
})

test('a commit that fails, though it may have been written, fails the task; nothing is confirmed', async ({
  script,
  source,
  heard,
  startSource,
  released,
}) => {
  script.autoCommit = false
  startSource()
  source.feed(recordAt(1))
  await until(() => script.commits.length === 1)
  script.commits[0]?.fail(new Error('the answer was lost'))
  await until(() => heard.last === 'FAILED')
  expect(source.committedOffsets).toEqual([])
  expect(heard.trace).toContain('the answer was lost')
  await released()
})

test('a task that cannot confirm fails', async ({ source, heard, startSource }) => {
  source.failCommitted = new Error('the slot is gone')
  startSource()
  source.feed(recordAt(1))
  await until(() => heard.last === 'FAILED')
  expect(heard.trace).toContain('the slot is gone')
})

test('without transactions commits keep to offset.flush.interval.ms', async ({
  clock,
  script,
  source,
  startSource,
}) => {
  script.atomic = false
  startSource()
  source.feed(recordAt(1))
  await until(() => source.polls === 2)
  expect(script.commits).toEqual([])
  clock.pass(1000)
  source.feedNothing()
  await until(() => script.stored.length === 1)
  expect(script.commits.length).toBe(1)
})

test('transaction.boundary=interval gathers batches of an atomic broker too', async ({
  clock,
  script,
  source,
  startSource,
}) => {
  startSource({ 'transaction.boundary': 'interval', 'transaction.boundary.interval.ms': '50' })
  source.feed(recordAt(1))
  source.feed(recordAt(2))
  await until(() => source.polls === 3)
  expect(script.commits).toEqual([])
  clock.pass(50)
  source.feedNothing()
  await until(() => script.stored.length === 2)
  expect(script.commits.length).toBe(1)
})
