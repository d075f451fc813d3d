/**
 * Compaction of one partition: of each key only the newest record stays, and a tombstone only until its grace is over.
 * Done in small steps, each a transaction of its own; what was done before a crash stays done and is right.
 *
 * Only the part that has come since the last time is indexed, and no more keys than fit a bound: then everything up
 * to there is cleaned by that index, and the rest waits for the next round.
 */
import type { DatabaseSync } from 'node:sqlite'
import { latin1 } from '#bytes'
import { filterBatch, type RecordPlace, visitRecords } from '../../record/batch-filter.ts'
import { compressBatch, unpackBatch } from '../../record/compression.ts'
import type { Partition } from './catalogue.ts'

const indexBound = 16 << 20
/** What an entry of the index costs besides its key. */
const entryOverhead = 64
const worthwhileBatches = 64
const worthwhileBytes = 1 << 20

export class Compaction {
  readonly #db: DatabaseSync
  /** When the oldest tombstone still kept may go, by partition. */
  readonly #tombstones = new Map<number, number>()

  constructor(db: DatabaseSync) {
    this.#db = db
  }

  /** true where at least half of a compacted partition is new, or a tombstone's grace is over. */
  due(partition: Partition, now: number): boolean {
    if (!partition.topic.policy.compact) return false
    if ((this.#tombstones.get(partition.id) ?? Number.POSITIVE_INFINITY) <= now) return true
    const { dirtyBytes, dirtyBatches, bytes } = partition
    return dirtyBytes * 2 >= bytes && (dirtyBatches >= worthwhileBatches || dirtyBytes >= worthwhileBytes)
  }

  /** Compacts; each `yield` ends a step. */
  *run(partition: Partition, now: number): Generator<void> {
    const index = new Map<string, number>()
    const end = yield* this.#index(partition, index)
    const dropTombstonesBefore = now - partition.topic.policy.tombstoneMs
    let nextTombstone = Number.POSITIVE_INFINITY
    for (const row of this.#batches(partition, 0, end)) {
      const { stored } = row
      const old = stored <= dropTombstonesBefore
      const kept = filterBatch(row.data, (place) => {
        if (place.keyFrom < 0) return true
        if ((index.get(keyOf(row.data, place)) ?? -1) > place.offset) return false
        if (place.tombstone && !old)
          nextTombstone = Math.min(nextTombstone, stored + partition.topic.policy.tombstoneMs)
        return !(place.tombstone && old)
      })
      if (kept !== row.data) this.#replace(partition, row, kept)
      yield
    }
    this.#tombstones.set(partition.id, nextTombstone)
    this.#finish(partition, end)
  }

  *#index(partition: Partition, index: Map<string, number>): Generator<void, number> {
    let room = indexBound
    let end = partition.cleaned
    for (const { last, data } of this.#batches(partition, partition.cleaned, partition.next)) {
      if (room <= 0) return end
      visitRecords(data, (place) => {
        if (place.keyFrom < 0) return
        const key = keyOf(data, place)
        if (!index.has(key)) room -= key.length + entryOverhead
        index.set(key, place.offset)
      })
      end = last + 1
      yield
    }
    return end
  }

  /** The batches of a range, each read when it is asked for: the partition may change in between. */
  *#batches(partition: Partition, from: number, end: number) {
    const read = this.#db.prepare(
      'SELECT id, last, stored, data FROM batches WHERE partition = ? AND last >= ? AND last < ? ORDER BY last LIMIT 1',
    )
    for (let at = from; ; ) {
      const row = read.get(partition.id, at, end)
      if (row === undefined) return
      const blob = row['data'] as Uint8Array
      const batch = Buffer.from(blob.buffer, blob.byteOffset, blob.length)
      const data = unpackBatch(batch)
      const last = Number(row['last'])
      at = last + 1
      yield {
        ...{ id: Number(row['id']), last, stored: Number(row['stored']), size: batch.length, data },
        compressed: data !== batch,
      }
    }
  }

  /** What stays is stored as the batch was: compressed or not. */
  #replace(
    partition: Partition,
    { id, size, compressed }: { readonly id: number; readonly size: number; readonly compressed: boolean },
    records: Buffer | null,
  ): void {
    const kept = compressed && records !== null ? (compressBatch(records, 'zstd') ?? records) : records
    if (kept === null) {
      this.#db.prepare('DELETE FROM batches WHERE id = ?').run(id)
      this.#db.prepare('UPDATE partitions SET next = ? WHERE id = ?').run(partition.next, partition.id)
      partition.batches--
    } else this.#db.prepare('UPDATE batches SET data = ?, size = ? WHERE id = ?').run(kept, kept.length, id)
    partition.bytes -= size - (kept?.length ?? 0)
  }

  #finish(partition: Partition, end: number): void {
    this.#db.prepare('UPDATE partitions SET cleaned = ? WHERE id = ?').run(end, partition.id)
    const left = this.#db
      .prepare(
        'SELECT count(*) AS batches, total(size) AS bytes FROM batches WHERE partition = ? AND last >= ?',
      )
      .get(partition.id, end)
    partition.cleaned = end
    partition.dirtyBatches = Number(left?.['batches'])
    partition.dirtyBytes = Number(left?.['bytes'])
  }
}

/** The key's bytes as text: one character per byte, so that equal texts are equal keys. */
function keyOf(batch: Buffer, place: RecordPlace): string {
  return latin1(batch, place.keyFrom, place.keyTo)
}
