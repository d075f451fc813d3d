/** The way in for few records: each `send` is one transaction of the store, all or none of it. */
import { BufferPool } from '../batching/buffer-pool.ts'
import { Outbox } from '../batching/outbox.ts'
import { producedRecord } from '../batching/outgoing.ts'
import type { ProducedRecord, Producer } from '../broker.ts'
import type { Channel } from './channel.ts'
import { producerOverrides } from './overrides.ts'

export class EmbeddedProducer implements Producer {
  readonly #channel: Channel
  readonly #pool = new BufferPool()
  readonly #outbox: Outbox<number>

  constructor(channel: Channel, overrides: Readonly<Record<string, string>>) {
    this.#channel = channel
    this.#outbox = new Outbox<number>(
      this.#pool,
      producerOverrides(overrides, overrides['client.id'] ?? 'a producer'),
    )
  }

  async send(records: readonly ProducedRecord[]): Promise<void> {
    // Topics are looked up each time: sends are rare, and a topic may have been deleted and made anew in between.
    const topics = new Set(records.map(({ topic }) => topic))
    const handles = await Promise.all(
      [...topics].map((topic) => this.#channel.call('open', { topic, create: true, as: null })),
    )
    for (const handle of handles) this.#outbox.learn(handle)
    const batches = this.#encode(records)
    if (batches.length === 0) return
    const { memory } = await this.#channel.call(
      'append',
      { batches, writer: null },
      batches.map((batch) => batch.memory),
    )
    for (const each of memory) this.#pool.give(each)
  }

  #encode(records: readonly ProducedRecord[]) {
    try {
      for (const record of records) this.#outbox.add(producedRecord(record))
      return this.#outbox.take()
    } catch (error) {
      this.#outbox.discard()
      throw error
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}
