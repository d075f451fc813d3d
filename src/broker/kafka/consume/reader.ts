/** Reads all partitions of some topics without a group. */
import type { ConsumedRecord, Reader, ReaderOptions, TopicPartition } from '../../broker.ts'
import { UnknownTopicError } from '../../errors.ts'
import type { ConsumerSettings } from '../properties/consumer-settings.ts'
import { type KafkaCluster, openCluster } from '../transport/cluster.ts'
import { retrying } from '../transport/retry.ts'
import { earliest, latest } from '../wire/list-offsets.ts'
import { mustSucceed } from '../wire/error-code.ts'
import { Fetcher } from './fetcher.ts'
import type { Leaders } from './leaders.ts'
import { offsetsAt } from './offsets-at.ts'
import { nameOf } from './place.ts'

const mostRecords = 1000
/** A topic that was just made is not known to every broker at once. */
const unknownWithinMs = 2000

interface Goal {
  readonly ends: readonly (TopicPartition & { readonly end: bigint })[]
  readonly reached: (caughtUp: boolean) => void
}

export async function openReader(
  settings: ConsumerSettings,
  { topics, from }: ReaderOptions,
): Promise<Reader> {
  const cluster = openCluster(settings.connection)
  const reset = from === 'latest' ? 'latest' : 'earliest'
  const fetcher = new Fetcher(cluster, { settings, reset, goneFails: true })
  const reader = new KafkaReader(cluster, fetcher, settings)
  try {
    const places = await retrying(cluster.options, () => partitionsOf(fetcher.leaders, topics))
    await reader.begin(places, from)
  } catch (error) {
    await reader[Symbol.asyncDispose]()
    throw error
  }
  return reader
}

async function partitionsOf(leaders: Leaders, topics: readonly string[]): Promise<TopicPartition[]> {
  const metadata = await leaders.load(topics)
  for (const topic of topics)
    if (leaders.missingMs(topic) > unknownWithinMs) throw new UnknownTopicError(`There is no topic ${topic}.`)
  return metadata.topics.flatMap(({ topic, error, partitions }) => {
    mustSucceed(error, `The topic ${topic} cannot be read`)
    return partitions.map(({ partition }) => ({ topic, partition }))
  })
}

class KafkaReader implements Reader {
  readonly #cluster: KafkaCluster
  readonly #fetcher: Fetcher
  readonly #settings: ConsumerSettings
  #places: readonly TopicPartition[] = []
  #goals: Goal[] = []
  #closed = false

  constructor(cluster: KafkaCluster, fetcher: Fetcher, settings: ConsumerSettings) {
    this.#cluster = cluster
    this.#fetcher = fetcher
    this.#settings = settings
  }

  async begin(places: readonly TopicPartition[], from: ReaderOptions['from']): Promise<void> {
    this.#places = places
    if (typeof from === 'bigint')
      return this.#fetcher.add(places.map((place) => ({ ...place, position: from })))
    const starts = await this.#offsets(from === 'earliest' ? earliest : latest)
    this.#fetcher.add(places.map((place) => ({ ...place, position: starts.get(nameOf(place)) ?? null })))
  }

  async poll(timeoutMs: number, signal: AbortSignal): Promise<readonly ConsumedRecord[]> {
    const deadline = performance.now() + timeoutMs
    for (;;) {
      const records = this.#fetcher.take(mostRecords)
      this.#checkGoals()
      const left = deadline - performance.now()
      if (records.length > 0 || left <= 0 || signal.aborted) return records
      await this.#fetcher.wait(left, signal)
    }
  }

  async caughtUp(): Promise<boolean> {
    if (this.#closed) return false
    const ends = await this.#offsets(latest)
    const { promise, resolve } = Promise.withResolvers<boolean>()
    this.#goals.push({
      ends: this.#places.map((place) => ({ ...place, end: ends.get(nameOf(place)) ?? 0n })),
      reached: resolve,
    })
    if (this.#closed) this.#giveUp()
    else this.#checkGoals()
    return promise
  }

  #offsets(at: bigint): Promise<ReadonlyMap<string, bigint>> {
    return offsetsAt(this.#cluster, this.#fetcher.leaders, {
      ...{ places: this.#places, at, committedOnly: this.#settings.committedOnly },
    })
  }

  #checkGoals(): void {
    if (this.#goals.length === 0) return
    this.#goals = this.#goals.filter(({ ends, reached }) => {
      if (ends.some((each) => this.#fetcher.reached(each) < each.end)) return true
      reached(true)
      return false
    })
  }

  #giveUp(): void {
    for (const { reached } of this.#goals) reached(false)
    this.#goals = []
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    this.#giveUp()
    this.#fetcher[Symbol.dispose]()
    this.#cluster[Symbol.dispose]()
  }
}
