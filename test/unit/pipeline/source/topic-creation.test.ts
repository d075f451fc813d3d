import { expect, test } from 'vitest'
import { topicCreation } from '../../../../src/pipeline/source/topic-creation.ts'

const settings = {
  'topic.creation.groups': 'compact, small',
  'topic.creation.default.replication.factor': '3',
  'topic.creation.default.partitions': '10',
  'topic.creation.default.compression.type': 'lz4',
  'topic.creation.compact.include': 'db\\.users, db\\.(a|b).*',
  'topic.creation.compact.exclude': 'db\\.a1',
  'topic.creation.compact.cleanup.policy': 'compact',
  'topic.creation.small.include': '.*a.*',
  'topic.creation.small.partitions': '1',
  'topic.creation.small.replication.factor': '-1',
}
const newTopic = topicCreation(settings, true)

test('the first group that includes the topic and does not exclude it decides', () => {
  expect(newTopic('db.users')).toEqual({
    topic: 'db.users',
    partitions: 10,
    replicationFactor: 3,
    config: { 'cleanup.policy': 'compact' },
  })
  expect(newTopic('db.a1')).toEqual({ topic: 'db.a1', partitions: 1, replicationFactor: -1, config: {} })
})

test('patterns match whole names; all others are of the default group', () => {
  expect(newTopic('x.db.users')).toEqual({
    topic: 'x.db.users',
    partitions: 10,
    replicationFactor: 3,
    config: { 'compression.type': 'lz4' },
  })
})

test("without settings, or where the worker forbids it, the broker's defaults apply", () => {
  expect(topicCreation({}, true)('t')).toBeNull()
  expect(topicCreation(settings, false)('t')).toBeNull()
})

test.each([
  [{ 'topic.creation.groups': 'g' }, 'topic.creation.default.replication.factor'],
  [{ ...settings, 'topic.creation.default.partitions': '0' }, 'topic.creation.default.partitions'],
  [{ ...settings, 'topic.creation.small.include': '(' }, 'topic.creation.small.include'],
])('%o is refused by name', (config, name) => {
  expect(() => topicCreation(config, true)).toThrow(name)
})
