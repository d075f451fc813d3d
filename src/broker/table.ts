/**
 * A compacted topic as a map: what was put last under a key, held in memory and following the topic. All stores of
 * the worker stand on it. What `put` has returned from is durable, and visible here and, a moment later, everywhere.
 */
import { setImmediate } from 'node:timers/promises'
import { ConnectError } from '#errors'
import type { Broker, ConsumedRecord, Producer, Reader } from './broker.ts'

export interface TableOptions {
  readonly topic: string
  /** How many partitions the topic gets where it does not exist; -1: the broker's default. */
  readonly partitions: number
  /** -1 or absent: the broker's default. */
  readonly replicationFactor?: number
  /** Of every change after the first replay, in the topic's order; null: the key was removed. */
  readonly onChange?: (key: string, value: Uint8Array | null) => void
}

export interface Table extends AsyncDisposable {
  get(key: string): Uint8Array | undefined
  /** In the order in which each key was last put. */
  entries(): MapIterator<[string, Uint8Array]>
  /** null removes the key. */
  put(key: string, value: Uint8Array | null): Promise<void>
  /** Several at once, in this order. */
  putAll(entries: readonly TableEntry[]): Promise<void>
  /** Resolves when everything that was in the topic at the time of the call is in the map. */
  refresh(): Promise<void>
}

export interface TableEntry {
  readonly key: string
  readonly value: Uint8Array | null
}

/** Long, because the reader is woken: only the end of the table interrupts it. */
const pollMs = 60_000

/** Opens the table, making the topic where needed, and resolves once it is replayed to the end. */
export async function openTable(broker: Broker, options: TableOptions): Promise<Table> {
  await prepareTopic(broker, options)
  const reader = await broker.reader({ topics: [options.topic], from: 'earliest' })
  let producer: Producer
  try {
    producer = await broker.producer()
  } catch (error) {
    await reader[Symbol.asyncDispose]()
    throw error
  }
  const table = new FollowedTable(options, reader, producer)
  await table.replay()
  return table
}

async function prepareTopic(
  { admin }: Broker,
  { topic, partitions, replicationFactor = -1 }: TableOptions,
): Promise<void> {
  const policy = 'cleanup.policy'
  const there = await admin.describe(topic) // first: who may use a topic need not be allowed to make one
  const wanted = { topic, partitions, replicationFactor, config: { [policy]: 'compact' } }
  if (there === null && (await admin.create(wanted))) return
  const found = (there ?? (await admin.describe(topic)))?.config[policy]
  if (found !== 'compact')
    throw new ConnectError(
      `The topic ${topic} has cleanup.policy=${found ?? 'delete'}: it would lose entries.`,
      {
        remedy: `Set cleanup.policy=compact on it, or name another topic.`,
      },
    )
}

class FollowedTable implements Table {
  readonly #options: TableOptions
  readonly #reader: Reader
  readonly #producer: Producer
  readonly #values = new Map<string, Uint8Array>()
  readonly #end = new AbortController()
  #following: Promise<void> = Promise.resolve()
  #failure: unknown = null
  #replayed = false

  constructor(options: TableOptions, reader: Reader, producer: Producer) {
    this.#options = options
    this.#reader = reader
    this.#producer = producer
  }

  async replay(): Promise<void> {
    this.#following = this.#follow()
    try {
      await this.refresh()
    } catch (error) {
      await this[Symbol.asyncDispose]()
      throw error
    }
    this.#replayed = true
  }

  async #follow(): Promise<void> {
    try {
      while (!this.#end.signal.aborted)
        for (const record of await this.#reader.poll(pollMs, this.#end.signal)) this.#apply(record)
    } catch (error) {
      this.#failure = new ConnectError(`The table ${this.#options.topic} can no longer be followed.`, {
        cause: error,
      })
      await this.#reader[Symbol.asyncDispose]()
    }
  }

  #apply({ key, value }: ConsumedRecord): void {
    if (key === null) return
    const name = Buffer.from(key.buffer, key.byteOffset, key.length).toString('utf8')
    // A copy: the record's bytes are a part of a whole batch, which would stay in memory with it.
    const kept = value === null ? null : Uint8Array.from(value)
    this.#values.delete(name) // a key that is put again moves to the end
    if (kept !== null) this.#values.set(name, kept)
    if (this.#replayed) this.#options.onChange?.(name, kept)
  }

  #check(): void {
    if (this.#failure !== null) throw this.#failure
  }

  get(key: string): Uint8Array | undefined {
    this.#check()
    return this.#values.get(key)
  }

  entries(): MapIterator<[string, Uint8Array]> {
    this.#check()
    return this.#values.entries()
  }

  put(key: string, value: Uint8Array | null): Promise<void> {
    return this.putAll([{ key, value }])
  }

  async putAll(entries: readonly TableEntry[]): Promise<void> {
    this.#check()
    const { topic } = this.#options
    await this.#producer.send(entries.map(({ key, value }) => ({ topic, key: Buffer.from(key), value })))
    // Applied where it stands in the topic, not here: so all followers end with the same value, whoever wrote when.
    await this.refresh()
  }

  async refresh(): Promise<void> {
    const caughtUp = await this.#reader.caughtUp()
    // `poll` has returned the records by now; they are applied when its promise's turn is over.
    await setImmediate()
    this.#check()
    if (!caughtUp) throw new ConnectError(`The table ${this.#options.topic} is closed.`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort()
    await this.#following
    await this.#reader[Symbol.asyncDispose]()
    await this.#producer[Symbol.asyncDispose]()
  }
}
