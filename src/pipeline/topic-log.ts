/**
 * A topic's first partition as a log that a task reads and writes by itself: over the worker's broker, or a Kafka of
 * which the task knows the address. Connections are made when they are needed.
 */
import {
  type Broker,
  type ConsumedRecord,
  openKafkaClients,
  type Producer,
  type Reader,
  type TopicConfig,
} from '#broker'
import { ConnectError } from '#errors'
import type { LogRecord, NewLogRecord, TopicLog, TopicLogOptions } from '#plugin'

/** Long, because the reader is woken. */
const pollMs = 60_000

export class BrokerTopicLog implements TopicLog {
  readonly #own: Broker
  readonly #options: TopicLogOptions
  readonly #readers = new Set<Reader>()
  #other: Promise<Broker> | null = null
  #producer: Promise<Producer> | null = null
  #closed = false

  constructor(own: Broker, options: TopicLogOptions) {
    this.#own = own
    this.#options = options
  }

  async describe(): Promise<TopicConfig | null> {
    const { admin } = await this.#broker()
    return (await admin.describe(this.#options.topic))?.config ?? null
  }

  async create(config: TopicConfig): Promise<boolean> {
    const { admin } = await this.#broker()
    return admin.create({ topic: this.#options.topic, partitions: 1, replicationFactor: -1, config })
  }

  async bounds(): Promise<{ readonly first: bigint; readonly next: bigint }> {
    const { admin } = await this.#broker()
    const [bounds] = await admin.bounds(this.#options.topic)
    return bounds ?? { first: 0n, next: 0n }
  }

  async *read(from?: bigint): AsyncIterable<readonly LogRecord[]> {
    const reader = await this.#reader(from ?? 'earliest')
    const end = new AbortController()
    let failure: unknown = null
    const caughtUp = reader.caughtUp().then(
      (done) => {
        if (!done) failure = this.#closedError()
        end.abort()
      },
      (error: unknown) => {
        failure = error
        end.abort()
      },
    )
    try {
      while (!end.signal.aborted) {
        const records = (await reader.poll(pollMs, end.signal)).filter(isOfLog)
        if (records.length > 0) yield records
      }
      await caughtUp
      if (failure !== null) throw failure
    } finally {
      await this.#close(reader)
    }
  }

  async *follow(from: bigint, signal: AbortSignal): AsyncIterable<readonly LogRecord[]> {
    const reader = await this.#reader(from)
    try {
      while (!signal.aborted) {
        const records = (await reader.poll(pollMs, signal)).filter(isOfLog)
        if (records.length > 0) yield records
      }
    } finally {
      await this.#close(reader)
    }
  }

  async append(records: readonly NewLogRecord[]): Promise<void> {
    const { topic } = this.#options
    if (this.#closed) throw this.#closedError()
    const producer = await (this.#producer ??= this.#newProducer())
    await producer.send(records.map(({ key, value }) => ({ topic, partition: 0, key, value })))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    await Promise.all([...this.#readers].map((reader) => this.#close(reader)))
    await released(this.#producer)
    await released(this.#other)
  }

  #broker(): Promise<Broker> {
    const { bootstrapServers, producer, consumer } = this.#options
    if (this.#closed) return Promise.reject(this.#closedError())
    if (bootstrapServers === null) return Promise.resolve(this.#own)
    this.#other ??= openKafkaClients({
      producer: { ...producer, 'bootstrap.servers': bootstrapServers },
      consumer: { ...consumer, 'bootstrap.servers': bootstrapServers },
    }).catch((error: unknown) => {
      this.#other = null
      throw error
    })
    return this.#other
  }

  async #reader(from: 'earliest' | bigint): Promise<Reader> {
    const broker = await this.#broker()
    const overrides = broker === this.#own ? this.#options.consumer : {}
    const reader = await broker.reader({ topics: [this.#options.topic], from, overrides })
    this.#readers.add(reader)
    return reader
  }

  async #newProducer(): Promise<Producer> {
    try {
      const broker = await this.#broker()
      return await broker.producer({ overrides: broker === this.#own ? this.#options.producer : {} })
    } catch (error) {
      this.#producer = null
      throw error
    }
  }

  async #close(reader: Reader): Promise<void> {
    if (this.#readers.delete(reader)) await reader[Symbol.asyncDispose]()
  }

  #closedError(): ConnectError {
    return new ConnectError(`The log in topic ${this.#options.topic} is closed.`)
  }
}

function isOfLog({ partition }: ConsumedRecord): boolean {
  return partition === 0
}

async function released(opened: Promise<AsyncDisposable> | null): Promise<void> {
  const it = await opened?.catch(() => null)
  await it?.[Symbol.asyncDispose]()
}
