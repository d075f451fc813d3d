/**
 * Transaction metadata (provide.transaction.metadata): each event tells its transaction and its number in it, and a
 * topic of its own has a record for each BEGIN and each END. Counts are kept in offsets, so a restart within a
 * transaction goes on counting and writes no second BEGIN:
 *
 *   transaction_id, transaction_data_collection_order_<table>…
 *
 * Events are counted, not tombstones: a change of a key is two.
 */
import {
  array,
  datum,
  noHeaders,
  type OffsetMap,
  type OffsetValue,
  type Schema,
  scalar,
  type SourceOffset,
  type SourceRecord,
  Struct,
  struct,
  type ValueWriter,
} from '#data'
import { hashMapOrder } from '#plugin'

const required = scalar('string')
const count = scalar('int64')

/** `transaction` in an event. */
export const transactionSchema = struct(
  [
    ['id', required],
    ['total_order', count],
    ['data_collection_order', count],
  ],
  { name: 'event.block', version: 1, optional: true },
)
const keySchema = struct([['id', required]], {
  name: 'io.debezium.connector.common.TransactionMetadataKey',
  version: 1,
})
const collectionSchema = struct(
  [
    ['data_collection', required],
    ['event_count', count],
  ],
  { name: 'event.collection', version: 1, optional: true },
)
const valueSchema: Schema = struct(
  [
    ['status', required],
    ['id', required],
    ['event_count', scalar('int64', { optional: true })],
    ['data_collections', array(collectionSchema, { optional: true })],
    ['ts_ms', count],
  ],
  { name: 'io.debezium.connector.common.TransactionMetadataValue', version: 1 },
)

const idKey = 'transaction_id'
const orderKey = 'transaction_data_collection_order_'

/** A transaction's id as its events tell it: it may depend on where in the log the event is. */
export type TransactionName = (position: number) => string

/** How far a transaction is counted: what an event tells of it, and what is kept in the event's offset. */
export class TransactionMark {
  readonly #name: TransactionName
  readonly #position: number
  /** Shared by all marks of the transaction, and growing: of this one are the first `counts.length`. */
  readonly #collections: readonly string[]
  readonly #counts: Float64Array
  /** The collection that was counted last. */
  readonly #last: number

  constructor(
    name: TransactionName,
    position: number,
    collections: readonly string[],
    counts: Float64Array,
    last: number,
  ) {
    this.#name = name
    this.#position = position
    this.#collections = collections
    this.#counts = counts
    this.#last = last
  }

  get id(): string {
    return this.#name(this.#position)
  }

  /** Events so far. */
  get total(): number {
    return this.#counts.reduce((sum, each) => sum + each, 0)
  }

  write(to: ValueWriter): void {
    to.beginStruct(transactionSchema)
    to.field(0)
    to.string(this.id)
    to.field(1)
    to.integer(this.total)
    to.field(2)
    to.integer(this.#counts[this.#last] ?? 0)
    to.endStruct()
  }

  /** Events by collection, in the order of Java's hash map. */
  counts(): readonly (readonly [collection: string, events: number])[] {
    const names = this.#collections.slice(0, this.#counts.length)
    const byName = new Map(names.map((name, i) => [name, this.#counts[i] ?? 0]))
    return hashMapOrder(names).map((name) => [name, byName.get(name) ?? 0])
  }

  /** What is kept of it in an offset. */
  entries(): readonly (readonly [key: string, value: OffsetValue])[] {
    return [
      [idKey, this.id],
      ...this.counts().map(([name, events]) => [orderKey + name, BigInt(events)] as const),
    ]
  }
}

/** A transaction that was given out in part, as its offset tells it. */
export interface CountedTransaction {
  readonly id: string
  readonly counts: ReadonlyMap<string, number>
}

/** null: the offset is between transactions, or transactions were not counted. */
export function countedTransaction(stored: OffsetMap): CountedTransaction | null {
  const id = stored[idKey]
  if (typeof id !== 'string') return null
  const counts = new Map<string, number>()
  for (const [key, value] of Object.entries(stored))
    if (key.startsWith(orderKey) && typeof value === 'bigint')
      counts.set(key.slice(orderKey.length), Number(value))
  return { id, counts }
}

export class TransactionTracker {
  readonly #topic: string
  #name: TransactionName | null = null
  #collections: string[] = []
  #indexes = new Map<string, number>()
  #counts = new Float64Array(0)
  #mark: TransactionMark | null = null

  /** `topic`: where BEGIN and END go. */
  constructor(topic: string) {
    this.#topic = topic
  }

  /** Of what was counted last; null between transactions. */
  get mark(): TransactionMark | null {
    return this.#mark
  }

  /** A transaction begins at `position`: its record is to follow. */
  begin(name: TransactionName, position: number): TransactionMark {
    return this.resume(name, position, null)
  }

  /** Goes on with a transaction whose BEGIN was given out; null: nothing of it was counted. */
  resume(name: TransactionName, position: number, counted: CountedTransaction | null): TransactionMark {
    this.#name = name
    this.#collections = [...(counted?.counts.keys() ?? [])]
    this.#indexes = new Map(this.#collections.map((collection, i) => [collection, i]))
    this.#counts = Float64Array.from(counted?.counts.values() ?? [])
    this.#mark = new TransactionMark(name, position, this.#collections, this.#counts, -1)
    return this.#mark
  }

  /** `from` is at the beginning of the transaction, and has the mark. */
  beginRecord(timestampMs: number, from: SourceOffset): SourceRecord | null {
    return this.#mark === null ? null : this.#record('BEGIN', this.#mark.id, [null, null], timestampMs, from)
  }

  /** Counts an event; null: it is in no transaction that is counted. */
  event(collection: string, position: number): TransactionMark | null {
    if (this.#name === null) return null
    let index = this.#indexes.get(collection)
    if (index === undefined) {
      index = this.#collections.push(collection) - 1
      this.#indexes.set(collection, index)
    }
    // Records hold on to their counts: an array of its own for each.
    const counts = new Float64Array(this.#collections.length)
    counts.set(this.#counts)
    counts[index] = (counts[index] as number) + 1
    this.#counts = counts
    this.#mark = new TransactionMark(this.#name, position, this.#collections, counts, index)
    return this.#mark
  }

  /** The transaction ends at `position`; null: none is counted. `from` is behind it. */
  end(position: number, timestampMs: number, from: SourceOffset): SourceRecord | null {
    const [name, mark] = [this.#name, this.#mark]
    this.forget()
    if (name === null || mark === null) return null
    const collections = mark
      .counts()
      .map(([each, events]) => new Struct(collectionSchema, [each, BigInt(events)]))
    return this.#record('END', name(position), [BigInt(mark.total), collections], timestampMs, from)
  }

  /** The transaction does not count (any more). */
  forget(): void {
    this.#name = null
    this.#mark = null
  }

  #record(
    status: string,
    id: string,
    counts: readonly unknown[],
    timestampMs: number,
    from: SourceOffset,
  ): SourceRecord {
    return {
      topic: this.#topic,
      partition: null,
      key: datum(keySchema, new Struct(keySchema, [id])),
      value: datum(valueSchema, new Struct(valueSchema, [status, id, ...counts, BigInt(timestampMs)])),
      headers: noHeaders,
      timestamp: null,
      from,
    }
  }
}
