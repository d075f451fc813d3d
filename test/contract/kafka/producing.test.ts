/** What a producer of ours does with a real Kafka, beyond what every broker must do. */
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type OwnedBroker, openKafkaBroker } from '#broker'
import { compressionOf } from '../../../src/broker/record/compression.ts'
import { fetchRequest } from '../../../src/broker/kafka/wire/fetch.ts'
import { kafkaAvailable, kafkaServer, startOwnKafka } from '../../support/services/kafka.ts'
import { append, bytes, fresh, makeTopic, offset, readAll, text, writerOptions } from '../broker/support.ts'

describe.skipIf(!kafkaAvailable)('producing to Kafka', () => {
  let broker: OwnedBroker
  beforeAll(async () => {
    broker = await openKafkaBroker({ properties: { 'bootstrap.servers': await kafkaServer() } })
  })
  afterAll(() => broker[Symbol.asyncDispose]())

  test.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'])('compression.type=%s', async (codec) => {
    const topic = await makeTopic(broker, 1)
    await using writer = await broker.sourceWriter(
      writerOptions({ overrides: { 'compression.type': codec, 'batch.size': '100000' } }),
    )
    const values = [...Array(3000).keys()].map((i) => `${i} of a text that repeats itself`)
    await append(
      writer,
      values.map((value) => ({ topic, key: 'k', value })),
    )
    await writer.commit([])
    expect((await readAll(broker, [topic])).map(({ value }) => text(value))).toEqual(values)
  })
})
