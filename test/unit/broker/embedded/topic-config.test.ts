import { expect, test } from 'vitest'
import { brokerDefaults } from '../../../../src/broker/embedded/properties.ts'
import { checkNewTopic, checkTopicName, policyOf } from '../../../../src/broker/embedded/topic-config.ts'

const defaults = brokerDefaults({})
const policy = (config: Record<string, string>) => policyOf('t', config, defaults)

test('defaults are those of the broker', () => {
  const week = 7 * 24 * 3_600_000
  expect(policy({})).toEqual({
    ...{ delete: true, compact: false, retentionMs: week, retentionBytes: Number.POSITIVE_INFINITY },
    ...{ maxMessageBytes: 64 << 20, tombstoneMs: 86_400_000, compression: 'producer' },
  })
  const own = brokerDefaults({
    'log.retention.hours': '1',
    'log.cleanup.policy': 'compact',
    'message.max.bytes': '5',
  })
  expect(policyOf('t', {}, own)).toMatchObject({ compact: true, retentionMs: 3_600_000, maxMessageBytes: 5 })
  expect(brokerDefaults({ 'log.retention.hours': '1', 'log.retention.ms': '5' }).retentionMs).toBe(5)
})

test('what a topic says of itself comes first; -1 and Long.MAX_VALUE are no bound', () => {
  expect(policy({ 'cleanup.policy': 'compact,delete', 'retention.ms': '10' })).toMatchObject({
    ...{ delete: true, compact: true, retentionMs: 10 },
  })
  expect(policy({ 'retention.ms': '-1' }).retentionMs).toBe(Number.POSITIVE_INFINITY)
  expect(policy({ 'retention.ms': '9223372036854775807' }).retentionMs).toBe(Number.POSITIVE_INFINITY)
})

test('a topic may say how its batches are stored', () => {
  expect(policy({ 'compression.type': 'uncompressed' }).compression).toBe('none')
  expect(policy({ 'compression.type': 'zstd' }).compression).toBe('zstd')
})

test('properties of segments change nothing, others are refused by name', () => {
  expect(
    policy({ 'segment.bytes': '1000', 'min.insync.replicas': '1', 'compression.type': 'producer' }),
  ).toEqual(policy({}))
  expect(() => policy({ 'compression.type': 'snappy' })).toThrow(/compression\.type=snappy/)
  expect(() => policy({ 'remote.storage.enable': 'true' })).toThrow(/remote\.storage\.enable/)
  expect(() => policy({ 'cleanup.policy': 'shred' })).toThrow(/cleanup\.policy=shred/)
  expect(() => policy({ 'retention.bytes': 'much' })).toThrow(/retention\.bytes=much/)
  expect(() => policy({ 'retention.ms': '-2' })).toThrow(/retention\.ms=-2/)
})

test('names and counts are checked', () => {
  for (const name of ['', '.', '..', 'a b', 'ä', 'x'.repeat(250)])
    expect(() => checkTopicName(name), name).toThrow(/cannot be used/)
  checkTopicName('x'.repeat(249))
  const topic = { topic: 't', partitions: 1, replicationFactor: 1, config: {} }
  checkNewTopic(topic)
  checkNewTopic({ ...topic, partitions: -1, replicationFactor: -1 })
  for (const partitions of [0, -2, 1.5, 10_001])
    expect(() => checkNewTopic({ ...topic, partitions })).toThrow(/partitions/)
  expect(() => checkNewTopic({ ...topic, replicationFactor: 2 })).toThrow(/replication factor of 2/)
})

test('unknown properties of the broker are refused by name', () => {
  expect(() => brokerDefaults({ 'num.partition': '3' })).toThrow(
    /num\.partition\. Known are: .*num\.partitions/,
  )
  expect(() => brokerDefaults({ 'num.partitions': 'x' })).toThrow(/num\.partitions/)
  expect(() => brokerDefaults({ 'auto.create.topics.enable': 'yes' })).toThrow(/auto\.create\.topics\.enable/)
})
