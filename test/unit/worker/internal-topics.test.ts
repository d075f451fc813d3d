import { expect, test } from 'vitest'
import type { Admin, NewTopic, TopicDescription } from '#broker'
import { internalTopics } from '#worker'
import { prepareTopic } from '../../../src/worker/internal-topics.ts'

const names = { 'config.storage.topic': 'c', 'offset.storage.topic': 'o', 'status.storage.topic': 's' }

test('what Connect makes where nothing is said, and what the properties say over it', () => {
  const { configs, offsets, statuses } = internalTopics(
    {
      ...names,
      'config.storage.replication.factor': '-1',
      'config.storage.partitions': '7',
      'offset.storage.partitions': '-1',
      'offset.storage.min.insync.replicas': '2',
      'offset.storage.cleanup.policy': 'delete',
    },
    true,
  )
  expect(configs).toMatchObject({ topic: 'c', partitions: 1, replicationFactor: -1 })
  expect(configs.config).toEqual({ 'cleanup.policy': 'compact' })
  expect(offsets).toMatchObject({ topic: 'o', partitions: -1, replicationFactor: 3 })
  expect(offsets.config).toEqual({ 'cleanup.policy': 'compact', 'min.insync.replicas': '2' })
  expect(statuses).toMatchObject({ topic: 's', partitions: 5, replicationFactor: 3 })
})

test('the embedded broker has one copy of a topic, and no settings for it', () => {
  const { offsets } = internalTopics({ ...names, 'offset.storage.min.insync.replicas': '2' }, false)
  expect(offsets).toMatchObject({ partitions: 25, replicationFactor: -1 })
  expect(offsets.config).toEqual({ 'cleanup.policy': 'compact' })
})

test.each([
  ['offset.storage.partitions', '0', 'Number of partitions must be positive, or -1'],
  ['status.storage.partitions', 'few', 'Not a number of type INT'],
  ['config.storage.replication.factor', '-2', 'Replication factor must be positive and not larger than'],
])('a bad value is refused: %s=%s', (key, value, reason) => {
  expect(() => internalTopics({ ...names, [key]: value }, true)).toThrow(
    `Invalid value ${value} for configuration ${key}: ${reason}`,
  )
})

const topics = internalTopics(names, true)

function adminWith(found: TopicDescription | null, create: (topic: NewTopic) => Promise<boolean>): Admin {
  return { describe: async () => found, create } as Partial<Admin> as Admin
}

const never = () => Promise.reject(new Error('not to be made'))

test('a topic that is not there is made', async () => {
  const made: NewTopic[] = []
  await prepareTopic(
    adminWith(null, async (topic) => made.push(topic) > 0),
    topics.statuses,
  )
  expect(made).toEqual([
    { topic: 's', partitions: 5, replicationFactor: 3, config: { 'cleanup.policy': 'compact' } },
  ])
})

test('a cluster too small is told apart by name, with what to set', async () => {
  const admin = adminWith(null, () =>
    Promise.reject(new Error('Replication factor: 3 larger than brokers: 1')),
  )
  await expect(prepareTopic(admin, topics.configs)).rejects.toThrow(
    /^The topic 'c' \(config\.storage\.topic\) could not be made with config\.storage\.replication\.factor=3: .*larger than brokers: 1 Set config\.storage\.replication\.factor/,
  )
})

test.each([
  [
    'delete',
    /'offset\.storage\.topic' property is required to have 'cleanup\.policy=compact'.*'cleanup\.policy=delete'/,
  ],
  ['compact,delete', /losing source connector offsets/],
])('a topic that is not purely compacted is refused: %s', async (policy, message) => {
  const found = { topic: 'o', partitions: 25, config: { 'cleanup.policy': policy } }
  await expect(prepareTopic(adminWith(found, never), topics.offsets)).rejects.toThrow(message)
})

test('the configuration topic has one partition', async () => {
  const found = { topic: 'c', partitions: 3, config: { 'cleanup.policy': 'compact' } }
  await expect(prepareTopic(adminWith(found, never), topics.configs)).rejects.toThrow(
    'required to have a single partition in order to guarantee consistency of connector configurations, but found 3 partitions.',
  )
  await prepareTopic(adminWith(found, never), topics.offsets)
})
