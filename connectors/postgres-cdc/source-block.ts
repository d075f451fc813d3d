/**
 * The `source` struct of a PostgreSQL change, as Debezium's connector 3.6 writes it:
 *   version connector name ts_ms snapshot db sequence ts_us ts_ns schema table txId lsn xmin origin origin_lsn
 * `sequence` is a JSON array of two texts: the LSN of the last commit before this transaction (or null), and the
 * row's own. LSNs and microseconds are safe integers here: 2^53 bytes of log are 8 PiB.
 */
import { writeInteger } from '#bytes'
import type { SnapshotMarker, SourceBlock, TableVersion } from '#cdc'
import { FixedFields, type Schema, scalar, struct, type ValueWriter } from '#data'

const snapshotMarkers = 'true,first,first_in_data_collection,last_in_data_collection,last,false,incremental'
const optionalInt64 = scalar('int64', { optional: true })
const optionalString = scalar('string', { optional: true })

export const sourceSchema: Schema = struct(
  [
    ['version', scalar('string')],
    ['connector', scalar('string')],
    ['name', scalar('string')],
    ['ts_ms', scalar('int64')],
    [
      'snapshot',
      scalar('string', {
        optional: true,
        name: 'io.debezium.data.Enum',
        version: 1,
        parameters: { allowed: snapshotMarkers },
        default: 'false',
      }),
    ],
    ['db', scalar('string')],
    ['sequence', optionalString],
    ['ts_us', optionalInt64],
    ['ts_ns', optionalInt64],
    ['schema', scalar('string')],
    ['table', scalar('string')],
    ['txId', optionalInt64],
    ['lsn', optionalInt64],
    ['xmin', optionalInt64],
    ['origin', optionalString],
    ['origin_lsn', optionalInt64],
  ],
  { name: 'io.debezium.connector.postgresql.Source', version: 1 },
)

/** What is the same for every row of a connector. */
export interface SourceIdentity {
  readonly head: FixedFields
  /** `snapshot` unset and `db`. */
  readonly streamed: FixedFields
  readonly database: string
}

export function sourceIdentity(version: string, topicPrefix: string, database: string): SourceIdentity {
  return {
    head: new FixedFields(sourceSchema, 0, [version, 'postgresql', topicPrefix]),
    streamed: new FixedFields(sourceSchema, 4, [null, database]),
    database,
  }
}

/** `schema` and `table` of one table. */
export function sourceNames(schema: string, table: string): FixedFields {
  return new FixedFields(sourceSchema, 9, [schema, table])
}

const noOrigin = new FixedFields(sourceSchema, 13, [null, null, null])
const scratch = Buffer.alloc(80)
const sequenceEnd = Buffer.from('"]')

export interface TransactionOrigin {
  readonly name: string
  readonly lsn: bigint
}

/** From this row of a table on, a transaction's constant fields are written as runs: encoding a run costs some rows. */
const rowsBeforeRuns = 4

/** One transaction, or one snapshot. */
export class PostgresSource implements SourceBlock {
  readonly #identity: SourceIdentity
  readonly #micros: number
  readonly #transactionId: number | null
  readonly #sequence: Buffer
  readonly #origin: TransactionOrigin | null
  // The runs around `sequence`, for the table and marker that were written last.
  #table: TableVersion | null = null
  #snapshot: SnapshotMarker | null = null
  #rows = 0
  #head: FixedFields | null = null
  #middle: FixedFields | null = null

  /**
   * @param micros commit time (stream) or the snapshot's time, microseconds since 1970
   * @param lastCommit LSN of the last commit seen before, or null
   */
  constructor(
    identity: SourceIdentity,
    micros: number,
    transactionId: number | null,
    lastCommit: number | null,
    origin: TransactionOrigin | null = null,
  ) {
    this.#identity = identity
    this.#micros = micros
    this.#transactionId = transactionId
    this.#sequence = Buffer.from(lastCommit === null ? '[null,"' : `["${lastCommit}","`)
    this.#origin = origin
  }

  write(to: ValueWriter, table: TableVersion, lsn: number, snapshot: SnapshotMarker | null): void {
    this.#turnTo(table, snapshot)
    to.beginStruct(sourceSchema)
    if (this.#head !== null) to.fixed(this.#head)
    else this.#writeHead(to, snapshot)
    const digitsEnd = this.#writeSequence(to, lsn)
    if (this.#middle !== null) to.fixed(this.#middle)
    else this.#writeMiddle(to, table)
    to.field(12)
    if (this.#middle !== null) to.integerText(scratch, this.#sequence.length, digitsEnd)
    else to.integer(lsn)
    this.#writeOrigin(to)
    to.endStruct()
  }

  #turnTo(table: TableVersion, snapshot: SnapshotMarker | null): void {
    if (table !== this.#table || snapshot !== this.#snapshot) {
      this.#table = table
      this.#snapshot = snapshot
      this.#rows = 0
      this.#head = null
      this.#middle = null
    } else if (++this.#rows === rowsBeforeRuns) {
      const micros = BigInt(this.#micros)
      const transactionId = this.#transactionId === null ? null : BigInt(this.#transactionId)
      const head = [micros / 1000n, snapshot, this.#identity.database]
      const names = table.names.values
      this.#head = new FixedFields(sourceSchema, 0, [...this.#identity.head.values, ...head])
      this.#middle = new FixedFields(sourceSchema, 7, [micros, micros * 1000n, ...names, transactionId])
    }
  }

  /** version connector name ts_ms snapshot db */
  #writeHead(to: ValueWriter, snapshot: SnapshotMarker | null): void {
    to.fixed(this.#identity.head)
    to.field(3)
    to.integer(Math.floor(this.#micros / 1000))
    if (snapshot === null) return to.fixed(this.#identity.streamed)
    to.field(4)
    to.string(snapshot)
    to.field(5)
    to.string(this.#identity.database)
  }

  /** Returns where the row's own LSN ends in the scratch: it begins behind the start, and may be used again. */
  #writeSequence(to: ValueWriter, lsn: number): number {
    const start = this.#sequence
    for (let i = 0; i < start.length; i++) scratch[i] = start[i] as number
    const end = writeInteger(scratch, start.length, lsn)
    scratch[end] = sequenceEnd[0] as number
    scratch[end + 1] = sequenceEnd[1] as number
    to.field(6)
    to.text(scratch, 0, end + 2)
    return end
  }

  /** ts_us ts_ns schema table txId */
  #writeMiddle(to: ValueWriter, table: TableVersion): void {
    to.field(7)
    to.integer(this.#micros)
    to.field(8)
    this.#writeNanos(to)
    to.fixed(table.names)
    to.field(11)
    if (this.#transactionId === null) to.null()
    else to.integer(this.#transactionId)
  }

  /** Nanoseconds exceed 2^53, so they are the microseconds' digits and three zeros. */
  #writeNanos(to: ValueWriter): void {
    const end = writeInteger(scratch, 0, this.#micros)
    scratch.fill(0x30, end, end + 3)
    to.integerText(scratch, 0, this.#micros === 0 ? end : end + 3)
  }

  #writeOrigin(to: ValueWriter): void {
    if (this.#origin === null) return to.fixed(noOrigin)
    to.field(13)
    to.null()
    to.field(14)
    to.string(this.#origin.name)
    to.field(15)
    to.int64(this.#origin.lsn)
  }
}
