/** Exactly once over a real Kafka: what readers of committed records see, and what a second writer of the same task does. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Broker, openKafkaBroker, type SourceWriterOptions } from '#broker'
import { kafkaAvailable, kafkaServer } from '../../support/services/kafka.ts'
import { append, fresh, makeTopic, offset, readAll, text, writerOptions } from '../broker/support.ts'

describe.skipIf(!kafkaAvailable)('a source writer with a transactional id', () => {
  let broker: Broker
  /** Its readers see committed records only. */
  let committed: Broker
  beforeAll(async () => {
    const properties = { 'bootstrap.servers': await kafkaServer() }
    broker = await openKafkaBroker({ properties })
    committed = await openKafkaBroker({ properties: { ...properties, 'isolation.level': 'read_committed' } })
  })
  afterAll(async () => {
    await broker[Symbol.asyncDispose]()
    await committed[Symbol.asyncDispose]()
  })

  const optionsOf = (transactionalId: string): SourceWriterOptions => ({
    ...writerOptions(),
    transactionalId,
  })
  const seen = async (...topics: string[]) =>
    (await readAll(committed, topics)).map(({ value }) => text(value))
  /** A transaction is committed before each of its partitions has been told. */
  const soonSeen = (topic: string) => expect.poll(async () => (await seen(topic)).toSorted())

  test('records and offsets are seen together, once they are committed', async () => {
    const topic = await makeTopic(broker, 3)
    const options = optionsOf(fresh('group-c-0'))
    await using writer = await broker.sourceWriter(options)
    expect(writer.atomic).toBe(true)
    await append(writer, [
      { topic, key: 'a', value: '1' },
      { topic, key: 'b', value: '2' },
    ])
    while ((await readAll(broker, [topic])).length < 2); // stored, not committed
    expect(await seen(topic)).toEqual([])
    await writer.commit([offset('p', '2')])
    await soonSeen(topic).toEqual(['1', '2'])
    await soonSeen(options.offsetsTopic).toEqual(['2'])
  })

  test('commits that overlap: everything once, in order', async () => {
    const topic = await makeTopic(broker, 1)
    const options = optionsOf(fresh('group-c-0'))
    await using writer = await broker.sourceWriter(options)
    const commits: Promise<void>[] = []
    for (let i = 0; i < 2000; i++) {
      await append(writer, [{ topic, key: 'k', value: String(i) }])
      if (i % 100 === 99) commits.push(writer.commit([offset('p', String(i))]))
    }
    await Promise.all(commits)
    await soonSeen(options.offsetsTopic).toHaveLength(20)
    await soonSeen(topic).toHaveLength(2000)
    expect((await seen(topic)).map(Number)).toEqual([...Array(2000).keys()])
    expect((await seen(options.offsetsTopic)).map(Number)).toEqual(
      [...Array(20).keys()].map((i) => i * 100 + 99),
    )
  })

  test('what was not committed is aborted when the writer is closed, and nobody waits for it', async () => {
    const topic = await makeTopic(broker, 1)
    const options = optionsOf(fresh('group-c-0'))
    const first = await broker.sourceWriter(options)
    await append(first, [{ topic, key: 'k', value: 'dropped' }])
    while ((await readAll(broker, [topic])).length < 1);
    await first[Symbol.asyncDispose]()
    await using second = await broker.sourceWriter(options)
    await append(second, [{ topic, key: 'k', value: 'kept' }])
    await second.commit([])
    await soonSeen(topic).toEqual(['kept'])
  })

  test('a second writer of the same task shuts the first one out, with what that had open', async () => {
    const topic = await makeTopic(broker, 1)
    const options = optionsOf(fresh('group-c-0'))
    await using first = await broker.sourceWriter(options)
    await append(first, [{ topic, key: 'k', value: 'of the first' }])
    while ((await readAll(broker, [topic])).length < 1);
    await using second = await broker.sourceWriter(options)
    await append(second, [{ topic, key: 'k', value: 'of the second' }])
    await second.commit([offset('p', '2')])
    await append(first, [{ topic, key: 'k', value: 'too late' }])
    await expect(first.commit([offset('p', '1')])).rejects.toThrow(/INVALID_PRODUCER_EPOCH|PRODUCER_FENCED/)
    await soonSeen(topic).toEqual(['of the second'])
    await soonSeen(options.offsetsTopic).toEqual(['2'])
  })
})
