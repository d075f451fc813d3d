/** Where the reader stops for what takes time, at a record's boundary. */
import type { Query } from '../decode/query.ts'
import type { TransactionPayload } from '../decode/transaction-payload.ts'
import type { OffsetMap } from '#data'
import type { LogPlace } from '../offset.ts'
import type { SourceOrigin } from '../source-block.ts'

export type Barrier =
  | { readonly kind: 'definition'; readonly definition: Definition }
  /** A large transaction, to be decompressed piece by piece. */
  | { readonly kind: 'payload'; readonly payload: TransactionPayload }
  /** A large XA transaction that was prepared there, to be read again. */
  | { readonly kind: 'again'; readonly place: LogPlace }

/** A statement that may shape tables. */
export interface Definition {
  readonly query: Query
  /** As Debezium's history has it: the offset as of the statement. */
  readonly place: OffsetMap
  readonly origin: SourceOrigin
  /** Where its event begins. */
  readonly pos: number
  /** Number of the last row before it in its event, which its `source` shows. */
  readonly row: number
}
