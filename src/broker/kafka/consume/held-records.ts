/** What was fetched and not taken yet: in the order in which it came, decoded one by one as it is taken. */
import type { ConsumedRecord } from '../../broker.ts'
import { BatchReader } from '../../record/batch-reader.ts'
import type { FetchedPartition } from '../wire/fetch.ts'
import { committedOnly, offsetBehind } from './batches.ts'
import type { Place } from './place.ts'

interface Held {
  readonly place: Place
  readonly reader: BatchReader
  readonly bytes: number
  /** Where its partition is when everything of it was taken. */
  readonly next: bigint
}

/** Compressed bytes are held, but unpacked ones are taken: one `take` ends behind so many of them. */
const mostTaken = 8 << 20
/** Of one batch. Producers send what they like; what is more than this would be an attack, or the end of the process. */
const mostUnpacked = 256 << 20

export class HeldRecords {
  #held: Held[] = []
  bytes = 0

  get empty(): boolean {
    return this.#held.length === 0
  }

  /** Takes in what has come for a partition, and says from where to ask on; null where there is nothing whole. */
  hold(place: Place, from: bigint, { records, aborted }: FetchedPartition, verify: boolean): bigint | null {
    const next = offsetBehind(records)
    if (next === null) return null
    const wants = aborted.length === 0 ? {} : { wants: committedOnly(aborted) }
    const reading = { from, verify, cutOff: true, mostUnpacked, ...wants }
    const reader = new BatchReader(place.topic, place.partition, records, reading)
    this.#held.push({ place, reader, bytes: records.length, next })
    this.bytes += records.length
    place.heldBytes += records.length
    return next
  }

  /** Up to `most` records; the positions of their partitions move with them. */
  take(most: number): ConsumedRecord[] {
    const records: ConsumedRecord[] = []
    let room = mostTaken
    while (records.length < most && room > 0) {
      const [front] = this.#held
      if (front === undefined) break
      const { place, reader } = front
      let last: ConsumedRecord | null = null
      let record: ConsumedRecord | null = null
      while (records.length < most && room > 0) {
        record = reader.next()
        if (record === null) break
        last = record
        records.push(record)
        room -= (record.key?.length ?? 0) + (record.value?.length ?? 0)
      }
      if (record === null) this.#release(front)
      place.position = record === null ? front.next : last === null ? place.position : last.offset + 1n
    }
    return records
  }

  drop(places: readonly Place[]): void {
    for (const held of this.#held.filter(({ place }) => places.includes(place))) this.#release(held)
  }

  #release(held: Held): void {
    this.#held = this.#held.filter((each) => each !== held)
    this.bytes -= held.bytes
    held.place.heldBytes -= held.bytes
  }
}
