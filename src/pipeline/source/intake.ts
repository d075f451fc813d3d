/**
 * Takes a task's records into the broker's writer: transforms, converters, append, in the order of the batch
 * (invariant 3). A record that is done, dropped by a transform or skipped advances its offset alike (invariant 5).
 * Without errors.tolerance and retries the converters write straight into the growing batch; with them they write aside
 * first, so that a record that fails half-way leaves nothing behind.
 */
import type { OutgoingRecord, SourceWriter } from '#broker'
import type { ConnectRecord, SourceRecord } from '#data'
import { type Chain, type ChainState, runChain } from '../chain.ts'
import { type Clock, orAborted } from '../clock.ts'
import type { Converters } from '../converters.ts'
import { type Failure, isRetriable, skipped, type Tolerance } from '../tolerance.ts'
import type { UsedTopics } from '../used-topics.ts'
import type { NewestOffsets } from './newest-offsets.ts'
import { Outgoing } from './outgoing.ts'
import { convertedAside, convertedInPlace, type OutgoingForm } from './outgoing-form.ts'

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
  readonly topics: UsedTopics
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
  readonly #form: OutgoingForm

  constructor(parts: IntakeParts) {
    this.#parts = parts
    this.#outgoing = new Outgoing(parts.converters)
    this.#form = parts.aside ? convertedAside(this.#outgoing) : convertedInPlace(this.#outgoing)
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
    try {
      const barrier = this.#attempt(changed)
      return barrier === null ? null : this.#pass(record, changed, barrier)
    } catch (error) {
      return this.#again(record, changed, error)
    }
  }

  #attempt(changed: ConnectRecord): Promise<void> | null {
    return this.#form.become(changed) ?? this.#write(this.#form.ready)
  }

  /** Awaits barriers and tries again until the record is in, or may be skipped. */
  async #pass(record: SourceRecord, changed: ConnectRecord, first: Promise<void>): Promise<void> {
    const { stopping, newest } = this.#parts
    for (let barrier: Promise<void> | null = first; barrier !== null; ) {
      try {
        await orAborted(barrier, stopping)
        stopping.throwIfAborted()
        barrier = this.#attempt(changed)
      } catch (error) {
        stopping.throwIfAborted()
        if ((await this.#failed(record, changed, error)) === skipped) break
        barrier = Promise.resolve()
      }
    }
    newest.note(record.from)
  }

  async #again(record: SourceRecord, changed: ConnectRecord, error: unknown): Promise<void> {
    if ((await this.#failed(record, changed, error)) !== skipped)
      return this.#pass(record, changed, Promise.resolve())
    this.#parts.newest.note(record.from)
  }

  /** Resolves when the record may be tried again, or skipped. */
  async #failed(
    record: SourceRecord,
    changed: ConnectRecord,
    error: unknown,
  ): Promise<true | typeof skipped> {
    const { tolerance, clock, stopping } = this.#parts
    if (this.#outgoing.stage !== 'KAFKA_PRODUCE') {
      const failureOf = (thrown: unknown) => this.#failure(thrown)
      return tolerance.recover(record, failureOf, error, () => this.#converted(changed))
    }
    if (!isRetriable(error)) throw error
    await clock.sleep(produceRetryMs, stopping)
    return true
  }

  async #converted(changed: ConnectRecord): Promise<true> {
    const { stopping } = this.#parts
    for (let barrier = this.#form.become(changed); barrier !== null; barrier = this.#form.become(changed)) {
      await orAborted(barrier, stopping)
      stopping.throwIfAborted()
    }
    return true
  }

  #failure(error: unknown): Failure {
    return { stage: this.#outgoing.stage, javaClass: this.#outgoing.javaClass, error }
  }

  #write(outgoing: OutgoingRecord): Promise<void> | null {
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
