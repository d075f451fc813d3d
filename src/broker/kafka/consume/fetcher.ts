/**
 * Reads partitions from given positions on. One fetch is in flight per broker, held back there until something comes,
 * and runs ahead while the caller works; what has come is held up to a bound, and decoded as it is taken. Leaders that
 * move and brokers that go are followed for as long as it takes.
 */
import { setTimeout as after } from 'node:timers/promises'
import type { ConsumedRecord, TopicPartition } from '../../broker.ts'
import { ConnectError, messageOf } from '#errors'
import { UnknownTopicError } from '../../errors.ts'
import type { ConsumerSettings } from '../properties/consumer-settings.ts'
import type { KafkaCluster } from '../transport/cluster.ts'
import { errorName, KafkaError } from '../wire/error-code.ts'
import { type FetchedPartition, type FetchLimits, fetchRequest } from '../wire/fetch.ts'
import { earliest, latest } from '../wire/list-offsets.ts'
import { NoOffsetError, OffsetGoneError } from './errors.ts'
import { HeldRecords } from './held-records.ts'
import { Leaders } from './leaders.ts'
import { log } from './log.ts'
import { type Offsets, offsetsAt } from './offsets-at.ts'
import { pause } from './pause.ts'
import { nameOf, newPlace, type Place } from './place.ts'

export interface FetcherOptions {
  readonly settings: ConsumerSettings
  /** Where to begin without a position, and where to go on when it is no longer there. */
  readonly reset: 'earliest' | 'latest' | 'none'
  /** A reader promises everything: that something of its topics is gone is its end. A group hears of it as a group. */
  readonly goneFails: boolean
}

/** Bytes that are held before the next fetch waits; an answer is no larger, unless its first batch is. */
const mostHeld = 4 << 20
/** A topic that was just made is not known to every broker at once. */
const goneAfterMs = 5000
/** What has no leader holds up nothing else for longer. */
const resetMs = 5000
const [outOfRange, corrupt] = [1, 2]

export class Fetcher implements Disposable {
  readonly #cluster: KafkaCluster
  readonly #options: FetcherOptions
  readonly #limits: FetchLimits
  readonly leaders: Leaders
  /** By name, in the order in which they are asked for: who has got something goes to the end. */
  readonly #places = new Map<string, Place>()
  readonly #held = new HeldRecords()
  /** Brokers that owe an answer. */
  readonly #asked = new Set<number>()
  /** Fetches in a row that have failed, by broker. */
  readonly #failures = new Map<number, number>()
  readonly #end = new AbortController()
  #resetting = false
  #failure: Error | null = null
  #wake: () => void = () => {}

  constructor(cluster: KafkaCluster, options: FetcherOptions) {
    const { settings } = options
    this.#cluster = cluster
    this.#options = options
    this.#limits = {
      minBytes: settings.fetchMinBytes,
      maxBytes: Math.min(settings.fetchMaxBytes, mostHeld),
      maxWaitMs: settings.fetchMaxWaitMs,
      partitionBytes: settings.partitionFetchBytes,
      committedOnly: settings.committedOnly,
      rack: settings.rack,
    }
    this.leaders = new Leaders(cluster, {
      changed: () => this.#leadersChanged(),
      failed: (error) => this.fail(error),
    })
  }

  /** A position of null is found as `reset` says. */
  add(places: readonly (TopicPartition & { readonly position: bigint | null })[]): void {
    for (const place of places) this.#places.set(nameOf(place), newPlace(place, place.position))
    this.#goOn()
  }

  remove(partitions: readonly TopicPartition[]): void {
    this.#held.drop(this.#find(partitions))
    for (const each of partitions) this.#places.delete(nameOf(each))
    this.#goOn()
  }

  seek(partition: TopicPartition, offset: bigint): void {
    const places = this.#find([partition])
    this.#held.drop(places)
    for (const place of places) {
      place.position = offset
      place.ahead = offset
    }
    this.#goOn()
  }

  /** What has come for a paused partition is dropped and asked for again later. */
  pause(partitions: readonly TopicPartition[], paused: boolean): void {
    const places = this.#find(partitions)
    this.#held.drop(places)
    for (const place of places) {
      place.paused = paused
      place.ahead = place.position
    }
    this.#goOn()
  }

  /** Everything before this offset was taken, or is not there. */
  reached(partition: TopicPartition): bigint {
    const place = this.#places.get(nameOf(partition))
    if (place === undefined) return -1n
    const { position, emptyUpTo } = place
    return position === null || emptyUpTo > position ? emptyUpTo : position
  }

  /** Up to `most` of the records that have come. Bytes that cannot be read end it: nothing behind them is handed out. */
  take(most: number): ConsumedRecord[] {
    if (this.#failure !== null) throw this.#failure
    try {
      const records = this.#held.take(most)
      this.#goOn()
      return records
    } catch (error) {
      this.fail(error)
      throw error
    }
  }

  /** Resolves when something has come, when `interrupt` is called, on the signal, or after the time. */
  async wait(timeoutMs: number, signal: AbortSignal): Promise<void> {
    if (!this.#held.empty || this.#failure !== null || signal.aborted || timeoutMs <= 0) return
    const over = new AbortController()
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#wake = resolve
    signal.addEventListener('abort', () => resolve(), { once: true, signal: over.signal })
    after(timeoutMs, undefined, { signal: over.signal }).then(resolve, () => {})
    await promise
    over.abort()
  }

  interrupt(): void {
    this.#wake()
  }

  /** Whoever takes or waits next is told. */
  fail(thrown: unknown): void {
    this.#failure ??= thrown instanceof Error ? thrown : new Error(String(thrown))
    this.#wake()
  }

  [Symbol.dispose](): void {
    this.#end.abort()
    this.leaders[Symbol.dispose]()
    this.#held.drop([...this.#places.values()])
    this.#places.clear()
    this.fail(new ConnectError('The consumer is closed.'))
  }

  #find(partitions: readonly TopicPartition[]): Place[] {
    return partitions.flatMap((each) => this.#places.get(nameOf(each)) ?? [])
  }

  /** Sends what can be asked now. A broker with a partition that has enough is asked later, for all of them. */
  #goOn(): void {
    if (this.#failure !== null || this.#held.bytes >= mostHeld) return
    const byNode = new Map<number, Place[]>()
    const full = new Set<number>()
    let unplaced = false
    for (const place of this.#places.values()) {
      if (place.paused || (place.draining && place.heldBytes > 0)) continue
      if (place.ahead === null) {
        unplaced = true
        continue
      }
      const node = this.#nodeOf(place)
      if (node < 0) this.leaders.renew(place.topic)
      else if (place.heldBytes >= this.#limits.partitionBytes) full.add(node)
      else byNode.set(node, [...(byNode.get(node) ?? []), place])
    }
    if (unplaced) void this.#reset()
    for (const [node, places] of byNode)
      if (!this.#asked.has(node) && !full.has(node)) void this.#fetch(node, places)
  }

  #nodeOf(place: Place): number {
    if (place.replica !== null && place.replica.until > performance.now()) return place.replica.node
    return this.leaders.of(place)
  }

  async #fetch(node: number, places: readonly Place[]): Promise<void> {
    const from = places.map(({ topic, partition, ahead }) => ({ topic, partition, offset: ahead ?? 0n }))
    const asked = new Map(from.map((each, i) => [nameOf(each), { place: places[i], offset: each.offset }]))
    this.#asked.add(node)
    try {
      const answer = await this.#cluster.send(node, fetchRequest(this.#limits, from))
      this.#answered(node)
      const nothing = answer.every(({ records }) => records.length === 0)
      let better = true
      for (const fetched of answer) {
        const { place, offset } = asked.get(nameOf(fetched)) ?? {}
        // Removed, sought or paused meanwhile: it is no longer what is wanted.
        if (place === undefined || this.#places.get(nameOf(place)) !== place || place.paused) continue
        if (place.ahead === null || place.ahead !== offset) continue
        if (fetched.error !== 0) better = this.#refused(place, fetched.error) && better
        else this.#receive(place, fetched, nothing)
      }
      if (better) this.leaders.settled()
    } catch (error) {
      await this.#failed(node, places, error)
    } finally {
      this.#asked.delete(node)
    }
    this.#goOn()
    this.#wake()
  }

  #answered(node: number): void {
    if (this.#failures.delete(node)) log().info(`The Kafka broker ${node} answers again`)
  }

  /** A passing failure: the leaders may have moved, the broker may come back. */
  async #failed(node: number, places: readonly Place[], error: unknown): Promise<void> {
    if (this.#end.signal.aborted) return
    if (!(error instanceof ConnectError && error.retriable)) return this.fail(error)
    const failures = this.#failures.get(node) ?? 0
    this.#failures.set(node, failures + 1)
    // At first, and then ever more rarely.
    if (Math.log2(failures + 1) % 1 === 0)
      log().warn({ err: error }, `Fetching from broker ${node} is tried again: ${messageOf(error)}`)
    for (const place of places) {
      place.replica = null
      this.leaders.forget(place)
    }
    await pause(this.#cluster.options, failures, this.#end.signal)
  }

  #receive(place: Place, fetched: FetchedPartition, nothing: boolean): void {
    const { committedOnly } = this.#limits
    const from = place.ahead ?? 0n
    if (fetched.preferredReplica >= 0) {
      const until = performance.now() + this.#options.settings.metadataMaxAgeMs
      place.replica = { node: fetched.preferredReplica, until }
      return
    }
    try {
      const next = this.#held.hold(place, from, fetched, this.#options.settings.checkCrcs)
      if (next !== null) {
        place.ahead = next
        place.begun = true
      }
    } catch (error) {
      return this.fail(error)
    }
    if (fetched.records.length > 0) {
      this.#places.delete(nameOf(place))
      this.#places.set(nameOf(place), place)
    } else if (nothing && place.heldBytes === 0) {
      // Where the last records were compacted away, nothing that comes would ever bring the position there.
      place.emptyUpTo = committedOnly ? fetched.lastStableOffset : fetched.highWatermark
    }
  }

  /** true: nothing that asking for the leaders anew could better. */
  #refused(place: Place, error: number): boolean {
    const refusal = new KafkaError(error, `${nameOf(place)} cannot be read`)
    if (error === outOfRange && place.replica === null) this.#outOfRange(place)
    else if (error === outOfRange) place.replica = null
    else if (error === corrupt || (!refusal.retriable && error > 0)) this.fail(refusal)
    else {
      log().debug(`${nameOf(place)} is fetched again: ${errorName(error)}`)
      place.replica = null
      this.leaders.forget(place)
      return false
    }
    return true
  }

  #outOfRange(place: Place): void {
    const { reset, goneFails } = this.#options
    const what = `The record at offset ${place.ahead} of ${nameOf(place)} is gone`
    if ((goneFails && place.begun) || reset === 'none')
      return this.fail(
        new OffsetGoneError(`${what}: retention has removed it, or the topic was made anew.`, {
          remedy: goneFails
            ? 'Start again to read what is there.'
            : 'Set auto.offset.reset to earliest or latest, or alter the offsets of the group.',
        }),
      )
    // What is held comes first; the position follows from there.
    place.draining = place.heldBytes > 0
    if (place.draining) return
    log().warn(`${what}; reading goes on from the ${reset} one`)
    place.ahead = null
    place.position = null
  }

  /** Finds positions for those that have none. */
  async #reset(): Promise<void> {
    if (this.#resetting) return
    const { reset, settings } = this.#options
    const places = [...this.#places.values()].filter(({ ahead, paused }) => ahead === null && !paused)
    const names = places.map(nameOf).join(', ')
    if (reset === 'none')
      return this.fail(
        new NoOffsetError(`The group has no committed offset for ${names}, and auto.offset.reset is none.`, {
          remedy: 'Set auto.offset.reset to earliest or latest, or alter the offsets of the group.',
        }),
      )
    this.#resetting = true
    const at = reset === 'earliest' ? earliest : latest
    const question = { places, at, committedOnly: settings.committedOnly, deadlineMs: resetMs }
    const found: Offsets = new Map()
    await offsetsAt(this.#cluster, this.leaders, question, found).catch((error: unknown) => {
      if (!(error instanceof ConnectError && error.retriable)) this.fail(error)
      else if (!this.#end.signal.aborted)
        log().warn({ err: error }, `Where to begin in ${names} is asked again: ${messageOf(error)}`)
    })
    for (const place of places) {
      if (place.ahead !== null) continue
      place.position = found.get(nameOf(place)) ?? null
      place.ahead = place.position
    }
    this.#resetting = false
    this.#goOn()
  }

  #leadersChanged(): void {
    for (const { topic } of this.#places.values()) {
      if (!this.#options.goneFails || this.leaders.missingMs(topic) < goneAfterMs) continue
      this.fail(new UnknownTopicError(`The topic ${topic} was deleted while it was read.`))
    }
    this.#goOn()
  }
}
