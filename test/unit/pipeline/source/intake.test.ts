import { expect } from 'vitest'
import { datum, type SourceRecord } from '#data'
import { RetriableError } from '#errors'
import { test } from '../../../support/pipeline/loop-test.ts'
import { recordAt, settle, until } from '../../../support/pipeline/script.ts'

const key = '["c",{"server":"a"}]'

test('invariant 5: a filtered record advances the offset it stands for', async ({
  script,
  source,
  startSource,
}) => {
  startSource({ transforms: 'd', 'transforms.d.type': 'drop' })
  source.feed(recordAt(1, { value: datum(null, 'drop') }))
  await until(() => source.committedOffsets.length === 1)
  expect(script.offsets.get(key)).toBe('{"position":1}')
  expect(script.stored).toEqual([])
})

test('a failing transform fails the task, with what was before it committed and everything released', async ({
  script,
  source,
  heard,
  startSource,
  released,
}) => {
  startSource({ transforms: 'f', 'transforms.f.type': 'fussy' })
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

test.for<[stage: string, more: Partial<SourceRecord>]>([
  ['TRANSFORMATION', { value: datum(null, 'odd') }],
  ['VALUE_CONVERTER', { value: datum(null, 'bad') }],
  ['KEY_CONVERTER', { key: datum(null, 'bad') }],
  ['HEADER_CONVERTER', { headers: [{ key: 'h', value: datum(null, 'bad') }] }],
])(
  'errors.tolerance=all skips a record that fails at %s, and its offset counts',
  async ([, more], { script, source, heard, runner, startSource }) => {
    startSource({ 'errors.tolerance': 'all', transforms: 'f', 'transforms.f.type': 'fussy' })
    source.feed(recordAt(1), recordAt(2, more), recordAt(3))
    source.feed(recordAt(4, more))
    await until(() => script.offsets.get(key) === '{"position":4}')
    expect(script.stored.map(({ value }) => value)).toEqual(['v1', 'v3'])
    expect(heard.last).toBe('RUNNING')
    expect(await runner.metrics()).toMatch(/rowtap_records_skipped_total{connector="c",task="0"} [1-9]/)
  },
)

test('errors.retry.timeout tries a RetriableError of a converter again', async ({
  clock,
  script,
  source,
  startSource,
}) => {
  startSource({ 'errors.retry.timeout': '1000' })
  source.feed(recordAt(1, { value: datum(null, 'later') }))
  await until(() => clock.slept.includes(300))
  expect(script.stored).toEqual([])
  clock.pass(300)
  await until(() => script.stored.length === 1)
})

test('without errors.retry.timeout a RetriableError of a converter fails the task', async ({
  source,
  heard,
  startSource,
}) => {
  startSource()
  source.feed(recordAt(1, { value: datum(null, 'later') }))
  await until(() => heard.last === 'FAILED')
  expect(heard.trace).toContain('VALUE_CONVERTER')
})

test('barriers: the record that met one is appended after it, in its place', async ({
  script,
  source,
  converter,
  startSource,
}) => {
  const topic = Promise.withResolvers<void>()
  const schema = Promise.withResolvers<void>()
  script.unmade.set('new', () => topic.promise)
  converter.barriers.set('coded', schema.promise)
  startSource()
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

test('a topic that cannot be made for now is tried again every 100 ms', async ({
  clock,
  script,
  source,
  startSource,
}) => {
  script.unmade.set('new', () => Promise.reject(new RetriableError('no leader yet')))
  startSource()
  source.feed(recordAt(1, { topic: 'new' }))
  await until(() => clock.slept.at(-1) === 100)
  script.unmade.delete('new')
  clock.pass(100)
  await until(() => script.stored.length === 1)
})

test('a stop at a barrier leaves the rest of the batch and commits what was taken', async ({
  script,
  source,
  heard,
  startSource,
  released,
}) => {
  script.unmade.set('new', () => new Promise(() => {}))
  const task = startSource()
  source.feed(recordAt(1), recordAt(2, { topic: 'new' }))
  await settle()
  await task.stop(1000)
  expect(script.offsets.get(key)).toBe('{"position":1}')
  expect(heard.states).toEqual(['RUNNING'])
  await released()
})
