/**
 * A member of a consumer group. The listener hears within `poll`, in Java's order: `revoked` before a rebalance, with
 * time to commit, `assigned` after it, `lost` where the membership was lost without notice. Leaving calls `revoked` too.
 */
import type { Consumer, ConsumedRecord, ConsumerOptions, GroupOffset, TopicPartition } from '../../broker.ts'
import { ConnectError } from '#errors'
import type { ConsumerSettings } from '../properties/consumer-settings.ts'
import { type KafkaCluster, openCluster } from '../transport/cluster.ts'
import { earliest, latest } from '../wire/list-offsets.ts'
import { isCooperative } from './assign/assignor.ts'
import { Fetcher } from './fetcher.ts'
import { Coordinator } from './group/coordinator.ts'
import { type Joined, Membership } from './group/membership.ts'
import { log } from './log.ts'
import { type Offsets, offsetsAt } from './offsets-at.ts'
import { nameOf, placeOf } from './place.ts'

/** How long a rebalance waits for partitions whose leaders do not answer. */
const locateMs = 5000

/** Nothing is sent before the first `poll`. */
export function openConsumer(settings: ConsumerSettings, options: ConsumerOptions): Consumer {
  // The broker answers the requests of one connection in turn, and holds JoinGroup back: it has one of its own.
  return new KafkaConsumer(
    settings,
    options,
    openCluster(settings.connection),
    openCluster(settings.connection),
  )
}

/** `openConsumer` over given clusters. */
export class KafkaConsumer implements Consumer {
  readonly #settings: ConsumerSettings
  readonly #options: ConsumerOptions
  readonly #data: KafkaCluster
  readonly #group: KafkaCluster
  readonly #membership: Membership
  readonly #fetcher: Fetcher
  readonly #coordinator: Coordinator
  readonly #reset: 'earliest' | 'latest' | 'none'
  readonly #most: number
  readonly #assigned = new Map<string, TopicPartition>()
  /** Runs between two polls. */
  #overdue: NodeJS.Timeout | undefined
  #closed = false

  constructor(settings: ConsumerSettings, options: ConsumerOptions, data: KafkaCluster, group: KafkaCluster) {
    this.#settings = settings
    this.#options = options
    this.#data = data
    this.#group = group
    this.#most = settings.maxRecords ?? options.maxRecords
    this.#reset = settings.offsetReset ?? options.from
    this.#fetcher = new Fetcher(data, { settings, reset: this.#reset, goneFails: false })
    this.#coordinator = new Coordinator(data, options.group)
    this.#membership = new Membership({
      ...{ topics: options.topics, settings },
      group: new Coordinator(group, options.group),
      data: this.#coordinator,
      locate: (partitions, signal) => this.#locate(partitions, signal),
      noted: () => this.#fetcher.interrupt(),
    })
  }

  async poll(timeoutMs: number, signal: AbortSignal): Promise<readonly ConsumedRecord[]> {
    clearTimeout(this.#overdue)
    try {
      return await this.#next(performance.now() + timeoutMs, signal)
    } finally {
      const { maxPollIntervalMs } = this.#settings
      if (!this.#closed)
        this.#overdue = setTimeout(() => void this.#membership.giveUp(), maxPollIntervalMs).unref()
    }
  }

  async #next(deadline: number, signal: AbortSignal): Promise<readonly ConsumedRecord[]> {
    for (;;) {
      await this.#rebalance()
      const records = this.#fetcher.take(this.#most)
      const left = deadline - performance.now()
      if (records.length > 0 || left <= 0 || signal.aborted) return records
      if (!this.#membership.hasNews) await this.#fetcher.wait(left, signal)
    }
  }

  /** Tells the listener what has happened to the membership, and begins the next rebalance where one is due. */
  async #rebalance(): Promise<void> {
    const group = this.#membership
    for (;;) {
      const joined = group.lost ? null : group.takeJoined()
      if (group.lost) await this.#lose()
      else if (group.failure !== null) throw group.failure
      else if (joined !== null) await this.#complete(joined)
      else if (group.mustJoin && !group.joining) await this.#prepare()
      else return
    }
  }

  async #lose(): Promise<void> {
    this.#membership.lost = false
    const mine = this.assignment()
    this.#fetcher.remove(mine)
    this.#assigned.clear()
    if (mine.length > 0) await this.#options.listener.lost(mine)
  }

  /** Eager members give everything back before a rebalance, cooperative ones only what they are told to, after it. */
  async #prepare(): Promise<void> {
    if (!isCooperative(this.#settings.assignors)) await this.#giveBack(this.assignment())
    if (!this.#membership.lost) this.#membership.join(this.assignment())
  }

  async #giveBack(partitions: readonly TopicPartition[]): Promise<void> {
    if (partitions.length === 0) return
    this.#fetcher.remove(partitions)
    await this.#options.listener.revoked(partitions)
    for (const each of partitions) this.#assigned.delete(nameOf(each))
  }

  async #complete({ partitions, positions }: Joined): Promise<void> {
    const given = new Set(partitions.map(nameOf))
    const taken = this.assignment().filter((each) => !given.has(nameOf(each)))
    if (taken.length > 0) {
      await this.#giveBack(taken)
      // Only when it has joined again are they free for others.
      this.#membership.mustJoin = true
    }
    const added = partitions.filter((each) => !this.#assigned.has(nameOf(each)))
    if (added.length === 0 || this.#membership.lost) return
    const offsets = new Map(positions.map((each) => [nameOf(each), each.offset]))
    for (const each of added) this.#assigned.set(nameOf(each), each)
    const places = added.map((each) => ({ ...each, position: offsets.get(nameOf(each)) ?? null }))
    log().debug(
      `The group ${this.#options.group} reads ${places.map((each) => `${nameOf(each)} from ${each.position ?? this.#reset}`).join(', ')}`,
    )
    this.#fetcher.add(places)
    await this.#options.listener.assigned(added)
  }

  /** What was committed; else the end that is asked for, as it is now and not when the first record is read. */
  async #locate(partitions: readonly TopicPartition[], signal: AbortSignal): Promise<readonly GroupOffset[]> {
    const committed = await this.#coordinator.committed(partitions, signal)
    const located = new Set(committed.map(nameOf))
    const open = partitions.filter((each) => !located.has(nameOf(each)))
    if (open.length === 0 || this.#reset === 'none') return committed
    const at = this.#reset === 'earliest' ? earliest : latest
    const question = { places: open, at, committedOnly: this.#settings.committedOnly, deadlineMs: locateMs }
    const found: Offsets = new Map()
    await offsetsAt(this.#data, this.#fetcher.leaders, question, found).catch((error: unknown) => {
      // The others need not wait for a partition without a leader; it is found when it has one.
      if (!(error instanceof ConnectError && error.retriable)) throw error
    })
    return [
      ...committed,
      ...open.flatMap((each) => {
        const offset = found.get(nameOf(each))
        return offset === undefined ? [] : [{ ...each, offset }]
      }),
    ]
  }

  async commit(offsets: readonly GroupOffset[]): Promise<void> {
    if (offsets.length > 0) await this.#membership.commit(offsets)
  }

  seek(partition: TopicPartition, offset: bigint): void {
    this.#fetcher.seek(this.#own(partition), offset)
  }

  pause(partitions: readonly TopicPartition[]): void {
    this.#fetcher.pause(
      partitions.map((each) => this.#own(each)),
      true,
    )
  }

  resume(partitions: readonly TopicPartition[]): void {
    this.#fetcher.pause(
      partitions.map((each) => this.#own(each)),
      false,
    )
  }

  assignment(): readonly TopicPartition[] {
    return [...this.#assigned.values()].map(placeOf)
  }

  #own(partition: TopicPartition): TopicPartition {
    if (this.#assigned.has(nameOf(partition))) return partition
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
      const { listener } = this.#options
      if (mine.length > 0) await (this.#membership.lost ? listener.lost(mine) : listener.revoked(mine))
    } finally {
      this.#assigned.clear()
      this.#fetcher[Symbol.dispose]()
      await this.#membership.leave()
      this.#group[Symbol.dispose]()
      this.#data[Symbol.dispose]()
    }
  }
}
