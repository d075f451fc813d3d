/** What a producer of ours does with a real Kafka, beyond what every broker must do. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type OwnedBroker, openKafkaBroker, type SourceWriter } from '#broker'
import { fetchRequest } from '../../../src/broker/kafka/wire/fetch.ts'
import { producerSettings } from '../../../src/broker/kafka/properties/producer-settings.ts'
import { openCluster } from '../../../src/broker/kafka/transport/cluster.ts'
import { compressionOf } from '../../../src/broker/record/compression.ts'
import { javaServersAvailable } from '../../support/services/java.ts'
import { kafkaAvailable, kafkaServer, startOwnKafka } from '../../support/services/kafka.ts'
import { append, fresh, makeTopic, offset, readAll, text, writerOptions } from '../broker/support.ts'

const bootstrapOf = (servers: string) => ({ 'bootstrap.servers': servers })

describe.skipIf(!kafkaAvailable)('producing to Kafka', () => {
  let broker: OwnedBroker
  beforeAll(async () => {
    broker = await openKafkaBroker({ properties: bootstrapOf(await kafkaServer()) })
  })
  afterAll(() => broker[Symbol.asyncDispose]())

  const values = [...Array(3000).keys()].map((i) => `${i} of a text that repeats itself`)

  test.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'])(
    'compression.type=%s is taken and read',
    async (codec) => {
      const topic = await makeTopic(broker, 1)
      await using writer = await broker.sourceWriter(
        writerOptions({ overrides: { 'compression.type': codec, 'batch.size': '100000' } }),
      )
      await append(
        writer,
        values.map((value) => ({ topic, key: 'k', value })),
      )
      await writer.commit([])
      expect((await readAll(broker, [topic])).map(({ value }) => text(value))).toEqual(values)
      expect(compressionOf(await firstBatch(topic))).toBe(codec)
    },
  )

  test('a batch larger than its topic takes is divided; a record that is too large is named', async () => {
    const topic = await makeTopic(broker, 1, { 'max.message.bytes': '5000' })
    await using writer = await broker.sourceWriter(writerOptions())
    await append(
      writer,
      values.map((value) => ({ topic, key: 'k', value })),
    )
    await writer.commit([])
    expect((await readAll(broker, [topic])).map(({ value }) => text(value))).toEqual(values)
    await append(writer, [{ topic, key: 'k', value: 'x'.repeat(6000) }])
    await expect(writer.commit([])).rejects.toThrow(
      new RegExp(`${topic} takes 60\\d\\d bytes.*max\\.message\\.bytes.*max\\.request\\.size`),
    )
  })

  test('a record without a key for a compacted topic ends the writer, before its offsets are stored', async () => {
    const topic = await makeTopic(broker, 1, { 'cleanup.policy': 'compact' })
    const options = writerOptions()
    await using writer = await broker.sourceWriter(options)
    await append(writer, [{ topic, key: null, value: 'x' }])
    await expect(writer.commit([offset('a', '1')])).rejects.toThrow(new RegExp(`${topic}.*Restart the task`))
    expect(await readAll(broker, [options.offsetsTopic])).toEqual([])
    expect(() => writer.append(null as never)).toThrow(topic)
  })

  test('a source writer goes on when its topic was deleted', async () => {
    const topic = fresh('deleted')
    const newTopic = (name: string) => ({ topic: name, partitions: 2, replicationFactor: 1, config: {} })
    await using writer = await broker.sourceWriter(writerOptions({ newTopic }))
    await append(writer, [{ topic, key: 'a', value: '1' }])
    await writer.commit([])
    await broker.admin.delete(topic)
    await append(writer, [{ topic, key: 'a', value: '2' }])
    await writer.commit([])
    expect((await readAll(broker, [topic])).map(({ value }) => text(value))).toEqual(['2'])
    expect((await broker.admin.describe(topic))?.partitions).toBe(2)
  })

  async function firstBatch(topic: string): Promise<Buffer> {
    const { connection } = producerSettings(bootstrapOf(await kafkaServer()), 'test')
    using cluster = openCluster(connection)
    const [found] = (await cluster.metadata([topic], false)).topics
    const limits = { minBytes: 1, maxBytes: 1 << 20, maxWaitMs: 100, partitionBytes: 1 << 20 }
    const request = fetchRequest({ ...limits, committedOnly: false, rack: '' }, [
      { topic, partition: 0, offset: 0n },
    ])
    const [answer] = await cluster.send(found?.partitions[0]?.leader ?? -1, request)
    return answer?.records ?? Buffer.alloc(0)
  }
})

describe.skipIf(!javaServersAvailable)('a Kafka that goes and comes back', () => {
  test('killed and shut down under load: every record once, in order, and the offsets behind them', async () => {
    await using stack = new AsyncDisposableStack()
    const kafka = await startOwnKafka()
    stack.defer(() => kafka.remove())
    const broker = stack.use(await openKafkaBroker({ properties: bootstrapOf(kafka.bootstrap) }))
    const topic = await makeTopic(broker, 3)
    const options = writerOptions()
    const writer = stack.use(await broker.sourceWriter(options))
    const commits: Promise<void>[] = []
    let next = 0
    const more = async (count: number) => {
      await appendNumbers(writer, topic, next, (next += count))
      commits.push(writer.commit([offset('position', String(next))]))
    }
    await more(5000)
    await Promise.all(commits)
    for (const end of [kafka.kill, kafka.stop]) {
      await more(20_000)
      const ended = end()
      await more(5000)
      await ended
      await kafka.start()
      await more(5000)
    }
    await Promise.all(commits)
    const read = await readAll(broker, [topic])
    for (const partition of [0, 1, 2]) {
      const numbers = read
        .filter((each) => each.partition === partition)
        .map(({ value }) => Number(text(value)))
      const wanted = [...Array(next).keys()].filter((n) => n % 3 === partition)
      expect(numbers.length).toBe(wanted.length)
      expect(numbers).toEqual(wanted)
    }
    const offsets = await readAll(broker, [options.offsetsTopic])
    expect(offsets.map(({ value }) => Number(text(value)))).toEqual(
      [5000, 25_000, 30_000, 35_000, 55_000, 60_000, 65_000].slice(0, commits.length),
    )
  }, 180_000)
})

async function appendNumbers(writer: SourceWriter, topic: string, from: number, to: number): Promise<void> {
  for (let i = from; i < to; i++)
    await append(writer, [{ topic, key: null, value: `${i}`, partition: i % 3 }])
}
