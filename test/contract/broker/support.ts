/** What the parts of the broker suite share: names, records, and reading until something is there. */
import type { ByteBuffer } from '#bytes'
import {
  type Broker,
  type ConsumedRecord,
  type Consumer,
  type ConsumerOptions,
  encodeHeaders,
  type OffsetEntry,
  type OutgoingRecord,
  type RawHeader,
  type Reader,
  type SourceWriter,
  type SourceWriterOptions,
  type TopicPartition,
} from '#broker'

export interface BrokerUnderTest {
  /** Another client of the same broker; the caller disposes of it. */
  open(): Promise<Broker>
}

let lastName = 0
const run = Math.random().toString(36).slice(2, 8)

/** A name that no other test has. */
export function fresh(name: string): string {
  return `${name}-${run}-${++lastName}`
}

export function text(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes).toString('utf8')
}

export function bytes(value: string | null): Buffer | null {
  return value === null ? null : Buffer.from(value)
}

export interface TextRecord {
  readonly topic: string
  readonly key: string | null
  readonly value: string | null
  readonly partition?: number
  readonly timestamp?: bigint
  readonly headers?: readonly RawHeader[]
}

export function outgoing({ topic, key, value, partition, timestamp, headers }: TextRecord): OutgoingRecord {
  return {
    ...{
      topic,
      partition: partition ?? null,
      timestamp: timestamp ?? null,
      headers: encodeHeaders(headers ?? []),
    },
    writeKey: (out: ByteBuffer) => write(key, out),
    writeValue: (out: ByteBuffer) => write(value, out),
  }
}

function write(value: string | null, out: ByteBuffer): boolean {
  if (value !== null) out.appendText(value)
  return value !== null
}

/** Appends across barriers, as the source loop does. */
export async function append(writer: SourceWriter, records: readonly TextRecord[]): Promise<void> {
  for (const record of records)
    for (
      let barrier = writer.append(outgoing(record));
      barrier !== null;
      barrier = writer.append(outgoing(record))
    )
      await barrier
}

export function offset(key: string, value: string | null): OffsetEntry {
  return { key: Buffer.from(key), value: bytes(value) }
}

export function writerOptions(more: Partial<SourceWriterOptions> = {}): SourceWriterOptions {
  return { task: fresh('task'), offsetsTopic: fresh('offsets'), newTopic: () => null, overrides: {}, ...more }
}

export async function send(broker: Broker, records: readonly TextRecord[]): Promise<void> {
  await using producer = await broker.producer()
  await producer.send(
    records.map((record) => ({ ...record, key: bytes(record.key), value: bytes(record.value) })),
  )
}

export async function makeTopic(broker: Broker, partitions: number, config = {}): Promise<string> {
  const topic = fresh('topic')
  await broker.admin.create({ topic, partitions, replicationFactor: -1, config })
  return topic
}

const never = new AbortController().signal

/** Polls until there are `count` records. Fails by the test's own time limit. */
export async function read(from: Pick<Reader, 'poll'>, count: number): Promise<ConsumedRecord[]> {
  const records: ConsumedRecord[] = []
  while (records.length < count) records.push(...(await from.poll(1000, never)))
  return records
}

/** Everything in the topics, in the order of each partition. */
export async function readAll(broker: Broker, topics: readonly string[]): Promise<ConsumedRecord[]> {
  await using reader = await broker.reader({ topics, from: 'earliest' })
  const done = new AbortController()
  const end = reader.caughtUp().finally(() => done.abort())
  end.catch(() => {}) // told below, unless poll has failed before
  const records: ConsumedRecord[] = []
  while (!done.signal.aborted) records.push(...(await reader.poll(1000, done.signal)))
  await end
  return records
}

export type Event = readonly ['assigned' | 'revoked' | 'lost', ...string[]]

export interface Member {
  readonly consumer: Consumer
  readonly events: Event[]
  /** Polls once, shortly. */
  poll(): Promise<readonly ConsumedRecord[]>
  owned(): string[]
}

export type MemberOptions = Partial<Omit<ConsumerOptions, 'listener'>> & {
  readonly group: string
  readonly topics: readonly string[] | RegExp
  readonly whenRevoked?: (consumer: Consumer, partitions: readonly TopicPartition[]) => Promise<void>
}

/** A consumer that notes what its listener hears. */
export async function member(broker: Broker, { whenRevoked, ...options }: MemberOptions): Promise<Member> {
  const events: Event[] = []
  const note = (event: Event[0], partitions: readonly TopicPartition[]) =>
    void events.push([event, ...names(partitions)])
  const consumer: Consumer = await broker.consumer({
    ...{ from: 'earliest', maxRecords: 500, overrides: {} },
    ...options,
    listener: {
      assigned: async (partitions) => note('assigned', partitions),
      revoked: async (partitions) => {
        note('revoked', partitions)
        await whenRevoked?.(consumer, partitions)
      },
      lost: async (partitions) => note('lost', partitions),
    },
  })
  return { consumer, events, poll: () => consumer.poll(50, never), owned: () => names(consumer.assignment()) }
}

export function names(partitions: readonly TopicPartition[]): string[] {
  return partitions.map(({ topic, partition }) => `${topic}/${partition}`).sort()
}

/** Polls all members in turn until the condition holds. */
export async function pollUntil(
  members: readonly Member[],
  condition: () => boolean,
  each: (record: ConsumedRecord) => void = () => {},
): Promise<void> {
  while (!condition()) for (const one of members) for (const record of await one.poll()) each(record)
}
