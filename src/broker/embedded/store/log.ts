/** The batches of the partitions: appended, read from an offset on, and deleted from the old end. */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { UnknownTopicError } from '../../errors.ts'
import type { StoredBatch } from '../protocol.ts'
import type { Catalogue, Partition } from './catalogue.ts'

/** What one partition adds to one reply: a large batch alone, which need not be copied, or small ones joined. */
const chunkBytes = 512 << 10
/** Old batches deleted in one go, so that writers never wait long. */
const deletedAtOnce = 64

export interface Chunk {
  readonly bytes: Uint8Array
  readonly next: number
}

export class BatchLog {
  readonly #catalogue: Catalogue
  readonly #insert: StatementSync
  readonly #read: StatementSync
  readonly #oldest: StatementSync
  readonly #delete: StatementSync
  readonly #bounds: StatementSync

  constructor(db: DatabaseSync, catalogue: Catalogue) {
    this.#catalogue = catalogue
    this.#insert = db.prepare(
      'INSERT INTO batches (partition, base, last, time, stored, size, data) VALUES (?, ?, ?, ?, ?, ?, ?)',
    )
    this.#read = db.prepare('SELECT last, data FROM batches WHERE partition = ? AND last >= ? ORDER BY last')
    this.#oldest = db.prepare(
      'SELECT last, time, size FROM batches WHERE partition = ? ORDER BY last LIMIT ?',
    )
    this.#delete = db.prepare('DELETE FROM batches WHERE partition = ? AND last <= ?')
    this.#bounds = db.prepare('UPDATE partitions SET first = ?, next = ? WHERE id = ?')
  }

  /** Appends all of them, or throws before the first when a partition is no longer there. */
  append(batches: readonly StoredBatch[], now: number): Set<Partition> {
    const targets = batches.map(({ partition }) => this.#target(partition))
    batches.forEach((batch, i) => {
      const target = targets[i] as Partition
      const base = target.next
      const last = base + batch.count - 1
      new DataView(batch.memory).setBigInt64(0, BigInt(base))
      const data = new Uint8Array(batch.memory, 0, batch.length)
      this.#insert.run(target.id, base, last, batch.maxTimestamp, now, batch.length, data)
      target.next = last + 1
      target.bytes += batch.length
      target.batches++
      target.dirtyBytes += batch.length
      target.dirtyBatches++
    })
    return new Set(targets)
  }

  #target(id: number): Partition {
    const found = this.#catalogue.partition(id)
    if (found === null)
      throw new UnknownTopicError(
        'A topic was deleted while records were on their way to it; nothing was stored.',
      )
    return found
  }

  /** Whole batches from the one that holds `offset` on: at least one, then no more than a reply's share. */
  read(partition: Partition, offset: number, most: number): Chunk {
    const found: Uint8Array[] = []
    let bytes = 0
    // Where compaction has left nothing up to the end, the reader still moves on.
    let next = partition.next
    for (const row of this.#read.iterate(partition.id, offset)) {
      const data = row['data'] as Uint8Array
      if (found.length > 0 && bytes + data.length > Math.min(most, chunkBytes)) break
      found.push(data)
      bytes += data.length
      next = Number(row['last']) + 1
      if (bytes >= Math.min(most, chunkBytes)) break
    }
    const [only] = found
    return { bytes: found.length === 1 && only !== undefined ? only : joined(found, bytes), next }
  }

  /** Deletes what its topic's retention no longer covers, a bounded number of batches; true: there may be more. */
  retain(partition: Partition, now: number): boolean {
    const { retentionMs, retentionBytes } = partition.topic.policy
    let { bytes } = partition
    let gone = 0
    let last = -1
    for (const row of this.#oldest.all(partition.id, deletedAtOnce)) {
      const size = Number(row['size'])
      if (Number(row['time']) >= now - retentionMs && bytes - size < retentionBytes) break
      bytes -= size
      gone++
      last = Number(row['last'])
    }
    if (gone === 0) return false
    this.#delete.run(partition.id, last)
    partition.bytes = bytes
    partition.batches -= gone
    partition.first = last + 1
    this.keepBounds(partition)
    return gone === deletedAtOnce
  }

  /** Stores where the partition begins and ends: needed once batches no longer say so. */
  keepBounds(partition: Partition): void {
    this.#bounds.run(partition.first, partition.next, partition.id)
  }
}

/** Joined in memory of their own, so that they can be transferred. */
function joined(parts: readonly Uint8Array[], size: number): Uint8Array {
  const all = new Uint8Array(size)
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}
