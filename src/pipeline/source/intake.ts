/**
 * Takes a task's records into the broker's writer: transforms, converters, append, in the order of the batch
 * (invariant 3). A record that is done, dropped by a transform or skipped advances its offset alike (invariant 5).
 * Without errors.tolerance and retries the converters write straight into the growing batch; with them they write aside
 * first, so that a record that fails half-way leaves nothing behind.
 */
import type { SourceWriter } from '#broker'
import { ByteBuffer } from '#bytes'
import type { ConnectRecord, SourceRecord } from '#data'
import { type Chain, type ChainState, runChain } from '../chain.ts'
import { type Clock, orAborted } from '../clock.ts'
import type { Converters } from '../converters.ts'
import { type Failure, isRetriable, skipped, type Tolerance } from '../tolerance.ts'
import type { TopicLog } from '../topic-log.ts'
import type { NewestOffsets } from './newest-offsets.ts'
import { Outgoing } from './outgoing.ts'

export interface IntakeParts {
  readonly writer: SourceWriter
  readonly chain: Chain
  readonly converters: Converters
  readonly tolerance: Tolerance<SourceRecord>
  /** Failures may be retried or skipped: convert aside first. */
  readonly aside: boolean
  readonly newest: NewestOffsets
  readonly clock: Clock
  readonly stopping: AbortSignal
  readonly topics: TopicLog
}

/** A topic that could not be made is tried again after this time, as in Connect. */
const produceRetryMs = 100

export class Intake {
  /** Since the last `resetCounts`. */
  records = 0
  bytes = 0
  filtered = 0
  readonly #parts: IntakeParts
  readonly #outgoing: Outgoing
  readonly #aside: AsideRecord | null

  constructor(parts: IntakeParts) {
    this.#parts = parts
    this.#outgoing = new Outgoing(parts.converters)
    this.#aside = parts.aside ? new AsideRecord(this.#outgoing) : null
  }

  resetCounts(): void {
    this.records = this.bytes = this.filtered = 0
  }

  /** null: the record is done. Else a promise to await before the next record; it rejects where the task must fail. */
  take(record: SourceRecord): Promise<void> | null {
    const { chain, newest } = this.#parts
    let changed: ConnectRecord | null = record
    if (chain.length > 0) {
      const state: ChainState = { step: 0, record }
      try {
        changed = runChain(chain, state)
      } catch (error) {
        return this.#recoverTransform(record, state, error)
      }
    }
    const pending = changed === null ? this.#drop() : this.#append(record, changed)
    if (pending !== null) return pending
    newest.note(record.from)
    return null
  }

  #drop(): null {
    this.filtered++
    return null
  }

  async #recoverTransform(record: SourceRecord, state: ChainState, error: unknown): Promise<void> {
    const { chain, tolerance, newest } = this.#parts
    const failureOf = (thrown: unknown): Failure => ({
      stage: 'TRANSFORMATION',
      javaClass: chain[state.step]?.javaClass ?? '',
      error: thrown,
    })
    const changed = await tolerance.recover(record, failureOf, error, () => runChain(chain, state))
    if (changed === null) this.#drop()
    else if (changed !== skipped) {
      const pending = this.#append(record, changed)
      if (pending !== null) return pending
    }
    newest.note(record.from)
  }

  /** null: taken in, but its offset is still to be noted. A promise notes it itself. */
  #append(record: SourceRecord, changed: ConnectRecord): Promise<void> | null {
    if (this.#aside !== null) return this.#appendAside(record, changed, this.#aside)
    try {
      const barrier = this.#outgoing.become(changed) ?? this.#write(this.#outgoing)
      return barrier === null ? null : this.#pass(record, barrier, () => this.#direct(changed))
    } catch (error) {
      return this.#again(record, error, () => this.#direct(changed))
    }
  }

  #direct(changed: ConnectRecord): Promise<void> | null {
    return this.#outgoing.become(changed) ?? this.#write(this.#outgoing)
  }

  /** Awaits barriers and tries again until the record is in. */
  async #pass(
    record: SourceRecord,
    first: Promise<void>,
    attempt: () => Promise<void> | null,
  ): Promise<void> {
    const { stopping, newest } = this.#parts
    for (let barrier: Promise<void> | null = first; barrier !== null; ) {
      try {
        await orAborted(barrier, stopping)
        stopping.throwIfAborted()
        barrier = attempt()
      } catch (error) {
        stopping.throwIfAborted()
        await this.#failed(record, error)
        barrier = Promise.resolve()
      }
    }
    newest.note(record.from)
  }

  async #again(record: SourceRecord, error: unknown, attempt: () => Promise<void> | null): Promise<void> {
    await this.#failed(record, error)
    return this.#pass(record, Promise.resolve(), attempt)
  }

  /** Resolves when the record may be tried again. */
  async #failed(record: SourceRecord, error: unknown): Promise<void> {
    const { tolerance, clock, stopping } = this.#parts
    if (this.#outgoing.stage !== 'KAFKA_PRODUCE') return tolerance.giveUp(record, this.#failure(error))
    if (!isRetriable(error)) throw error
    await clock.sleep(produceRetryMs, stopping)
  }

  async #appendAside(record: SourceRecord, changed: ConnectRecord, aside: AsideRecord): Promise<void> {
    const { tolerance, stopping, newest } = this.#parts
    let converted: true | typeof skipped
    try {
      converted = await aside.convert(changed, stopping)
    } catch (error) {
      stopping.throwIfAborted()
      converted = await tolerance.recover(
        record,
        (thrown) => this.#failure(thrown),
        error,
        () => aside.convert(changed, stopping),
      )
    }
    if (converted === skipped) return newest.note(record.from)
    await this.#pass(record, Promise.resolve(), () => this.#write(aside.ready))
  }

  #failure(error: unknown): Failure {
    return { stage: this.#outgoing.stage, javaClass: this.#outgoing.javaClass, error }
  }

  #write(outgoing: Parameters<SourceWriter['append']>[0]): Promise<void> | null {
    const { writer, topics } = this.#parts
    const before = writer.pendingBytes
    this.#outgoing.stage = 'KAFKA_PRODUCE'
    const barrier = writer.append(outgoing)
    if (barrier !== null) return barrier
    this.bytes += writer.pendingBytes - before
    this.records++
    topics.saw(outgoing.topic)
    return null
  }
}

/** A record whose key and value are bytes before the writer sees them. */
class AsideRecord {
  readonly #outgoing: Outgoing
  readonly #key = new ByteBuffer()
  readonly #value = new ByteBuffer()
  #hasKey = false
  #hasValue = false
  readonly ready: Parameters<SourceWriter['append']>[0]

  constructor(outgoing: Outgoing) {
    this.#outgoing = outgoing
    const copy = (from: ByteBuffer, there: () => boolean) => (out: ByteBuffer) => {
      if (there()) out.append(from.bytes, 0, from.length)
      return there()
    }
    this.ready = {
      get topic() {
        return outgoing.topic
      },
      get partition() {
        return outgoing.partition
      },
      get timestamp() {
        return outgoing.timestamp
      },
      get headers() {
        return outgoing.headers
      },
      writeKey: copy(this.#key, () => this.#hasKey),
      writeValue: copy(this.#value, () => this.#hasValue),
    }
  }

  async convert(record: ConnectRecord, stopping: AbortSignal): Promise<true> {
    for (let barrier = this.#outgoing.become(record); barrier !== null; ) {
      await orAborted(barrier, stopping)
      stopping.throwIfAborted()
      barrier = this.#outgoing.become(record)
    }
    this.#key.clear()
    this.#hasKey = this.#outgoing.writeKey(this.#key)
    this.#value.clear()
    this.#hasValue = this.#outgoing.writeValue(this.#value)
    return true
  }
}
