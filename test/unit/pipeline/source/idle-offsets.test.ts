import { expect } from 'vitest'
import { test } from '../../../support/pipeline/loop-test.ts'
import { offsetAt, recordAt, settle, until } from '../../../support/pipeline/script.ts'

const key = '["c",{"server":"a"}]'

test('an idle task stores its position without a record, and hears of it once it is durable', async ({
  script,
  source,
  startSource,
}) => {
  script.autoCommit = false
  source.idleAt = offsetAt(5)
  startSource()
  source.feedNothing()
  await until(() => script.commits.length === 1)
  expect(script.commits[0]).toMatchObject({ records: [], offsets: [[key, '{"position":5}']] })
  await settle()
  expect(source.committedOffsets).toEqual([])
  script.commits[0]?.durable()
  await until(() => source.committedOffsets.length === 1)
  expect(source.committedOffsets).toEqual([{ position: 5n }])
})

test('it is stored once per offset.flush.interval.ms at most', async ({
  clock,
  script,
  source,
  startSource,
}) => {
  startSource()
  const poll = async (): Promise<void> => {
    const { polls } = source
    source.feedNothing()
    await until(() => source.polls > polls)
    await settle()
  }
  source.idleAt = offsetAt(1)
  await poll()
  source.idleAt = offsetAt(2)
  clock.pass(999)
  await poll()
  expect(script.offsets.get(key)).toBe('{"position":1}')
  clock.pass(1)
  await poll()
  expect(script.offsets.get(key)).toBe('{"position":2}')
  source.idleAt = null
  clock.pass(1000)
  await poll()
  expect(script.commits.length).toBe(2)
})

test.for([true, false])(
  'invariant 1: it is not stored past records that are not durable (transactions: %s)',
  async (atomic, { clock, script, source, startSource }) => {
    script.atomic = atomic
    script.autoCommit = false
    startSource()
    source.feed(recordAt(1))
    source.idleAt = offsetAt(5)
    source.feedNothing()
    source.feedNothing()
    await until(() => source.polls === 4)
    expect(script.commits.map(({ offsets }) => offsets)).toEqual(atomic ? [[[key, '{"position":1}']]] : [])
    clock.pass(1000)
    source.feedNothing()
    await until(() => source.polls === 5)
    expect(script.commits.map(({ offsets }) => offsets)).toEqual([[[key, '{"position":1}']]])
    script.commits[0]?.durable()
    await until(() => source.committedOffsets.length === 1)
    source.feedNothing()
    await until(() => script.commits.length === 2)
    expect(script.commits[1]?.offsets).toEqual([[key, '{"position":5}']])
    script.commits[1]?.durable()
  },
)

test('a failing idle fails the task', async ({ source, heard, startSource, released }) => {
  source.idle = () => {
    throw new Error('no position')
  }
  startSource()
  source.feedNothing()
  await until(() => heard.last === 'FAILED')
  expect(heard.trace).toContain('no position')
  await released()
})
