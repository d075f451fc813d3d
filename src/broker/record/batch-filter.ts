/**
 * A record batch with some of its records left out, as compaction needs it: offsets, timestamps and the batch's range
 * stay as they are, because records carry their distance to the batch's base.
 */
import { type BatchHeader, headerSize, readBatchHeader } from './batch-header.ts'
import { VarintCursor } from './varint.ts'

/** One record where it lies: `bytes[keyFrom, keyTo)` is its key; `keyFrom` is -1 for a record without one. */
export interface RecordPlace {
  readonly offset: number
  readonly keyFrom: number
  readonly keyTo: number
  readonly tombstone: boolean
}

/** Calls `visit` for each record of one batch. */
export function visitRecords(
  batch: Buffer,
  visit: (place: RecordPlace, from: number, to: number) => void,
): BatchHeader {
  const header = readBatchHeader(batch)
  const base = Number(header.baseOffset)
  const cursor = new VarintCursor(batch, headerSize, header.size)
  for (let i = 0; i < header.count; i++) {
    const from = cursor.at
    const to = cursor.recordEnd()
    cursor.at++
    cursor.next()
    const offset = base + cursor.next()
    const keyLength = cursor.next()
    const keyFrom = keyLength < 0 ? -1 : cursor.at
    if (keyLength > 0) cursor.take(keyLength)
    const keyTo = cursor.at
    const tombstone = cursor.next() < 0
    visit({ offset, keyFrom, keyTo, tombstone }, from, to)
    cursor.at = to
  }
  return header
}

/** The batch with only those records that `keep` wants: itself if all, null if none. */
export function filterBatch(batch: Buffer, keep: (place: RecordPlace) => boolean): Buffer | null {
  const out = Buffer.allocUnsafe(batch.length)
  let length = headerSize
  let kept = 0
  const header = visitRecords(batch, (place, from, to) => {
    if (!keep(place)) return
    batch.copy(out, length, from, to)
    length += to - from
    kept++
  })
  if (kept === header.count) return batch
  if (kept === 0) return null
  batch.copy(out, 0, 0, headerSize)
  out.writeInt32BE(length - 12, 8)
  out.writeInt32BE(kept, 57)
  return out.subarray(0, length)
}
