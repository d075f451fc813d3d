/** Topics as the admin sees them. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Broker } from '#broker'
import { type BrokerUnderTest, fresh, makeTopic, send } from './support.ts'

export function adminSuite(under: () => BrokerUnderTest): void {
  let broker: Broker
  beforeAll(async () => {
    broker = await under().open()
  })
  afterAll(() => broker[Symbol.asyncDispose]())

  test('a topic is made once, described, listed and deleted', async () => {
    const { admin } = broker
    const topic = fresh('topic')
    const asked = { topic, partitions: 3, replicationFactor: -1, config: { 'cleanup.policy': 'compact' } }
    expect(await admin.describe(topic)).toBeNull()
    expect(await admin.create(asked)).toBe(true)
    expect(await admin.create(asked)).toBe(false)
    expect(await admin.describe(topic)).toMatchObject({
      topic,
      partitions: 3,
      config: { 'cleanup.policy': 'compact' },
    })
    expect(await admin.topics()).toContain(topic)
    await admin.delete(topic)
    await expect.poll(() => admin.topics()).not.toContain(topic)
    await expect(admin.delete(topic)).rejects.toMatchObject({ name: 'UnknownTopicError' })
  })

  test('bounds are the first offset kept and the one after the last', async () => {
    const topic = await makeTopic(broker, 2)
    expect(await broker.admin.bounds(topic)).toEqual([
      { first: 0n, next: 0n },
      { first: 0n, next: 0n },
    ])
    await send(
      broker,
      [1, 2, 3].map((i) => ({ topic, key: null, value: `${i}`, partition: 1 })),
    )
    expect(await broker.admin.bounds(topic)).toEqual([
      { first: 0n, next: 0n },
      { first: 0n, next: 3n },
    ])
    await expect(broker.admin.bounds(fresh('nowhere'))).rejects.toMatchObject({ name: 'UnknownTopicError' })
  })

  test('a name or a configuration that cannot be is refused', async () => {
    const ask = (topic: string, config: Record<string, string>) =>
      broker.admin.create({ topic, partitions: 1, replicationFactor: -1, config })
    await expect(ask('no spaces', {})).rejects.toThrow(/no spaces/)
    await expect(ask(fresh('topic'), { 'no.such.property': '1' })).rejects.toThrow(/no\.such\.property/)
    await expect(ask(fresh('topic'), { 'retention.ms': 'soon' })).rejects.toThrow(/retention\.ms/)
  })

  test('the cluster id is the same for every client', async () => {
    await using other = await under().open()
    expect(broker.clusterId).not.toBe('')
    expect(other.clusterId).toBe(broker.clusterId)
  })
}
