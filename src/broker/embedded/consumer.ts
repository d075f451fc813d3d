/**
 * A member of a consumer group. The store says by notice which partitions come and go; the listener hears of it within
 * `poll`, and a partition is given back only after `revoked` has resolved. Leaving calls `revoked` too, as Java's does.
 */
import type { Consumer, ConsumedRecord, ConsumerOptions, GroupOffset, TopicPartition } from '../broker.ts'
import type { Channel } from './channel.ts'
import { Fetcher } from './fetcher.ts'
import { type ConsumerOverrides, consumerOverrides } from './overrides.ts'
import type { AssignedPartition, GroupNotice } from './protocol.ts'

export async function openConsumer(channel: Channel, options: ConsumerOptions): Promise<Consumer> {
  const overrides = consumerOverrides(options.overrides, options.group)
  const consumer = new EmbeddedConsumer(channel, options, overrides)
  await consumer.join()
  return consumer
}

class EmbeddedConsumer implements Consumer {
  readonly #channel: Channel
  readonly #options: ConsumerOptions
  readonly #overrides: ConsumerOverrides
  readonly #from: 'earliest' | 'latest'
  readonly #most: number
  readonly #fetcher: Fetcher
  readonly #assigned = new Map<string, AssignedPartition>()
  #member = 0
  #notices: GroupNotice[] = []
  /** Runs between two polls. */
  #overdue: NodeJS.Timeout | undefined
  #closed = false

  constructor(channel: Channel, options: ConsumerOptions, overrides: ConsumerOverrides) {
    this.#channel = channel
    this.#options = options
    this.#overrides = overrides
    this.#from = overrides.from ?? options.from
    this.#most = overrides.maxRecords ?? options.maxRecords
    this.#fetcher = new Fetcher(channel, {
      reset: this.#from,
      fetchBytes: overrides.fetchBytes,
      goneFails: false,
    })
  }

  async join(): Promise<void> {
    const { group, topics, overrides } = this.#options
    this.#member = this.#channel.nextId()
    this.#channel.onNotice(this.#member, (notice) => {
      // Nothing that came before matters to a member that is out.
      if (notice.evicted) this.#notices = []
      this.#notices.push(notice)
      this.#fetcher.interrupt()
    })
    const revokeWithinMs = this.#overrides.maxPollIntervalMs
    const clientId = overrides['client.id'] ?? ''
    await this.#channel.call('join', { member: this.#member, clientId, group, topics, revokeWithinMs })
  }

  async poll(timeoutMs: number, signal: AbortSignal): Promise<readonly ConsumedRecord[]> {
    clearTimeout(this.#overdue)
    try {
      return await this.#next(performance.now() + timeoutMs, signal)
    } finally {
      if (!this.#closed)
        this.#overdue = setTimeout(() => this.#giveUp(), this.#overrides.maxPollIntervalMs).unref()
    }
  }

  async #next(deadline: number, signal: AbortSignal): Promise<readonly ConsumedRecord[]> {
    for (;;) {
      for (let notice = this.#notices.shift(); notice !== undefined; notice = this.#notices.shift())
        await this.#obey(notice)
      const records = this.#fetcher.take(this.#most)
      const left = deadline - performance.now()
      if (records.length > 0 || left <= 0 || signal.aborted) return records
      if (this.#notices.length === 0) await this.#fetcher.wait(left, signal)
    }
  }

  /** As Java's: a consumer that is no longer polled leaves its partitions to others, and joins anew when it is. */
  #giveUp(): void {
    const member = this.#member
    this.#channel.onNotice(member, null)
    this.#channel.call('leave', { member }).catch(() => {
      // The next poll will say why.
    })
    this.#notices = [{ notice: 'lost', member, partitions: [...this.#assigned.values()], evicted: true }]
  }

  async #obey({ notice, partitions, evicted }: GroupNotice): Promise<void> {
    if (notice === 'assign') return this.#take(partitions)
    const mine = partitions.filter((each) => this.#assigned.get(nameOf(each))?.id === each.id)
    this.#fetcher.remove(mine.map(({ id }) => id))
    if (notice === 'revoke') {
      await this.#options.listener.revoked(mine.map(placeOf))
      for (const each of mine) this.#assigned.delete(nameOf(each))
      await this.#channel.call('revoked', { member: this.#member })
      return
    }
    for (const each of mine) this.#assigned.delete(nameOf(each))
    await this.#options.listener.lost(mine.map(placeOf))
    if (!evicted) return
    this.#channel.onNotice(this.#member, null)
    await this.join()
  }

  async #take(partitions: readonly AssignedPartition[]): Promise<void> {
    for (const each of partitions) this.#assigned.set(nameOf(each), each)
    this.#fetcher.add(
      partitions.map((each) => ({
        ...each,
        position: each.committed ?? (this.#from === 'earliest' ? each.first : each.next),
      })),
    )
    await this.#options.listener.assigned(partitions.map(placeOf))
  }

  async commit(offsets: readonly GroupOffset[]): Promise<void> {
    await this.#channel.call('commitOffsets', { member: this.#member, offsets })
  }

  seek(partition: TopicPartition, offset: bigint): void {
    this.#fetcher.seek(this.#id(partition), Number(offset))
  }

  pause(partitions: readonly TopicPartition[]): void {
    this.#fetcher.pause(
      partitions.map((each) => this.#id(each)),
      true,
    )
  }

  resume(partitions: readonly TopicPartition[]): void {
    this.#fetcher.pause(
      partitions.map((each) => this.#id(each)),
      false,
    )
  }

  assignment(): readonly TopicPartition[] {
    return [...this.#assigned.values()].map(placeOf)
  }

  #id(partition: TopicPartition): number {
    const found = this.#assigned.get(nameOf(partition))
    if (found !== undefined) return found.id
    throw new Error(
      `${nameOf(partition)} is not assigned to this consumer of the group ${this.#options.group}.`,
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    clearTimeout(this.#overdue)
    try {
      const mine = this.assignment()
      if (mine.length > 0) await this.#options.listener.revoked(mine)
    } finally {
      this.#assigned.clear()
      this.#channel.onNotice(this.#member, null)
      await this.#fetcher.close()
      await this.#channel.call('leave', { member: this.#member }).catch(() => {})
    }
  }
}

function nameOf({ topic, partition }: TopicPartition): string {
  return `${topic}-${partition}`
}

function placeOf({ topic, partition }: TopicPartition): TopicPartition {
  return { topic, partition }
}
