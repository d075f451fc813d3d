/** Source writer and producer: order, partitions, parts of a record, offsets with their records. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Broker, partitionOf, type SourceWriterOptions } from '#broker'
import {
  append,
  type BrokerUnderTest,
  bytes,
  fresh,
  makeTopic,
  offset,
  readAll,
  send,
  text,
  writerOptions,
} from './support.ts'

export function writingSuite(under: () => BrokerUnderTest): void {
  let broker: Broker
  beforeAll(async () => {
    broker = await under().open()
  })
  afterAll(() => broker[Symbol.asyncDispose]())

  test('records of one partition keep the order they were appended in, across batches and commits', async () => {
    const topic = await makeTopic(broker, 1)
    await using writer = await broker.sourceWriter(writerOptions())
    const commits: Promise<void>[] = []
    for (let i = 0; i < 3000; i++) {
      await append(writer, [{ topic, key: `k${i % 7}`, value: `${i}:${'x'.repeat((i * 37) % 900)}` }])
      if (i % 100 === 99) commits.push(writer.commit([offset('a', String(i))]))
    }
    await Promise.all(commits)
    const records = await readAll(broker, [topic])
    expect(records.map(({ value }) => Number(text(value)?.split(':')[0]))).toEqual([...Array(3000).keys()])
    expect(records.map((record) => record.offset)).toEqual([...Array(3000).keys()].map(BigInt))
  })

  test('a key decides its partition by murmur2, an explicit partition is kept, keyless records go round', async () => {
    const topic = await makeTopic(broker, 4)
    const keys = [...Array(50).keys()].map((i) => `{"id":${i}}`)
    await using writer = await broker.sourceWriter(writerOptions())
    await append(writer, [
      ...keys.map((key) => ({ topic, key, value: 'v' })),
      { topic, key: 'here', value: 'explicit', partition: 3 },
      ...[...Array(40).keys()].map(() => ({ topic, key: null, value: 'keyless' })),
    ])
    await writer.commit([])
    const records = await readAll(broker, [topic])
    for (const { key, partition, value } of records)
      if (key !== null && text(value) === 'v') expect(partition).toBe(partitionOf(key, key.length, 4))
    expect(records.find(({ value }) => text(value) === 'explicit')?.partition).toBe(3)
    const used = new Set(records.filter(({ key }) => key === null).map(({ partition }) => partition))
    expect(used.size).toBeGreaterThan(1)
    expect(records).toHaveLength(91)
  })

  test('headers, timestamps, tombstones and empty values come back as they went in', async () => {
    const topic = await makeTopic(broker, 1)
    const headers = [
      { key: 'name', value: Buffer.from('wärme') },
      { key: 'none', value: null },
      { key: '', value: Buffer.alloc(0) },
    ]
    await using writer = await broker.sourceWriter(writerOptions())
    const before = BigInt(Date.now())
    const old = before - 3_600_000n
    await append(writer, [
      { topic, key: 'a', value: 'first', headers, timestamp: old },
      { topic, key: 'b', value: null, timestamp: old - 5_000_000_000n },
      { topic, key: null, value: '' },
      { topic, key: '', value: null },
    ])
    await writer.commit([])
    const records = await readAll(broker, [topic])
    expect(records.map(({ key, value }) => [text(key), text(value)])).toEqual([
      ...[
        ['a', 'first'],
        ['b', null],
        [null, ''],
        ['', null],
      ],
    ])
    expect(records[0]?.headers.map(({ key, value }) => [key, text(value)])).toEqual([
      ...[
        ['name', 'wärme'],
        ['none', null],
        ['', ''],
      ],
    ])
    expect(records[0]?.timestamp).toBe(old)
    expect(records[1]?.timestamp).toBe(old - 5_000_000_000n)
    expect(records[2]?.timestamp).toBeGreaterThanOrEqual(before)
    expect(records[2]?.headers).toEqual([])
  })

  test('a topic that is not there is made as the task says, at a barrier that takes nothing in', async () => {
    const topic = fresh('made')
    const asked: string[] = []
    const newTopic: SourceWriterOptions['newTopic'] = (name) => {
      asked.push(name)
      return { topic: name, partitions: 3, replicationFactor: -1, config: { 'cleanup.policy': 'compact' } }
    }
    await using writer = await broker.sourceWriter(writerOptions({ newTopic }))
    await append(writer, [
      { topic, key: 'a', value: '1' },
      { topic, key: 'a', value: '2' },
    ])
    await writer.commit([])
    expect(asked).toEqual([topic])
    expect((await broker.admin.describe(topic))?.partitions).toBe(3)
    expect(await readAll(broker, [topic])).toHaveLength(2)
  })

  test('commit stores the offsets with the records, and the topic of the offsets is compacted', async () => {
    const topic = await makeTopic(broker, 2)
    const options = writerOptions()
    await using writer = await broker.sourceWriter(options)
    await append(writer, [{ topic, key: 'a', value: '1' }])
    expect(writer.pendingBytes).toBeGreaterThan(0)
    await writer.commit([offset('["c",{"server":"s"}]', '{"lsn":1}'), offset('["c",{"server":"t"}]', null)])
    expect(writer.pendingBytes).toBe(0)
    const offsets = await readAll(broker, [options.offsetsTopic])
    expect(offsets.map(({ key, value }) => [text(key), text(value)]).sort()).toEqual([
      ...[
        ['["c",{"server":"s"}]', '{"lsn":1}'],
        ['["c",{"server":"t"}]', null],
      ],
    ])
    const made = await broker.admin.describe(options.offsetsTopic)
    expect(made?.partitions).toBe(25)
    expect(made?.config['cleanup.policy']).toBe('compact')
  })

  test('offsets are not trusted to a topic that loses them', async () => {
    for (const policy of ['delete', 'compact,delete']) {
      const offsetsTopic = await makeTopic(broker, 1, { 'cleanup.policy': policy })
      await expect(broker.sourceWriter(writerOptions({ offsetsTopic }))).rejects.toThrow(/cleanup\.policy/)
    }
  })

  test('commits may overlap and resolve in order; an empty one resolves too', async () => {
    const topic = await makeTopic(broker, 1)
    await using writer = await broker.sourceWriter(writerOptions())
    const order: number[] = []
    const commits: Promise<unknown>[] = []
    for (let i = 0; i < 20; i++) {
      await append(writer, [{ topic, key: 'k', value: String(i) }])
      commits.push(writer.commit([]).then(() => order.push(i)))
    }
    await Promise.all(commits)
    await writer.commit([])
    expect(order).toEqual([...Array(20).keys()])
  })

  test('a record larger than a batch travels in one of its own, one larger than the topic allows is refused', async () => {
    const topic = await makeTopic(broker, 1, { 'max.message.bytes': '6000000' })
    await using writer = await broker.sourceWriter(
      writerOptions({ overrides: { 'max.request.size': '8000000' } }),
    )
    const big = 'b'.repeat(5_000_000)
    await append(writer, [
      { topic, key: 'a', value: 'small' },
      { topic, key: 'a', value: big },
      { topic, key: 'a', value: 'x' },
    ])
    await writer.commit([])
    const records = await readAll(broker, [topic])
    expect(records.map(({ value }) => value?.length)).toEqual([5, big.length, 1])
    expect(text(records[1]?.value ?? null) === big).toBe(true)
    const attempt = async () => {
      await append(writer, [{ topic, key: 'a', value: 'c'.repeat(7_000_000) }])
      await writer.commit([])
    }
    await expect(attempt()).rejects.toThrow(/max\.message\.bytes|too large/)
    expect(await readAll(broker, [topic])).toHaveLength(3)
  })

  test('what a source writer was not told to commit is not stored', async () => {
    const topic = await makeTopic(broker, 1)
    const dropped = await broker.sourceWriter(writerOptions())
    await append(dropped, [{ topic, key: 'a', value: 'kept' }])
    await dropped.commit([])
    await dropped[Symbol.asyncDispose]()
    await send(broker, [{ topic, key: 'a', value: 'after' }])
    expect((await readAll(broker, [topic])).map(({ value }) => text(value))).toEqual(['kept', 'after'])
  })

  test('a producer goes on when a topic was deleted and made anew', async () => {
    const topic = fresh('anew')
    await using producer = await broker.producer()
    await producer.send([{ topic, key: Buffer.from('a'), value: Buffer.from('1') }])
    await broker.admin.delete(topic)
    await producer.send([{ topic, key: Buffer.from('a'), value: Buffer.from('2') }])
    expect((await readAll(broker, [topic])).map(({ value }) => text(value))).toEqual(['2'])
  })

  test('a producer makes topics, and its send is durable and ordered on return', async () => {
    const topic = fresh('produced')
    await using producer = await broker.producer()
    for (let i = 0; i < 5; i++)
      await producer.send([
        {
          topic,
          partition: 0,
          key: bytes(`k${i}`),
          value: bytes('a'),
          headers: [{ key: 'h', value: bytes('1') }],
        },
        { topic, partition: 0, key: null, value: null, timestamp: BigInt(Date.now()) },
      ])
    const records = await readAll(broker, [topic])
    expect(records.map(({ key }) => text(key))).toEqual([0, 1, 2, 3, 4].flatMap((i) => [`k${i}`, null]))
    await expect(producer.send([{ topic, partition: 99, key: null, value: null }])).rejects.toThrow(
      /partition/,
    )
  })
}
