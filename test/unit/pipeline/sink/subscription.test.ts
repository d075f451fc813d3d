import { expect } from 'vitest'
import { test } from '../../../support/pipeline/loop-test.ts'
import { until } from '../../../support/pipeline/script.ts'

test('the subscription: group, topics, where to begin, how many', async ({ script, startSink }) => {
  startSink({
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
    overrides: { 'client.id': 'connector-consumer-c-0', 'isolation.level': 'read_committed' },
  })
})

test('topics.regex must match whole names, in the group connect-NAME', async ({ script, startSink }) => {
  startSink({ topics: '', 'topics.regex': 'in\\..*' })
  await until(() => script.consumerOptions !== null)
  const { group, topics } = script.consumerOptions ?? { group: '', topics: [] }
  expect(group).toBe('connect-c')
  const pattern = topics as RegExp
  expect([pattern.test('in.a'), pattern.test('xin.a'), pattern.test('inxa')]).toEqual([true, false, false])
})
