/** What consumers and readers do while their broker is gone, and when it is back. */
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { ownKafkaAvailable, startOwnKafka } from '../../../support/services/kafka.ts'
import { broker, kafkajs, never, numbered, read, text } from './support.ts'

describe.skipIf(!ownKafkaAvailable)('a broker that is killed', () => {
  test('both go on where they were when it is back, however long it takes', async () => {
    const own = await startOwnKafka()
    await using _ = { [Symbol.asyncDispose]: () => own.remove() }
    const topic = 'failures'
    const client = await kafkajs({ brokers: [own.bootstrap] })
    const send = async (values: readonly string[]) => {
      const producer = client.producer({ idempotent: true })
      await producer.connect()
      const messages = values.map((value) => ({ value, partition: Number(value) % 2 }))
      await producer.send({ topic, messages })
      await producer.disconnect()
    }
    const admin = client.admin()
    await admin.connect()
    await admin.createTopics({ topics: [{ topic, numPartitions: 2 }] })
    await admin.disconnect()
    await send(numbered(10, 1).map(({ value }) => String(value)))
    const connected = await broker({ 'bootstrap.servers': own.bootstrap })
    const events: string[] = []
    const note = (event: string) => async () => void events.push(event)
    await using reader = await connected.reader({ topics: [topic], from: 'earliest' })
    await using consumer = await connected.consumer({
      ...{ group: 'failures', topics: [topic], from: 'earliest', maxRecords: 500 },
      overrides: { 'heartbeat.interval.ms': '300', 'session.timeout.ms': '60000' },
      listener: { assigned: note('assigned'), revoked: note('revoked'), lost: note('lost') },
    })
    await Promise.all([read(reader, 10), read(consumer, 10)])
    await own.kill()
    const [nothing, none] = await Promise.all([reader.poll(3000, never), consumer.poll(3000, never)])
    expect([...nothing, ...none]).toEqual([])
    const committing = consumer.commit([
      { topic, partition: 0, offset: 5n },
      { topic, partition: 1, offset: 5n },
    ])
    await delay(500)
    await own.start()
    await committing
    await send(['10', '11'])
    for (const each of [reader, consumer])
      expect((await read(each, 2)).map(({ value }) => text(value)).sort()).toEqual(['10', '11'])
    expect(await Promise.race([reader.caughtUp(), reader.poll(60_000, never)])).toBe(true)
    expect(events).toEqual(['assigned'])
  })
})
