import { expect } from 'vitest'
import { test } from '../../../support/pipeline/loop-test.ts'
import { until } from '../../../support/pipeline/script.ts'
import { consumed } from '../../../support/pipeline/scripted-broker.ts'

test('invariant 5: the offset of a filtered record advances with the next put that succeeds', async ({
  script,
  sink,
  startSink,
  commitTime,
}) => {
  startSink({ transforms: 'd', 'transforms.d.type': 'drop' })
  script.consumer.feed(consumed(0, 'a'), consumed(1, 'drop'))
  await until(() => sink.values.length === 1)
  await commitTime()
  expect(script.groupCommits).toEqual([[{ topic: 'in', partition: 0, offset: 2n }]])
})

test('errors.tolerance=none: a record that cannot be read fails the task and is not passed', async ({
  script,
  sink,
  heard,
  startSink,
}) => {
  startSink()
  script.consumer.feed(consumed(0, 'a'))
  await until(() => sink.values.length === 1)
  script.consumer.feed(consumed(1, 'bad'), consumed(2, 'c'))
  await until(() => heard.last === 'FAILED')
  expect(heard.trace).toContain('Tolerance exceeded in error handler')
  expect(heard.trace).toContain('Caused by: org.apache.kafka.connect.errors.DataException: this text is bad')
  expect(script.groupCommits).toEqual([[{ topic: 'in', partition: 0, offset: 1n }]])
})

test('errors.tolerance=all: skipped records go to the dead letter queue as they were, with their story', async ({
  script,
  sink,
  startSink,
  commitTime,
}) => {
  startSink({
    'errors.tolerance': 'all',
    'errors.deadletterqueue.topic.name': 'dlq',
    'errors.deadletterqueue.topic.replication.factor': '1',
    'errors.deadletterqueue.context.headers.enable': 'true',
    transforms: 'f',
    'transforms.f.type': 'fussy',
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
    ['__connect.errors.class.name', 'test.Fussy'],
    ['__connect.errors.exception.class.name', 'org.apache.kafka.connect.errors.DataException'],
    ['__connect.errors.exception.message', 'an odd value'],
  ])
  expect(story[0]?.at(-1)?.[0]).toBe('__connect.errors.exception.stacktrace')
  expect(story[1]?.[5]).toEqual(['__connect.errors.stage', 'VALUE_CONVERTER'])
  await commitTime()
  expect(script.groupCommits.at(-1)).toEqual([{ topic: 'in', partition: 0, offset: 4n }])
})

test('a dead letter that cannot be written fails the task: nothing is lost', async ({
  script,
  heard,
  startSink,
}) => {
  script.failSend = new Error('no leader')
  startSink({ 'errors.tolerance': 'all', 'errors.deadletterqueue.topic.name': 'dlq' })
  script.consumer.feed(consumed(0, 'bad'))
  await until(() => heard.last === 'FAILED')
  expect(heard.trace).toContain('dead letter queue')
  expect(script.groupCommits).toEqual([])
})

test('the task may report records where there is a queue, by what it was given', async ({
  script,
  sink,
  startSink,
}) => {
  startSink({
    'errors.tolerance': 'all',
    'errors.deadletterqueue.topic.name': 'dlq',
    'errors.deadletterqueue.context.headers.enable': 'true',
    transforms: 'f',
    'transforms.f.type': 'fussy',
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

test('there is nothing to report to without a queue and errors.log.enable', async ({ sink, startSink }) => {
  startSink()
  await until(() => sink.context !== null)
  expect(sink.context?.report).toBeNull()
})
