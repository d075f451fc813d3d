/**
 * Puts batches into the target. A batch that failed in passing is held back, the same records, until its time has come
 * to be put again; nothing after it is read meanwhile. Only a batch that was put moves the offsets.
 */
import type { Consumer, ConsumedRecord, TopicPartition } from '#broker'
import type { SinkRecord } from '#data'
import { ConnectError, messageOf } from '#errors'
import type { Logger } from '#observe'
import type { SinkTask } from '#plugin'
import { backoffMs, type Clock } from '../clock.ts'
import type { ErrorCounts, SinkCounts } from '../metrics.ts'
import { isRetriable } from '../tolerance.ts'
import type { Outlet } from './outlet.ts'
import { endOf, type Positions } from './positions.ts'

export interface DeliveryParts {
  readonly task: SinkTask
  readonly consumer: Consumer
  readonly outlet: Outlet
  readonly positions: Positions
  readonly clock: Clock
  readonly log: Logger
  readonly stopping: AbortSignal
  readonly counts: SinkCounts
  readonly errorCounts: ErrorCounts
  /** Longest wait before a batch is put again, where the task asks for none. */
  readonly retryDelayMaxMs: number
}

interface Held {
  readonly raw: readonly ConsumedRecord[]
  readonly records: readonly SinkRecord[]
  readonly attempt: number
  readonly at: number
}

export class Delivery {
  readonly #parts: DeliveryParts
  #held: Held | null = null
  #retryAfterMs: number | null = null
  #filteredBefore = 0

  constructor(parts: DeliveryParts) {
    this.#parts = parts
  }

  /** Milliseconds until the held batch may be put again; null: none is held. */
  get heldForMs(): number | null {
    return this.#held === null ? null : Math.max(0, this.#held.at - this.#parts.clock.now())
  }

  /** What the task asks for, for the next failed put. */
  retryAfter(ms: number): void {
    this.#retryAfterMs = ms
  }

  /** Converts and puts what was read. Records of partitions that have gone since are another member's. */
  async deliver(read: readonly ConsumedRecord[]): Promise<void> {
    const { outlet, positions, counts, log } = this.#parts
    if (read.length > 0) log.debug(`${read.length} records were read`)
    const raw = read.every((record) => positions.owns(record))
      ? read
      : read.filter((record) => positions.owns(record))
    counts.read.inc(raw.length)
    const records = raw.length === 0 ? [] : await outlet.convert(raw)
    counts.filtered.inc(outlet.filtered - this.#filteredBefore)
    this.#filteredBefore = outlet.filtered
    await this.#put(raw, records, 0)
  }

  /** Puts the held batch again. */
  async retry(): Promise<void> {
    const held = this.#held
    if (held === null) return
    this.#parts.errorCounts.retries.inc(1)
    await this.#put(held.raw, held.records, held.attempt)
  }

  /** Partitions were taken away: their records leave the held batch. */
  drop(partitions: readonly TopicPartition[]): void {
    const held = this.#held
    if (held === null) return
    const stays = ({ topic, partition }: TopicPartition): boolean =>
      !partitions.some((each) => each.topic === topic && each.partition === partition)
    this.#held = {
      ...held,
      raw: held.raw.filter(stays),
      records: held.records.filter((record) => stays(record.origin)),
    }
  }

  async #put(raw: readonly ConsumedRecord[], records: readonly SinkRecord[], attempt: number): Promise<void> {
    const { task, positions, counts, clock, stopping } = this.#parts
    const started = clock.now()
    this.#retryAfterMs = null
    try {
      await task.put(records, stopping)
    } catch (error) {
      stopping.throwIfAborted()
      if (!isRetriable(error)) throw unrecoverable(error)
      this.#hold({ raw, records, attempt: attempt + 1, at: clock.now() + this.#delay(attempt) }, error)
      return
    }
    counts.puts.took(clock.now() - started)
    counts.records.inc(records.length)
    positions.delivered(endOf(raw))
    if (this.#held === null) return
    this.#held = null
    this.#parts.consumer.resume(positions.owned())
  }

  #delay(attempt: number): number {
    return this.#retryAfterMs ?? backoffMs(attempt, this.#parts.retryDelayMaxMs)
  }

  #hold(held: Held, error: unknown): void {
    const { consumer, positions, log } = this.#parts
    if (this.#held === null) consumer.pause(positions.owned())
    this.#held = held
    const wait = Math.round(this.heldForMs ?? 0)
    log.warn({ err: error }, `A put failed and is tried again in ${wait} ms: ${messageOf(error)}`)
  }
}

/** In Connect's words. */
export function unrecoverable(cause: unknown): ConnectError {
  return new ConnectError('Exiting WorkerSinkTask due to unrecoverable exception.', { cause })
}
