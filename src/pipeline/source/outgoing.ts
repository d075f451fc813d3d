/**
 * One record on its way into the broker's writer. A single object stands for all records of a task, one after the
 * other: the writer keeps nothing of it. It knows at which stage it is, so that a failure can be named.
 */
import { encodeHeaders, type OutgoingRecord } from '#broker'
import { ByteBuffer } from '#bytes'
import { type ConnectRecord, type Headers, noHeaders } from '#data'
import { DataError } from '#errors'
import type { Converters } from '../converters.ts'
import type { Stage } from '../stage.ts'

export class Outgoing implements OutgoingRecord {
  topic = ''
  partition: number | null = null
  timestamp: bigint | null = null
  headers: Uint8Array
  /** Where the last call was; after a throw, what failed. */
  stage: Stage = 'HEADER_CONVERTER'
  readonly #converters: Converters
  readonly #prepares: boolean
  readonly #noHeaders: Uint8Array
  readonly #scratch = new ByteBuffer(64)
  /** Bytes by the identity of the header array: a source that reuses its array pays once. */
  readonly #encoded = new WeakMap<Headers, { readonly topic: string; readonly bytes: Uint8Array }>()
  #record: ConnectRecord | null = null
  #lastHeaders: Headers = noHeaders
  #lastTopic = ''

  constructor(converters: Converters) {
    this.#converters = converters
    this.#prepares =
      converters.key.converter.prepare !== undefined || converters.value.converter.prepare !== undefined
    this.#noHeaders = encodeHeaders([])
    this.headers = this.#noHeaders
  }

  /** Makes this the record to write; null: ready, else a barrier after which it must be made so again. */
  become(record: ConnectRecord): Promise<void> | null {
    this.#record = record
    const { topic, timestamp, headers } = record
    this.topic = topic
    this.partition = record.partition
    this.timestamp = timestamp !== null && timestamp < 0n ? validTime(timestamp) : timestamp
    if (headers !== this.#lastHeaders || (topic !== this.#lastTopic && headers.length > 0)) {
      this.stage = 'HEADER_CONVERTER'
      this.headers = this.#headerBytes(topic, headers)
      this.#lastHeaders = headers
      this.#lastTopic = topic
    }
    return this.#prepares ? this.#prepare(record) : null
  }

  writeKey(out: ByteBuffer): boolean {
    this.stage = 'KEY_CONVERTER'
    const { topic, key } = this.#record as ConnectRecord
    const written = this.#converters.key.converter.write(topic, key, out)
    this.stage = 'KAFKA_PRODUCE'
    return written
  }

  writeValue(out: ByteBuffer): boolean {
    this.stage = 'VALUE_CONVERTER'
    const { topic, value } = this.#record as ConnectRecord
    const written = this.#converters.value.converter.write(topic, value, out)
    this.stage = 'KAFKA_PRODUCE'
    return written
  }

  /** The class that a failure at the present stage names. */
  get javaClass(): string {
    const { key, value, header } = this.#converters
    if (this.stage === 'KEY_CONVERTER') return key.javaClass
    if (this.stage === 'VALUE_CONVERTER') return value.javaClass
    return this.stage === 'HEADER_CONVERTER' ? header.javaClass : 'org.apache.kafka.connect.source.SourceTask'
  }

  #prepare(record: ConnectRecord): Promise<void> | null {
    const { key, value } = this.#converters
    this.stage = 'KEY_CONVERTER'
    const barrier = key.converter.prepare?.(record.topic, record.key) ?? null
    if (barrier !== null) return barrier
    this.stage = 'VALUE_CONVERTER'
    return value.converter.prepare?.(record.topic, record.value) ?? null
  }

  #headerBytes(topic: string, headers: Headers): Uint8Array {
    if (headers.length === 0) return this.#noHeaders
    const known = this.#encoded.get(headers)
    if (known !== undefined && known.topic === topic) return known.bytes
    const bytes = encodeHeaders(
      headers.map(({ key, value }) => {
        this.#scratch.clear()
        const written = this.#converters.header.converter.write(topic, key, value, this.#scratch)
        return { key, value: written ? this.#scratch.copy() : null }
      }),
    )
    this.#encoded.set(headers, { topic, bytes })
    return bytes
  }
}

/** As in Connect: -1 means none, and there is no other time before 1970. */
function validTime(timestamp: bigint): null {
  if (timestamp === -1n) return null
  throw new DataError(`Invalid record timestamp ${timestamp}`)
}
