/**
 * Positions as Debezium stores them, in its key order:
 *
 *   streamed  lsn_proc, messageType, lsn_commit, lsn, txId, ts_usec
 *   snapshot  last_snapshot_record, lsn, txId, ts_usec, snapshot, snapshot_completed
 *
 * `lsn` is where the change is in the log, `lsn_commit` where the last transaction before it ended. Several rows may
 * have one LSN (COPY, INSERT of many rows): from the second on `lsn_events_processed` counts them, as Debezium 3.7
 * does, so that a restart takes up behind the very row.
 */
import type { OffsetMap, OffsetValue, SourceOffset } from '#data'
import { ConnectError } from '#errors'

export type MessageType = 'INSERT' | 'UPDATE' | 'DELETE' | 'TRUNCATE' | 'MESSAGE'

/** A transaction as far as its positions need it. */
export interface TransactionPlace {
  readonly id: number | null
  /** Microseconds since 1970. */
  readonly commitTime: number
  /** End of the last transaction before it. */
  readonly lastCommit: number | null
}

/** A position that knows its place among all that this task has emitted. */
export interface EmittedPosition extends SourceOffset {
  readonly sequence: number
}

export class StreamPosition implements EmittedPosition {
  readonly partition: OffsetMap
  readonly sequence: number
  readonly transaction: TransactionPlace
  readonly lsn: number
  /** The how-many-th event at this LSN, from 1. */
  readonly nth: number
  /** null: no change, but a place between transactions (heartbeats). */
  readonly type: MessageType | null

  constructor(
    partition: OffsetMap,
    sequence: number,
    transaction: TransactionPlace,
    lsn: number,
    nth: number,
    type: MessageType | null,
  ) {
    this.partition = partition
    this.sequence = sequence
    this.transaction = transaction
    this.lsn = lsn
    this.nth = nth
    this.type = type
  }

  offset(): OffsetMap {
    const { id, commitTime, lastCommit } = this.transaction
    const map: Record<string, OffsetValue> = { lsn_proc: BigInt(this.lsn) }
    if (this.type !== null) map['messageType'] = this.type
    if (lastCommit !== null) map['lsn_commit'] = BigInt(lastCommit)
    map['lsn'] = BigInt(this.lsn)
    if (id !== null) map['txId'] = BigInt(id)
    map['ts_usec'] = BigInt(commitTime)
    if (this.nth > 1) map['lsn_events_processed'] = BigInt(this.nth)
    return map
  }
}

/** All rows of a snapshot stand at its one position; only the last one says that it is complete. */
export class SnapshotPosition implements EmittedPosition {
  readonly partition: OffsetMap
  readonly transaction: TransactionPlace
  readonly lsn: number
  /** Both are set when the record is released: only then are they known. */
  sequence = 0
  last = false

  constructor(partition: OffsetMap, transaction: TransactionPlace, lsn: number) {
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

/** Where reading goes on: behind the `nth` event at `lsn` of a transaction, or at `lsn` between transactions. */
export interface ResumePoint {
  readonly lsn: number
  readonly transactionId: number | null
  readonly nth: number
  readonly lastCommit: number | null
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
  return {
    unfinishedSnapshot: inSnapshot && !completed,
    resume: {
      lsn,
      transactionId: inSnapshot ? null : integer(stored, 'txId'),
      nth: integer(stored, 'lsn_events_processed') ?? 1,
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
