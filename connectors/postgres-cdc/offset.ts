/**
 * Positions as Debezium stores them, in its key order:
 *
 *   streamed  lsn_proc, messageType, lsn_commit, lsn, txId, ts_usec
 *   snapshot  last_snapshot_record, lsn, txId, ts_usec, snapshot, snapshot_completed
 *
 * `lsn` is where the change is in the log, `lsn_commit` where the last transaction before it ended. Several rows may
 * have one LSN (COPY, INSERT of many rows): from the second on `lsn_events_processed` counts them, as Debezium 3.7
 * does, so that a restart takes up behind the very row. While the log is caught up with before a snapshot that was cut
 * off, a streamed offset carries the marks of an unfinished snapshot as well.
 */
import { type CountedTransaction, countedTransaction, type TransactionMark } from '#cdc'
import type { OffsetMap, OffsetValue, SourceOffset } from '#data'
import { ConnectError } from '#errors'

export type MessageType = 'INSERT' | 'UPDATE' | 'DELETE' | 'TRUNCATE' | 'MESSAGE' | 'BEGIN' | 'COMMIT'

/** A transaction as far as its positions need it. */
export interface TransactionPlace {
  readonly id: number | null
  /** Microseconds since 1970. */
  readonly commitTime: number
  /** End of the last transaction before it. */
  readonly lastCommit: number | null
  /** A position between transactions that was stored before it (0: none): its own offsets are never behind that. */
  readonly floor: number
  /** The tables have still to be read: a restart reads them from their beginning. */
  readonly beforeSnapshot: boolean
}

export class StreamPosition implements SourceOffset {
  readonly partition: OffsetMap
  readonly transaction: TransactionPlace
  readonly lsn: number
  /** The how-many-th event at this LSN, from 1. */
  readonly nth: number
  /** null: no change, but a place between transactions (heartbeats). */
  readonly type: MessageType | null
  /** How far the transaction is counted, once all records of the event are; null: transactions are not. */
  counted: TransactionMark | null = null

  constructor(
    partition: OffsetMap,
    transaction: TransactionPlace,
    lsn: number,
    nth: number,
    type: MessageType | null,
  ) {
    this.partition = partition
    this.transaction = transaction
    this.lsn = lsn
    this.nth = nth
    this.type = type
  }

  /**
   * What the server may be told once this offset is stored (invariant 1), and where a restart begins: every
   * transaction whose commit is before it was given out, and the one of this position has its commit behind it.
   */
  get safe(): number {
    const { lastCommit, floor } = this.transaction
    return Math.max(this.lsn, lastCommit ?? 0, floor)
  }

  offset(): OffsetMap {
    const { id, commitTime, lastCommit, floor, beforeSnapshot } = this.transaction
    const map: Record<string, OffsetValue> = beforeSnapshot ? { last_snapshot_record: false } : {}
    map['lsn_proc'] = BigInt(this.lsn)
    if (this.type !== null) map['messageType'] = this.type
    // The row of a long transaction may be before what was stored and confirmed when it began.
    if (this.safe === floor && floor > this.lsn) map['lsn_commit'] = BigInt(floor)
    else if (lastCommit !== null) map['lsn_commit'] = BigInt(lastCommit)
    map['lsn'] = BigInt(this.lsn)
    if (id !== null) map['txId'] = BigInt(id)
    map['ts_usec'] = BigInt(commitTime)
    if (this.nth > 1) map['lsn_events_processed'] = BigInt(this.nth)
    if (beforeSnapshot) Object.assign(map, { snapshot: 'INITIAL', snapshot_completed: false })
    for (const [key, value] of this.counted?.entries() ?? []) map[key] = value
    return map
  }
}

export type SnapshotTransaction = Pick<TransactionPlace, 'id' | 'commitTime'>

/** All rows of a snapshot stand at its one position; only the last one says that it is complete. */
export class SnapshotPosition implements SourceOffset {
  readonly partition: OffsetMap
  readonly transaction: SnapshotTransaction
  readonly lsn: number
  /** Set when the record is released: only then is it known. */
  last = false

  constructor(partition: OffsetMap, transaction: SnapshotTransaction, lsn: number) {
    this.partition = partition
    this.transaction = transaction
    this.lsn = lsn
  }

  offset(): OffsetMap {
    const { id, commitTime } = this.transaction
    return {
      last_snapshot_record: this.last,
      lsn: BigInt(this.lsn),
      ...(id === null ? {} : { txId: BigInt(id) }),
      ts_usec: BigInt(commitTime),
      snapshot: 'INITIAL',
      snapshot_completed: this.last,
    }
  }
}

/** Where reading goes on. */
export interface ResumePoint {
  /** Every transaction whose commit is before it was given out. */
  readonly lsn: number
  /** The transaction behind `lsn` that was given out in part; null: none. */
  readonly partly: PartOfTransaction | null
  /** End of the last transaction, as events tell it. */
  readonly lastCommit: number | null
}

/** Given out up to the `nth` event at `lsn`. */
export interface PartOfTransaction {
  readonly transactionId: number
  readonly lsn: number
  readonly nth: number
  /** What was counted of it; absent: nothing. */
  readonly counted?: CountedTransaction
}

export function between(lsn: number): ResumePoint {
  return { lsn, partly: null, lastCommit: null }
}

export interface StoredOffset {
  /** The snapshot that it belongs to did not finish. */
  readonly unfinishedSnapshot: boolean
  readonly resume: ResumePoint
}

/** Reads a stored offset, of ours or of Debezium's. What makes no sense is refused, never read as a beginning. */
export function readOffset(stored: OffsetMap): StoredOffset {
  const lsn = integer(stored, 'lsn') ?? integer(stored, 'lsn_proc')
  if (lsn === null)
    throw new ConnectError(`The stored offset ${JSON.stringify(Object.keys(stored))} has no lsn.`, {
      remedy: "Set it with 'PATCH /connectors/{name}/offsets', or delete it to begin with a snapshot.",
    })
  const completed = stored['snapshot_completed'] === true || stored['last_snapshot_record'] === true
  const inSnapshot = (stored['snapshot'] ?? null) !== null
  const type = stored['messageType'] ?? null
  // A row of a snapshot has the number of a transaction that nothing was given out of; a commit is behind all of its own.
  const transactionId = type === 'COMMIT' || (inSnapshot && type === null) ? null : integer(stored, 'txId')
  // Of a transaction that has begun, no event was given out: its first one may have the LSN of the beginning.
  const nth = type === 'BEGIN' ? 0 : (integer(stored, 'lsn_events_processed') ?? 1)
  const counted = countedTransaction(stored)
  return {
    unfinishedSnapshot: inSnapshot && !completed,
    resume: {
      lsn: Math.max(lsn, integer(stored, 'lsn_commit') ?? 0),
      partly:
        transactionId === null ? null : { transactionId, lsn, nth, ...(counted === null ? {} : { counted }) },
      // Debezium's rule for the first transaction after a snapshot, which has no commit before it.
      lastCommit: integer(stored, 'lsn_commit') ?? integer(stored, 'lsn_proc'),
    },
  }
}

function integer(stored: OffsetMap, key: string): number | null {
  const value = stored[key] ?? null
  if (value === null) return null
  if (typeof value === 'bigint' && value >= 0n && value <= BigInt(Number.MAX_SAFE_INTEGER))
    return Number(value)
  throw new ConnectError(`The stored offset's ${key} is not a position in the log.`, {
    remedy: "Set it with 'PATCH /connectors/{name}/offsets' to an integer, or delete the offset.",
  })
}
