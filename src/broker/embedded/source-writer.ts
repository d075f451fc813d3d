/**
 * The way in for a source task: records are encoded as they come, and a commit hands all batches and the offsets to
 * the store, which makes them durable in one transaction. Commits overlap; the store keeps their order.
 */
import { ConnectError } from '#errors'
import { BufferPool } from '../batching/buffer-pool.ts'
import { Outbox } from '../batching/outbox.ts'
import { offsetRecord } from '../batching/outgoing.ts'
import type { OffsetEntry, OutgoingRecord, SourceWriter, SourceWriterOptions } from '../broker.ts'
import type { Channel } from './channel.ts'
import { producerOverrides } from './overrides.ts'

/** As Connect makes its offsets topic. */
const offsetsPartitions = 25

export async function openSourceWriter(
  channel: Channel,
  options: SourceWriterOptions,
): Promise<SourceWriter> {
  const overrides = producerOverrides(options.overrides, options.task)
  const { offsetsTopic } = options
  const offsets = await channel.call('open', {
    topic: offsetsTopic,
    create: true,
    as: {
      ...{ topic: offsetsTopic, partitions: offsetsPartitions, replicationFactor: -1 },
      config: { 'cleanup.policy': 'compact' },
    },
  })
  if (!offsets.compacted || offsets.expires)
    throw new ConnectError(
      `The topic ${offsetsTopic} has another cleanup.policy than compact, so it would lose source offsets.`,
      {
        remedy: 'Make it with cleanup.policy=compact, or name another topic in offset.storage.topic.',
      },
    )
  const pool = new BufferPool()
  const outbox = new Outbox<number>(pool, overrides)
  outbox.learn(offsets)
  const writer = channel.nextId()
  await channel.call('openWriter', { writer, task: options.task })
  return new EmbeddedSourceWriter(channel, writer, options, pool, outbox)
}

class EmbeddedSourceWriter implements SourceWriter {
  readonly atomic = true
  readonly #channel: Channel
  readonly #writer: number
  readonly #options: SourceWriterOptions
  readonly #pool: BufferPool
  readonly #outbox: Outbox<number>
  #inFlight = 0
  /** Why this writer is of no use any more. */
  #failure: Error | null = null

  constructor(
    channel: Channel,
    writer: number,
    options: SourceWriterOptions,
    pool: BufferPool,
    outbox: Outbox<number>,
  ) {
    this.#channel = channel
    this.#writer = writer
    this.#options = options
    this.#pool = pool
    this.#outbox = outbox
  }

  get pendingBytes(): number {
    return this.#outbox.bytes + this.#inFlight
  }

  append(record: OutgoingRecord): Promise<void> | null {
    if (this.#failure !== null) throw this.#failure
    return this.#outbox.add(record) ? null : this.#learn(record.topic)
  }

  async #learn(topic: string): Promise<void> {
    this.#outbox.learn(
      await this.#channel.call('open', { topic, create: true, as: this.#options.newTopic(topic) }),
    )
  }

  async commit(offsets: readonly OffsetEntry[]): Promise<void> {
    if (this.#failure !== null) throw this.#failure
    const outbox = this.#outbox
    try {
      for (const entry of offsets) outbox.add(offsetRecord(this.#options.offsetsTopic, entry))
      const bytes = outbox.bytes
      const batches = outbox.take()
      if (batches.length === 0) return
      this.#inFlight += bytes
      const { memory } = await this.#channel.call(
        'append',
        { batches, writer: this.#writer },
        batches.map((batch) => batch.memory),
      )
      this.#inFlight -= bytes
      for (const each of memory) this.#pool.give(each)
    } catch (error) {
      throw this.#fail(error)
    }
  }

  #fail(cause: unknown): Error {
    this.#failure ??= new ConnectError(
      `The task ${this.#options.task} could not store its records and offsets.`,
      {
        remedy: 'Restart the task: it begins again from its stored offsets.',
        cause,
      },
    )
    return this.#failure
  }

  /** What was not committed is dropped. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#failure ??= new ConnectError(`The source writer of ${this.#options.task} is closed.`)
    this.#outbox.discard()
    await this.#channel.call('closeWriter', { writer: this.#writer }).catch(() => {})
  }
}
