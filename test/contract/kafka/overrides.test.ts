/** Overrides that name another address, or another user: that client has a connection of its own. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Broker, openKafkaBroker } from '#broker'
import { kafkaServer, secureKafka, secureKafkaAvailable } from '../../support/services/kafka.ts'
import { append, fresh, member, pollUntil, readAll, text, writerOptions } from '../broker/support.ts'
import { jaas } from './security.ts'

describe.skipIf(!secureKafkaAvailable)('a worker without security, and a connector with', () => {
  let worker: Broker
  let elsewhere: Broker
  let overrides: Record<string, string>
  beforeAll(async () => {
    const { sasl, user, password } = await secureKafka()
    overrides = {
      'bootstrap.servers': sasl,
      'security.protocol': 'SASL_PLAINTEXT',
      'sasl.mechanism': 'SCRAM-SHA-256',
      'sasl.jaas.config': jaas('scram.ScramLoginModule', user, password),
    }
    worker = await openKafkaBroker({ properties: { 'bootstrap.servers': await kafkaServer() } })
    elsewhere = await openKafkaBroker({ properties: overrides })
  })
  afterAll(async () => {
    await worker[Symbol.asyncDispose]()
    await elsewhere[Symbol.asyncDispose]()
  })

  test('its topics are made, written and read there', async () => {
    const topic = fresh('topic')
    const newTopic = () => ({ topic, partitions: 3, replicationFactor: 1, config: {} })
    const options = writerOptions({ overrides: { ...overrides, 'compression.type': 'zstd' }, newTopic })
    await using writer = await worker.sourceWriter(options)
    await append(writer, [{ topic, key: 'k', value: 'v' }])
    await writer.commit([])
    expect((await elsewhere.admin.describe(topic))?.partitions).toBe(3)
    expect((await readAll(elsewhere, [topic])).map(({ value }) => text(value))).toEqual(['v'])

    const seen: (string | null)[] = []
    const reading = await member(worker, { group: fresh('group'), topics: [topic], overrides })
    await pollUntil(
      [reading],
      () => seen.length === 1,
      ({ value }) => void seen.push(text(value)),
    )
    await reading.consumer[Symbol.asyncDispose]()

    await using producer = await worker.producer({ overrides })
    await producer.send([{ topic, key: null, value: Buffer.from('w') }])
    expect(await readAll(elsewhere, [topic])).toHaveLength(2)
  })

  test('a password that is refused fails that client, by name', async () => {
    const wrong = {
      ...overrides,
      'sasl.jaas.config': jaas('scram.ScramLoginModule', 'alice', 'no-such-secret'),
    }
    const opened = worker.sourceWriter(writerOptions({ overrides: wrong }))
    await expect(opened).rejects.toThrow(/has refused the login.*sasl\.jaas\.config/)
    await expect(opened).rejects.not.toThrow(/no-such-secret/)
  })

  test('a property that cannot be honoured is refused before anything is opened', async () => {
    const opened = worker.sourceWriter(writerOptions({ overrides: { 'partitioner.class': 'x.Mine' } }))
    await expect(opened).rejects.toThrow(/partitioner\.class/)
    await expect(
      member(worker, { group: 'g', topics: ['t'], overrides: { 'group.protocol': 'consumer' } }),
    ).rejects.toThrow(/group\.protocol/)
  })
})
