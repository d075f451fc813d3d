/**
 * Turns consumed bytes into the records a sink task gets: key, value and header converters, then transforms, in
 * Connect's order. A record that cannot be converted goes the way of `errors.*`; one that a transform drops is gone,
 * and its offset counts with the batch it came in (invariant 5).
 */
import type { ConsumedRecord } from '#broker'
import { type Headers, noHeaders, type SinkRecord } from '#data'
import { type Chain, type ChainState, runChain } from '../chain.ts'
import { orAborted } from '../clock.ts'
import type { Converters } from '../converters.ts'
import type { Stage } from '../stage.ts'
import { type Failure, skipped, type Tolerance } from '../tolerance.ts'
import type { UsedTopics } from '../used-topics.ts'

export interface OutletParts {
  readonly chain: Chain
  readonly converters: Converters
  readonly tolerance: Tolerance<ConsumedRecord>
  readonly stopping: AbortSignal
  readonly topics: UsedTopics
  /** Remembers what a record was made of, for those that the task reports. */
  readonly remember: boolean
}

export class Outlet {
  /** Since the start: records that transforms dropped. */
  filtered = 0
  readonly #parts: OutletParts
  readonly #raw = new WeakMap<SinkRecord, ConsumedRecord>()
  readonly #hasBarriers: boolean
  #stage: Stage = 'KAFKA_CONSUME'
  #chainStep = 0
  #origin: SinkRecord['origin'] = { topic: '', partition: -1 }

  constructor(parts: OutletParts) {
    this.#parts = parts
    const { key, value } = parts.converters
    this.#hasBarriers = key.converter.prepareRead !== undefined || value.converter.prepareRead !== undefined
  }

  async convert(batch: readonly ConsumedRecord[]): Promise<SinkRecord[]> {
    const converted: SinkRecord[] = []
    for (const raw of batch) {
      this.#parts.topics.saw(raw.topic)
      if (this.#hasBarriers && (await this.#pass(raw)) === skipped) continue
      let record: SinkRecord | null | typeof skipped
      try {
        record = this.#read(raw)
      } catch (error) {
        record = await this.#recover(raw, error, () => this.#read(raw))
      }
      if (record === skipped) continue
      if (record === null) this.filtered++
      else converted.push(record)
    }
    return converted
  }

  /** The bytes that a record given to the task was made of. */
  rawOf(record: SinkRecord): ConsumedRecord | undefined {
    return this.#raw.get(record)
  }

  /** Awaits what the converters must know before they can read. */
  async #pass(raw: ConsumedRecord): Promise<true | typeof skipped> {
    const { stopping } = this.#parts
    try {
      return await this.#prepared(raw)
    } catch (error) {
      stopping.throwIfAborted()
      return this.#recover(raw, error, () => this.#prepared(raw))
    }
  }

  async #prepared(raw: ConsumedRecord): Promise<true> {
    const { converters, stopping } = this.#parts
    const { key, value } = converters
    for (;;) {
      this.#stage = 'KEY_CONVERTER'
      let barrier = key.converter.prepareRead?.(raw.topic, raw.key) ?? null
      if (barrier === null) {
        this.#stage = 'VALUE_CONVERTER'
        barrier = value.converter.prepareRead?.(raw.topic, raw.value) ?? null
      }
      if (barrier === null) return true
      await orAborted(barrier, stopping)
      stopping.throwIfAborted()
    }
  }

  #recover<T>(raw: ConsumedRecord, error: unknown, operation: () => T | Promise<T>) {
    return this.#parts.tolerance.recover(raw, (thrown) => this.#failure(thrown), error, operation)
  }

  #read(raw: ConsumedRecord): SinkRecord | null {
    const { chain, converters, remember } = this.#parts
    const { topic, partition } = raw
    this.#stage = 'KEY_CONVERTER'
    const key = converters.key.converter.read(topic, raw.key)
    this.#stage = 'VALUE_CONVERTER'
    const value = converters.value.converter.read(topic, raw.value)
    const headers = raw.headers.length === 0 ? noHeaders : this.#headers(raw)
    if (this.#origin.topic !== topic || this.#origin.partition !== partition)
      this.#origin = { topic, partition }
    const timestamp = raw.timestamp < 0n ? null : raw.timestamp
    const { offset } = raw
    const read: SinkRecord = {
      topic,
      partition,
      key,
      value,
      headers,
      timestamp,
      offset,
      origin: this.#origin,
    }
    const record = chain.length === 0 ? read : this.#transform(read)
    if (remember && record !== null) this.#raw.set(record, raw)
    return record
  }

  #transform(record: SinkRecord): SinkRecord | null {
    this.#stage = 'TRANSFORMATION'
    const state: ChainState = { step: 0, record }
    try {
      return runChain(this.#parts.chain, state) as SinkRecord | null
    } finally {
      this.#chainStep = state.step
    }
  }

  #headers(raw: ConsumedRecord): Headers {
    this.#stage = 'HEADER_CONVERTER'
    const { converter } = this.#parts.converters.header
    return raw.headers.map(({ key, value }) => ({ key, value: converter.read(raw.topic, key, value) }))
  }

  #failure(error: unknown): Failure {
    const { chain, converters } = this.#parts
    const stage = this.#stage
    const javaClass =
      stage === 'KEY_CONVERTER'
        ? converters.key.javaClass
        : stage === 'VALUE_CONVERTER'
          ? converters.value.javaClass
          : stage === 'HEADER_CONVERTER'
            ? converters.header.javaClass
            : (chain[this.#chainStep]?.javaClass ?? '')
    return { stage, javaClass, error }
  }
}
