/** The records that travel: one light object each, with lazy key and value. */
import type { Datum } from './datum.ts'

export interface Header {
  readonly key: string
  readonly value: Datum
}

/** Encoded once per identity: a source that gives all its records the same array pays for its headers once. */
export type Headers = readonly Header[]

export const noHeaders: Headers = []

export interface ConnectRecord {
  readonly topic: string
  /** null: the broker's partitioner decides by the key. */
  readonly partition: number | null
  readonly key: Datum
  readonly value: Datum
  readonly headers: Headers
  /** Milliseconds since 1970, or null: the time of writing. */
  readonly timestamp: bigint | null
}

export type OffsetValue = string | bigint | number | boolean | null
/** A source partition or a source offset: a flat map, in the order its connector writes it. */
export type OffsetMap = Readonly<Record<string, OffsetValue>>

/** The position a record stands for. The map is made only when it is committed, so most are never made. */
export interface SourceOffset {
  /** Compared by identity on the hot path: a task keeps one object per source partition. */
  readonly partition: OffsetMap
  /** null clears the stored offset of this partition. */
  offset(): OffsetMap | null
}

export interface SourceRecord extends ConnectRecord {
  readonly from: SourceOffset
}

export interface SinkRecord extends ConnectRecord {
  readonly partition: number
  readonly offset: bigint
  /** Where it was read, before transforms renamed it: offsets and dead letters refer to this. */
  readonly origin: { readonly topic: string; readonly partition: number }
}
