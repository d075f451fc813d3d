/** What of a fetched partition counts: where it ends, and which of its batches are not of aborted transactions. */
import {
  type BatchHeader,
  isControl,
  isTransactional,
  isWhole,
  readBatchHeader,
} from '../../record/batch-header.ts'
import { controlType } from '../../record/batch-reader.ts'
import type { AbortedTransaction } from '../wire/fetch.ts'

/** The offset behind the last whole batch, whatever it holds; null where not even one has come. */
export function offsetBehind(records: Buffer): bigint | null {
  let last: BatchHeader | null = null
  for (let at = 0; at < records.length && isWhole(records, at); at += last.size)
    last = readBatchHeader(records, at)
  return last === null ? null : last.baseOffset + BigInt(last.lastOffsetDelta) + 1n
}

/** Asked of each batch in turn: false where its transaction was aborted. */
export function committedOnly(
  transactions: readonly AbortedTransaction[],
): (header: BatchHeader, batch: Buffer) => boolean {
  const coming = transactions.toSorted((a, b) => (a.firstOffset < b.firstOffset ? -1 : 1))
  const aborted = new Set<bigint>()
  return (header, batch) => {
    const last = header.baseOffset + BigInt(header.lastOffsetDelta)
    for (let [next] = coming; next !== undefined && next.firstOffset <= last; [next] = coming) {
      aborted.add(next.producerId)
      coming.shift()
    }
    const { producerId, count } = header
    // The producer may have committed further transactions behind this marker.
    if (isControl(header) && count > 0 && controlType(batch) === 'abort') aborted.delete(producerId)
    return !isTransactional(header) || !aborted.has(producerId)
  }
}
