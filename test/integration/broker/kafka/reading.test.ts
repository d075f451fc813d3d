/** Readers over a real Kafka, with what kafkajs has written: replay, following, transactions, and what is gone. */
import { describe, expect, test } from 'vitest'
import { kafkaAvailable } from '../../../support/services/kafka.ts'
import {
  fresh,
  kafkajs,
  makeTopic,
  never,
  numbered,
  openReader,
  produce,
  read,
  readAll,
  text,
} from './support.ts'

describe.skipIf(!kafkaAvailable)('a reader over Kafka', () => {
  test('replays what is there in the order of each partition, and is woken by what comes', async () => {
    const topic = await makeTopic('replay', 3)
    await produce(topic, numbered(300, 3))
    await using reader = await openReader(topic)
    const records = await read(reader, 300)
    for (const partition of [0, 1, 2]) {
      const mine = records.filter((each) => each.partition === partition)
      expect(mine.map(({ offset }) => offset)).toEqual([...Array(100).keys()].map(BigInt))
      expect(mine.map(({ value }) => Number(text(value)) % 3)).toEqual(Array(100).fill(partition))
    }
    const waiting = reader.poll(20_000, never)
    await produce(topic, [{ key: 'k', value: 'new', headers: { h: 'v' } }])
    const [record] = await waiting
    expect([text(record?.key ?? null), text(record?.value ?? null)]).toEqual(['k', 'new'])
    expect(record?.headers.map(({ key, value }) => [key, text(value)])).toEqual([['h', 'v']])
  })

  test('catches up with empty topics and with those that end in the marker of a transaction', async () => {
    const [empty, topic] = [await makeTopic('empty', 2), await makeTopic('marker', 1)]
    expect(await readAll([empty])).toEqual([])
    const producer = (await kafkajs()).producer({
      transactionalId: fresh('tx'),
      idempotent: true,
      maxInFlightRequests: 1,
    })
    await producer.connect()
    const send = async (value: string, commit: boolean) => {
      const transaction = await producer.transaction()
      await transaction.send({ topic, messages: [{ value }] })
      await (commit ? transaction.commit() : transaction.abort())
    }
    await send('a', true)
    await send('b', false)
    await send('c', true)
    await send('d', false)
    const open = await producer.transaction()
    await open.send({ topic, messages: [{ value: 'open' }] })
    const committed = { 'isolation.level': 'read_committed' }
    const values = async (properties = {}) =>
      (await readAll([topic], properties)).map(({ value }) => text(value))
    expect(await values()).toEqual(['a', 'b', 'c', 'd', 'open'])
    expect(await values(committed)).toEqual(['a', 'c'])
    await open.commit()
    expect(await values(committed)).toEqual(['a', 'c', 'open'])
    await producer.disconnect()
  })

  test('a record that is larger than a fetch still comes, also beside others', async () => {
    const topic = await makeTopic('large', 2, { 'max.message.bytes': '8000000' })
    await produce(topic, [
      { value: 'x'.repeat(900_000), partition: 0 },
      ...numbered(50, 1).map((each) => ({ ...each, partition: 1 })),
    ])
    const small = { 'max.partition.fetch.bytes': '10000', 'fetch.max.bytes': '10000' }
    const records = await readAll([topic], small)
    expect(records.map(({ value }) => value?.length).sort((a = 0, b = 0) => b - a)[0]).toBe(900_000)
    expect(records.length).toBe(51)
  })

  test('from latest, only what comes later is read', async () => {
    const topic = await makeTopic('latest', 1)
    await produce(topic, [{ value: 'before' }])
    await using reader = await openReader(topic, 'latest')
    expect(await reader.poll(10, never)).toEqual([])
    await produce(topic, [{ value: 'after' }])
    expect((await read(reader, 1)).map(({ value }) => text(value))).toEqual(['after'])
  })

  test('a topic that is not there, or that is deleted while it is read, is an error', async () => {
    await expect(openReader(fresh('nowhere'))).rejects.toMatchObject({
      name: 'UnknownTopicError',
      message: expect.stringContaining('nowhere'),
    })
    const topic = await makeTopic('deleted', 1)
    await produce(topic, [{ value: 'a' }])
    await using reader = await openReader(topic)
    await read(reader, 1)
    const admin = (await kafkajs()).admin()
    await admin.connect()
    await admin.deleteTopics({ topics: [topic] })
    await expect(reader.poll(60_000, never)).rejects.toMatchObject({ name: 'UnknownTopicError' })
    await admin.disconnect()
  })

  test('a reader that was begun does not jump over what was deleted before it could read it', async () => {
    const topic = await makeTopic('gone', 1)
    await produce(topic, [{ value: 'a' }])
    await using reader = await openReader(topic)
    await read(reader, 1)
    const admin = (await kafkajs()).admin()
    await admin.connect()
    await admin.deleteTopics({ topics: [topic] })
    // Made anew at once: the reader's position is behind its end.
    while (!(await admin.createTopics({ topics: [{ topic, numPartitions: 1 }] }).catch(() => false)));
    await expect(reader.poll(60_000, never)).rejects.toMatchObject({
      name: expect.stringMatching(/Gone|Unknown/),
    })
    await admin.disconnect()
  })

  test('an abort ends a waiting poll, and the end of the reader what waits for it', async () => {
    const topic = await makeTopic('abort', 1)
    const reader = await openReader(topic)
    const stop = new AbortController()
    const waiting = reader.poll(60_000, stop.signal)
    stop.abort()
    expect(await waiting).toEqual([])
    await reader[Symbol.asyncDispose]()
    expect(await reader.caughtUp()).toBe(false)
    await expect(reader.poll(1000, never)).rejects.toThrow('closed')
  })
})
