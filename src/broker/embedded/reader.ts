/** Reads all partitions of some topics without a group. */
import type { ConsumedRecord, Reader, ReaderOptions } from '../broker.ts'
import type { Channel } from './channel.ts'
import { Fetcher } from './fetcher.ts'
import { consumerOverrides } from './overrides.ts'

const fetchBytes = 2 << 20
const mostRecords = 1000

interface Goal {
  readonly offsets: ReadonlyMap<number, number>
  readonly reached: (caughtUp: boolean) => void
}

export async function openReader(channel: Channel, options: ReaderOptions): Promise<Reader> {
  const { topics, from, overrides = {} } = options
  consumerOverrides(overrides, overrides['client.id'] ?? 'a reader')
  const reset = from === 'latest' ? 'latest' : 'earliest'
  const fetcher = new Fetcher(channel, { reset, fetchBytes, goneFails: true })
  const bounds = await boundsOf(channel, topics)
  fetcher.add(
    bounds.map(({ first, next, ...place }) => ({
      ...place,
      position: from === 'earliest' ? first : from === 'latest' ? next : Number(from),
    })),
  )
  return new EmbeddedReader(channel, options.topics, fetcher)
}

class EmbeddedReader implements Reader {
  readonly #channel: Channel
  readonly #topics: readonly string[]
  readonly #fetcher: Fetcher
  #goals: Goal[] = []
  #closed = false

  constructor(channel: Channel, topics: readonly string[], fetcher: Fetcher) {
    this.#channel = channel
    this.#topics = topics
    this.#fetcher = fetcher
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
    const bounds = await boundsOf(this.#channel, this.#topics)
    if (this.#closed) return false
    const { promise, resolve } = Promise.withResolvers<boolean>()
    this.#goals.push({ offsets: new Map(bounds.map(({ id, next }) => [id, next])), reached: resolve })
    this.#checkGoals()
    return promise
  }

  #checkGoals(): void {
    if (this.#goals.length === 0) return
    this.#goals = this.#goals.filter(({ offsets, reached }) => {
      for (const [id, offset] of offsets) if ((this.#fetcher.position(id) ?? offset) < offset) return true
      reached(true)
      return false
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    for (const { reached } of this.#goals) reached(false)
    this.#goals = []
    await this.#fetcher.close()
  }
}

async function boundsOf(channel: Channel, topics: readonly string[]) {
  const perTopic = await Promise.all(
    topics.map(async (topic) => {
      const handle = await channel.call('open', { topic, create: false, as: null })
      const bounds = await channel.call('bounds', { topic })
      return bounds.map((each, partition) => ({
        ...each,
        topic,
        partition,
        id: handle.partitions[partition] ?? -1,
      }))
    }),
  )
  return perTopic.flat()
}
