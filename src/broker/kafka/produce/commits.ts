/** The two ways to store offsets behind their records. Both take commits that overlap, and resolve them in order. */
import { offsetRecord } from '../../batching/outgoing.ts'
import type { OffsetEntry } from '../../broker.ts'
import type { Line } from './line.ts'
import type { Transaction } from './transaction.ts'

export type Commit = (offsets: readonly OffsetEntry[]) => Promise<void>

/** Offsets are written once every record before them is acknowledged (invariant 1). */
export function commitAfterwards(line: Line, offsetsTopic: string): Commit {
  return async (offsets) => {
    // Waiting ends in the order of the commits, so their offsets are written in this order too.
    await line.flush()
    for (const entry of offsets) line.put(offsetRecord(offsetsTopic, entry))
    await line.flush()
  }
}

/**
 * Records and offsets in one transaction. It ends exactly at the commit: what is taken in after it waits for the next
 * one, while this one is stored and ended.
 */
export function commitTogether(line: Line, transaction: Transaction, offsetsTopic: string): Commit {
  let last: Promise<unknown> = Promise.resolve()
  let open = 0
  return (offsets) => {
    const batches = line.cut()
    open++
    const commit = last.then(async () => {
      await line.send(batches)
      for (const entry of offsets) line.put(offsetRecord(offsetsTopic, entry))
      await line.flushTopic(offsetsTopic)
      await transaction.end(true)
      // Records that came before the next commit belong to that one.
      if (--open === 0) line.release()
    })
    last = commit
    return commit
  }
}
