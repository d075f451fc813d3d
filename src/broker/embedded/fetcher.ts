/**
 * Reads partitions from given positions on: keeps one fetch open at the store, holds what has come, decodes it as it
 * is taken. Holds at most about two replies, compressed, so a slow reader costs little memory.
 */
import { setTimeout as after } from 'node:timers/promises'
import type { ConsumedRecord, TopicPartition } from '../broker.ts'
import { UnknownTopicError } from '../errors.ts'
import { BatchReader } from '../record/batch-reader.ts'
import type { Channel } from './channel.ts'
import type { FetchedChunk, FetchReply } from './protocol.ts'

interface Place extends TopicPartition {
  readonly id: number
  /** Offset of the next record to hand out. */
  position: number
  /** Offset of the next record to ask for. */
  ahead: number
  paused: boolean
}

interface Held {
  readonly place: Place
  readonly reader: BatchReader
  readonly bytes: number
  readonly next: number
}

export interface FetcherOptions {
  /** Where to go on when a position is no longer there. */
  readonly reset: 'earliest' | 'latest'
  readonly fetchBytes: number
  /** What happens when a topic is deleted: a reader fails, a group member hears of it from its group. */
  readonly goneFails: boolean
}

/** Compressed bytes are held, but a reader takes records: so many times the bytes of a fetch, or a single larger one. */
const unpackedPerFetched = 8

export class Fetcher {
  readonly #channel: Channel
  readonly #options: FetcherOptions
  readonly #session: number
  readonly #places = new Map<number, Place>()
  #held: Held[] = []
  #heldBytes = 0
  /** Counts fetches; a reply to another than the last one may still be of use, but opens no further fetch. */
  #fetch = 0
  #fetching = false
  /** true while positions have changed and there was no room for a new fetch. */
  #stale = false
  #failure: Error | null = null
  #wake: () => void = () => {}
  readonly #offEnd: () => void

  constructor(channel: Channel, options: FetcherOptions) {
    this.#channel = channel
    this.#options = options
    this.#session = channel.nextId()
    this.#offEnd = channel.onEnd((error) => this.#fail(error))
  }

  add(places: readonly (TopicPartition & { readonly id: number; readonly position: number })[]): void {
    for (const { id, topic, partition, position } of places)
      this.#places.set(id, { id, topic, partition, position, ahead: position, paused: false })
    this.#changed()
  }

  remove(ids: readonly number[]): void {
    for (const id of ids) this.#places.delete(id)
    this.#drop(ids)
    this.#changed()
  }

  seek(id: number, offset: number): void {
    const place = this.#places.get(id)
    if (place === undefined) return
    this.#drop([id])
    place.position = offset
    place.ahead = offset
    this.#changed()
  }

  /** What has come for a paused partition is dropped and asked for again later. */
  pause(ids: readonly number[], paused: boolean): void {
    const places = ids.map((id) => this.#places.get(id)).filter((place) => place !== undefined)
    this.#drop(ids)
    for (const place of places) {
      place.paused = paused
      place.ahead = place.position
    }
    this.#changed()
  }

  position(id: number): number | null {
    return this.#places.get(id)?.position ?? null
  }

  /** Up to `most` of the records that have come; opens the next fetch when there is room for it. */
  take(most: number): ConsumedRecord[] {
    if (this.#failure !== null) throw this.#failure
    const records: ConsumedRecord[] = []
    let room = this.#options.fetchBytes * unpackedPerFetched
    while (records.length < most && room > 0) {
      const [front] = this.#held
      if (front === undefined) break
      const record = this.#decoded(front.reader)
      if (record === null) {
        front.place.position = front.next
        this.#heldBytes -= front.bytes
        this.#held.shift()
        continue
      }
      front.place.position = Number(record.offset) + 1
      records.push(record)
      room -= (record.key?.length ?? 0) + (record.value?.length ?? 0)
    }
    if (!this.#fetching || this.#stale) this.#open()
    return records
  }

  /** Bytes that cannot be read end it: whoever asks again must not be given what comes behind them. */
  #decoded(reader: BatchReader): ConsumedRecord | null {
    try {
      return reader.next()
    } catch (error) {
      this.#failure ??= error instanceof Error ? error : new Error(String(error))
      throw this.#failure
    }
  }

  /** Resolves when something has come, when `interrupt` is called, on the signal, or after the time. */
  async wait(timeoutMs: number, signal: AbortSignal): Promise<void> {
    if (this.#held.length > 0 || this.#failure !== null || signal.aborted || timeoutMs <= 0) return
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

  async close(): Promise<void> {
    this.#offEnd()
    this.#places.clear()
    this.#held = []
    this.#failure ??= new Error('The reader is closed.')
    this.#wake()
    await this.#channel.call('endSession', { session: this.#session }).catch(() => {})
  }

  #drop(ids: readonly number[]): void {
    this.#held = this.#held.filter(({ place }) => !ids.includes(place.id))
    this.#heldBytes = this.#held.reduce((sum, { bytes }) => sum + bytes, 0)
  }

  /** The open fetch asks for the wrong positions by now: a new one takes its place. */
  #changed(): void {
    this.#stale = true
    this.#open()
  }

  #open(): void {
    if (this.#failure !== null || this.#heldBytes >= this.#options.fetchBytes) return
    this.#stale = false
    const positions = [...this.#places.values()]
      .filter(({ paused }) => !paused)
      .map(({ id, ahead }) => ({ partition: id, offset: ahead }))
    const fetch = ++this.#fetch
    this.#fetching = positions.length > 0
    if (positions.length === 0) return
    this.#channel
      .call('fetch', { session: this.#session, positions, maxBytes: this.#options.fetchBytes })
      .then((reply) => this.#receive(fetch, reply))
      .catch((error: Error) => this.#fail(error))
  }

  #receive(fetch: number, reply: FetchReply): void {
    for (const chunk of reply.chunks) this.#hold(chunk)
    for (const { partition, from, first, next } of reply.outOfRange) {
      const place = this.#places.get(partition)
      if (place === undefined || place.ahead !== from) continue
      place.ahead = this.#options.reset === 'earliest' ? first : next
      place.position = place.ahead
    }
    for (const id of reply.gone) this.#gone(id)
    if (fetch === this.#fetch) {
      this.#fetching = false
      this.#open()
    }
    const moved = reply.chunks.length > 0 || reply.outOfRange.length > 0
    if (this.#held.length > 0 || this.#failure !== null || moved) this.#wake()
  }

  #hold({ partition, from, bytes, next }: FetchedChunk): void {
    const place = this.#places.get(partition)
    if (place === undefined || place.paused || place.ahead !== from) return
    place.ahead = next
    const reader = new BatchReader(place.topic, place.partition, bytes, { from: BigInt(from) })
    this.#held.push({ place, reader, bytes: bytes.length, next })
    this.#heldBytes += bytes.length
  }

  #gone(id: number): void {
    const place = this.#places.get(id)
    if (place === undefined) return
    this.#drop([id])
    this.#places.delete(id)
    if (this.#options.goneFails)
      this.#fail(new UnknownTopicError(`The topic ${place.topic} was deleted while it was read.`))
  }

  #fail(error: Error): void {
    this.#failure ??= error
    this.#wake()
  }
}
