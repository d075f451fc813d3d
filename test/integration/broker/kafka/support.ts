/** What the tests of consuming share: kafkajs as the other side, names of their own, and members that note what they hear. */
import { setTimeout as delay } from 'node:timers/promises'
import { Kafka, type KafkaConfig, logLevel, type Message } from 'kafkajs'
import type { Broker, ConsumedRecord, Consumer, ConsumerOptions, Reader, TopicPartition } from '#broker'
import { connectKafka } from '../../../../src/broker/kafka/open.ts'
import { kafkaConnection } from '../../../../src/broker/kafka/properties/worker-connection.ts'
import { kafkaServer } from '../../../support/services/kafka.ts'

process.env['KAFKAJS_NO_PARTITIONER_WARNING'] = '1'

export const never = new AbortController().signal
const run = Math.random().toString(36).slice(2, 8)
let last = 0

export function fresh(name: string): string {
  return `consuming-${name}-${run}-${++last}`
}

export async function kafkajs(more: Partial<KafkaConfig> = {}): Promise<Kafka> {
  return new Kafka({ brokers: [await kafkaServer()], logLevel: logLevel.NOTHING, ...more })
}

/** Of a worker with these properties. */
export async function broker(more: Readonly<Record<string, string>> = {}): Promise<Broker> {
  const connection = kafkaConnection({ 'bootstrap.servers': await kafkaServer(), ...more })
  return connectKafka({ kind: 'kafka', connection, clusterId: '' })
}

export async function openReader(topic: string, from: 'earliest' | 'latest' = 'earliest'): Promise<Reader> {
  return (await broker()).reader({ topics: [topic], from })
}

export async function makeTopic(
  name: string,
  partitions: number,
  config: Readonly<Record<string, string>> = {},
): Promise<string> {
  const admin = (await kafkajs()).admin()
  await admin.connect()
  const topic = fresh(name)
  const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }))
  await admin.createTopics({
    waitForLeaders: false,
    topics: [{ topic, numPartitions: partitions, configEntries }],
  })
  // kafkajs' own waiting fails where the broker has not heard of the topic yet.
  const isThere = () => admin.fetchTopicMetadata({ topics: [topic] }).catch(() => null)
  while ((await isThere()) === null) await delay(20)
  await admin.disconnect()
  return topic
}

export async function produce(topic: string, messages: readonly Message[]): Promise<void> {
  // Idempotent: kafkajs sends everything again where one partition of a new topic has no leader yet.
  const producer = (await kafkajs()).producer({ idempotent: true })
  await producer.connect()
  await producer.send({ topic, messages: [...messages] })
  await producer.disconnect()
}

/** `count` records, partition after partition. */
export function numbered(count: number, partitions: number): Message[] {
  return [...Array(count).keys()].map((i) => ({ key: `k${i}`, value: `${i}`, partition: i % partitions }))
}

export function text(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes).toString('utf8')
}

export async function read(from: Pick<Reader, 'poll'>, count: number): Promise<ConsumedRecord[]> {
  const records: ConsumedRecord[] = []
  while (records.length < count) records.push(...(await from.poll(1000, never)))
  return records
}

/** Everything up to the end. */
export async function readAll(
  topics: readonly string[],
  properties: Readonly<Record<string, string>> = {},
): Promise<ConsumedRecord[]> {
  await using reader = await (await broker(properties)).reader({ topics, from: 'earliest' })
  const done = new AbortController()
  const end = reader.caughtUp().finally(() => done.abort())
  const records: ConsumedRecord[] = []
  while (!done.signal.aborted) records.push(...(await reader.poll(1000, done.signal)))
  await end
  return records
}

export interface Member {
  readonly consumer: Consumer
  readonly events: string[]
  owned(): string[]
}

export async function member(
  options: Pick<ConsumerOptions, 'group' | 'topics'> &
    Partial<ConsumerOptions> & {
      readonly whenRevoked?: (consumer: Consumer, partitions: readonly TopicPartition[]) => Promise<void>
    },
): Promise<Member> {
  const events: string[] = []
  const note = (event: string, partitions: readonly TopicPartition[]) =>
    void events.push(`${event} ${names(partitions)}`)
  const consumer: Consumer = await (await broker()).consumer({
    ...{ from: 'earliest', maxRecords: 500 },
    ...options,
    // Members hear of a rebalance with their next heartbeat.
    overrides: { 'heartbeat.interval.ms': '200', ...options.overrides },
    listener: {
      assigned: async (partitions) => note('assigned', partitions),
      revoked: async (partitions) => {
        note('revoked', partitions)
        await options.whenRevoked?.(consumer, partitions)
      },
      lost: async (partitions) => note('lost', partitions),
    },
  })
  return {
    consumer,
    events,
    owned: () =>
      consumer
        .assignment()
        .map(({ partition }) => `${partition}`)
        .sort(),
  }
}

function names(partitions: readonly TopicPartition[]): string {
  return partitions
    .map(({ partition }) => partition)
    .sort((a, b) => a - b)
    .join()
}

/** Polls all members in turn until the condition holds. */
export async function pollUntil(
  members: readonly Member[],
  condition: () => boolean,
  each: (record: ConsumedRecord) => void = () => {},
): Promise<void> {
  while (!condition())
    for (const { consumer } of members) for (const record of await consumer.poll(50, never)) each(record)
}
