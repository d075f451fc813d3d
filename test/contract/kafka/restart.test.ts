/** A Kafka that goes away and comes back under open clients. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Broker, openKafkaBroker } from '#broker'
import { type OwnKafka, ownKafkaAvailable, startOwnKafka } from '../../support/services/kafka.ts'
import {
  append,
  fresh,
  makeTopic,
  member,
  offset,
  pollUntil,
  read,
  readAll,
  send,
  text,
  writerOptions,
} from '../broker/support.ts'

describe.skipIf(!ownKafkaAvailable)('a broker that restarts', () => {
  let kafka: OwnKafka
  let broker: Broker
  beforeAll(async () => {
    kafka = await startOwnKafka()
    broker = await openKafkaBroker({ properties: { 'bootstrap.servers': kafka.bootstrap } })
  })
  afterAll(async () => {
    await broker[Symbol.asyncDispose]()
    await kafka.remove()
  })

  test.each(['stop', 'kill'] as const)('after %s, every open client goes on where it was', async (end) => {
    const topic = await makeTopic(broker, 1)
    await using writer = await broker.sourceWriter(writerOptions())
    await using reader = await broker.reader({ topics: [topic], from: 'earliest' })
    const only = await member(broker, { group: fresh('group'), topics: [topic] })
    await using consumer = only.consumer
    await append(writer, [{ topic, key: null, value: 'before' }])
    await writer.commit([offset('at', '1')])
    expect((await read(reader, 1)).map(({ value }) => text(value))).toEqual(['before'])
    const seen: (string | null)[] = []
    const note = ({ value }: { value: Uint8Array | null }): void => void seen.push(text(value))
    await pollUntil([only], () => seen.length === 1, note)
    await consumer.commit([{ topic, partition: 0, offset: 1n }])

    await kafka[end]()
    await append(writer, [{ topic, key: null, value: 'meanwhile' }])
    const committed = writer.commit([offset('at', '2')])
    const asked = broker.admin.describe(topic)
    await kafka.start()

    await committed
    expect((await asked)?.partitions).toBe(1)
    expect((await read(reader, 1)).map(({ value }) => text(value))).toEqual(['meanwhile'])
    await pollUntil([only], () => seen.length === 2, note)
    expect(seen).toEqual(['before', 'meanwhile'])
    await send(broker, [{ topic, key: null, value: 'after' }])
    expect((await readAll(broker, [topic])).map(({ value }) => text(value))).toEqual([
      'before',
      'meanwhile',
      'after',
    ])
  })
})
