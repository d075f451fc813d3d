import { expect } from 'vitest'
import { datum } from '#data'
import type { RawConfig } from '#plugin'
import { test } from '../../../support/pipeline/loop-test.ts'
import { recordAt, settle, until } from '../../../support/pipeline/script.ts'

test.for<[config: RawConfig, name: string]>([
  [{ 'transaction.boundary': 'connector' }, 'transaction.boundary'],
  [{ 'offsets.storage.topic': 'mine' }, 'offsets.storage.topic'],
  [{ 'connector.class': 'nothing' }, 'nothing'],
  [{ 'value.converter': 'nothing' }, 'nothing'],
  [{ 'task.max.pending.bytes': 'much' }, 'task.max.pending.bytes'],
  [{ 'errors.tolerance': 'some' }, 'errors.tolerance'],
])('%o is refused by name', async ([config, name], { heard, startSource, released }) => {
  startSource(config)
  await until(() => heard.last === 'FAILED')
  expect(heard.trace).toContain(name)
  await released()
})

test('exactly.once.support=required needs a broker with transactions', async ({
  script,
  heard,
  startSource,
}) => {
  script.atomic = false
  startSource({ 'exactly.once.support': 'required' })
  await until(() => heard.last === 'FAILED')
  expect(heard.trace).toContain('exactly.once.support')
})

test('exactly.once.support=required is fine where the broker has them', async ({ heard, startSource }) => {
  startSource({ 'exactly.once.support': 'required' })
  await until(() => heard.last === 'RUNNING')
})

test('polling rests while too many bytes are not durable', async ({ script, source, startSource }) => {
  script.autoCommit = false
  startSource({ 'task.max.pending.bytes': '3' })
  source.feed(recordAt(1))
  await until(() => script.commits.length === 1)
  await settle()
  expect(source.polls).toBe(1)
  script.commits[0]?.durable()
  await until(() => source.polls === 2)
})

test('a batch far beyond the budget fails the task with what to do', async ({
  source,
  heard,
  startSource,
}) => {
  startSource({ 'task.max.pending.bytes': '10' })
  source.feed(recordAt(1, { value: datum(null, 'x'.repeat(100)) }))
  await until(() => heard.last === 'FAILED')
  expect(heard.trace).toContain('task.max.pending.bytes')
  expect(heard.trace).toContain('c-0')
})

test('a batch somewhat beyond the budget is committed in parts', async ({ script, source, startSource }) => {
  startSource({ 'task.max.pending.bytes': '10' })
  source.feed(recordAt(1), recordAt(2), recordAt(3), recordAt(4))
  await until(() => script.stored.length === 4)
  expect(script.commits.map(({ records }) => records.length)).toEqual([3, 1])
})
