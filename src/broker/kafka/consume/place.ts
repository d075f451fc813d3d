/** A partition that is read, and where its reading is. */
import type { TopicPartition } from '../../broker.ts'

export interface Place extends TopicPartition {
  /** Offset of the next record to hand out; null: not known yet, auto.offset.reset decides. */
  position: bigint | null
  /** Offset of the next record to ask for. */
  ahead: bigint | null
  /** There is nothing to read before this offset, as the broker has said. */
  emptyUpTo: bigint
  paused: boolean
  heldBytes: number
  /** What follows is gone: nothing is asked for until what is held was taken. */
  draining: boolean
  /** true once something of it was fetched: from then on nothing may be missing. */
  begun: boolean
  /** A replica near by that the leader has named, until its time is over. */
  replica: { readonly node: number; readonly until: number } | null
}

export function newPlace({ topic, partition }: TopicPartition, position: bigint | null): Place {
  return {
    ...{ topic, partition, position, ahead: position, emptyUpTo: -1n },
    ...{ paused: false, heldBytes: 0, draining: false, begun: false, replica: null },
  }
}

/** A partition as a key. */
export function nameOf({ topic, partition }: TopicPartition): string {
  return `${topic}-${partition}`
}

export function placeOf({ topic, partition }: TopicPartition): TopicPartition {
  return { topic, partition }
}
