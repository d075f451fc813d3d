/** A task's own log: the same over the embedded broker, the worker's Kafka, and a Kafka beside the worker's broker. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type Broker,
  type EmbeddedAddress,
  openEmbeddedBroker,
  openKafkaBroker,
  type OwnedBroker,
} from '#broker'
import type { LogRecord, TopicLogOptions } from '#plugin'
import { BrokerTopicLog } from '../../../src/pipeline/topic-log.ts'
import { kafkaAvailable, kafkaServer } from '../../support/services/kafka.ts'
import { fresh, send } from '../broker/support.ts'

const directory = mkdtempSync(join(tmpdir(), 'rowtap-topic-log-'))
const forever = { 'cleanup.policy': 'delete', 'retention.ms': '-1', 'retention.bytes': '-1' }
let embedded: OwnedBroker<EmbeddedAddress>

beforeAll(async () => {
  embedded = await openEmbeddedBroker({ directory, properties: {} })
})
afterAll(async () => {
  await embedded[Symbol.asyncDispose]()
  rmSync(directory, { recursive: true })
})

interface Place {
  /** The broker of the log's topic. */
  readonly broker: Broker
  open(topic: string): BrokerTopicLog
}

const optionsOf = (topic: string, more: Partial<TopicLogOptions> = {}): TopicLogOptions => ({
  ...{ topic, bootstrapServers: null, producer: {}, consumer: {} },
  ...more,
})

describe('in the embedded broker', () => {
  suite(async () => ({ broker: embedded, open: (topic) => new BrokerTopicLog(embedded, optionsOf(topic)) }))

  test('properties that it cannot honour are refused by name', async () => {
    const topic = fresh('log')
    const properties = { 'security.protocol': 'SSL' }
    await using log = new BrokerTopicLog(
      embedded,
      optionsOf(topic, { producer: properties, consumer: properties }),
    )
    await log.create({})
    await expect(log.append([record('a')])).rejects.toThrow(/security\.protocol/)
    await expect(log.read()[Symbol.asyncIterator]().next()).rejects.toThrow(/security\.protocol/)
  })
})

describe.skipIf(!kafkaAvailable)('in Kafka', () => {
  let kafka: OwnedBroker
  beforeAll(async () => {
    kafka = await openKafkaBroker({ properties: { 'bootstrap.servers': await kafkaServer() } })
  })
  afterAll(() => kafka[Symbol.asyncDispose]())

  describe('that is the worker’s', () => {
    suite(async () => ({ broker: kafka, open: (topic) => new BrokerTopicLog(kafka, optionsOf(topic)) }))
  })

  describe('beside the worker’s broker', () => {
    suite(async () => {
      const bootstrapServers = await kafkaServer()
      const open = (topic: string) => new BrokerTopicLog(embedded, optionsOf(topic, { bootstrapServers }))
      return { broker: kafka, open }
    })

    test('one that does not answer is an error, and asked again the next time', async () => {
      const bootstrapServers = '127.0.0.1:1'
      const consumer = { 'default.api.timeout.ms': '300', 'request.timeout.ms': '200' }
      await using log = new BrokerTopicLog(embedded, optionsOf('nowhere', { bootstrapServers, consumer }))
      await expect(log.describe()).rejects.toThrow(/127\.0\.0\.1:1/)
      await expect(log.describe()).rejects.toThrow(/127\.0\.0\.1:1/)
    })
  })
})

const record = (value: string, key: string | null = null) => ({
  key: key === null ? null : Buffer.from(key),
  value: Buffer.from(value),
})
const shown = ({ offset, key, value }: LogRecord) => [
  Number(offset),
  key === null ? null : Buffer.from(key).toString(),
  value === null ? null : Buffer.from(value).toString(),
]

async function all(batches: AsyncIterable<readonly LogRecord[]>): Promise<unknown[]> {
  const records: unknown[] = []
  for await (const batch of batches) records.push(...batch.map(shown))
  return records
}

function suite(place: () => Promise<Place>): void {
  test('a topic is described, made once with its configuration, and has bounds', async () => {
    const { open } = await place()
    await using log = open(fresh('log'))
    expect(await log.describe()).toBeNull()
    expect(await log.create(forever)).toBe(true)
    expect(await log.create(forever)).toBe(false)
    expect(await log.describe()).toMatchObject(forever)
    expect(await log.bounds()).toEqual({ first: 0n, next: 0n })
  })

  test('what was appended is read in its order, from the beginning or an offset on, up to the present end', async () => {
    const { open } = await place()
    await using log = open(fresh('log'))
    await log.create(forever)
    expect(await all(log.read())).toEqual([])
    await log.append([record('a'), record('b', 'key'), { key: null, value: null }])
    await log.append([record('c')])
    const written = [
      [0, null, 'a'],
      [1, 'key', 'b'],
      [2, null, null],
      [3, null, 'c'],
    ]
    expect(await all(log.read())).toEqual(written)
    expect(await all(log.read(2n))).toEqual(written.slice(2))
    expect(await all(log.read(4n))).toEqual([])
    expect(await log.bounds()).toEqual({ first: 0n, next: 4n })
  })

  test('a log of many records is read whole', async () => {
    const { open } = await place()
    await using log = open(fresh('log'))
    await log.create(forever)
    for (let at = 0; at < 6; at++)
      await log.append([...Array(1000).keys()].map((i) => record(`${at * 1000 + i}`.padEnd(500))))
    const found = await all(log.read())
    expect(found.length).toBe(6000)
    expect(found.at(-1)).toEqual([5999, null, '5999'.padEnd(500)])
  })

  test('a follower is given what is there from its offset on, and what comes, until its signal', async () => {
    const { open } = await place()
    const topic = fresh('log')
    await using log = open(topic)
    await log.create(forever)
    await log.append([record('a'), record('b')])
    const stop = new AbortController()
    const found: unknown[] = []
    const following = (async () => {
      for await (const batch of log.follow(1n, stop.signal)) {
        found.push(...batch.map(shown))
        if (found.length === 1) await log.append([record('c')])
        if (found.length === 2) stop.abort()
      }
    })()
    await following
    expect(found).toEqual([
      [1, null, 'b'],
      [2, null, 'c'],
    ])
  })

  test('a follower of a log that is closed ends with an error', async () => {
    const { open } = await place()
    const log = open(fresh('log'))
    await log.create(forever)
    await log.append([record('a')])
    const follower = log.follow(0n, new AbortController().signal)[Symbol.asyncIterator]()
    await follower.next()
    const waiting = expect(follower.next()).rejects.toThrow(/closed/)
    await log[Symbol.asyncDispose]()
    await waiting
    await expect(log.append([record('b')])).rejects.toThrow(/closed/)
  })

  test('other partitions of a topic that somebody made are none of the log', async () => {
    const { broker, open } = await place()
    const topic = fresh('log')
    await broker.admin.create({ topic, partitions: 2, replicationFactor: -1, config: {} })
    await send(broker, [{ topic, key: null, value: 'elsewhere', partition: 1 }])
    await using log = open(topic)
    await log.append([record('here')])
    expect(await all(log.read())).toEqual([[0, null, 'here']])
  })
}
