import { expect, test } from 'vitest'
import { consumerOverrides, producerOverrides } from '../../../../src/broker/embedded/overrides.ts'

test.each([
  [undefined, 'zstd'],
  ['none', 'none'],
  ['zstd', 'zstd'],
  ['lz4', 'zstd'],
])('compression.type=%s of a producer means %s here', (asked, meant) => {
  const properties: Record<string, string> = asked === undefined ? {} : { 'compression.type': asked }
  expect(producerOverrides(properties, 'c-0').compression).toBe(meant)
})

test('what cannot be honoured is refused by name and value', () => {
  expect(() => producerOverrides({ 'compression.type': 'rar' }, 'c-0')).toThrow(
    /compression\.type=rar of c-0/,
  )
  expect(() => producerOverrides({ 'transactional.id': 'x' }, 'c-0')).toThrow(/transactional\.id of c-0/)
  expect(() => producerOverrides({ 'max.request.size': '0' }, 'c-0')).toThrow(/max\.request\.size=0/)
  expect(() => consumerOverrides({ 'isolation.level': 'loose' }, 'g')).toThrow(/isolation\.level=loose/)
})

test('waiting times are those that a timer can wait', () => {
  expect(consumerOverrides({}, 'g').maxPollIntervalMs).toBe(300_000)
  expect(consumerOverrides({ 'max.poll.interval.ms': '2147483647' }, 'g').maxPollIntervalMs).toBe(2 ** 31 - 1)
  expect(() => consumerOverrides({ 'max.poll.interval.ms': '2147483648' }, 'g')).toThrow(/up to 2147483647/)
})
