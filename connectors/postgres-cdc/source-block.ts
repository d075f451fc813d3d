/**
 * The `source` struct of a PostgreSQL change, as Debezium's connector 3.6 writes it:
 *   version connector name ts_ms snapshot db sequence ts_us ts_ns schema table txId lsn xmin origin origin_lsn
 * `sequence` is a JSON array of two texts: the LSN of the last commit before this transaction (or null), and the
 * row's own. LSNs and microseconds are safe integers here: 2^53 bytes of log are 8 PiB.
 */
import type { SnapshotMarker, SourceBlock, TableVersion } from '#cdc'
import { FieldPattern, FixedFields, type Schema, scalar, struct, type ValueWriter } from '#data'

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
  readonly version: string
  readonly topicPrefix: string
  readonly database: string
  /** Per table the patterns of its `source` blocks: a few, made as they are needed. */
  readonly variants: WeakMap<TableVersion, Variant[]>
}

export function sourceIdentity(version: string, topicPrefix: string, database: string): SourceIdentity {
  return { version, topicPrefix, database, variants: new WeakMap() }
}

/** `schema` and `table` of one table. */
export function sourceNames(schema: string, table: string): FixedFields {
  return new FixedFields(sourceSchema, 9, [schema, table])
}

export interface TransactionOrigin {
  readonly name: string
  readonly lsn: bigint
}

/** What of a `source` block is no number, and which of its numbers there are. */
interface Form {
  readonly snapshot: SnapshotMarker | null
  readonly hasId: boolean
  readonly hasLastCommit: boolean
  readonly origin: string | null
}

interface Variant extends Form {
  readonly pattern: FieldPattern
}

function sameForm(a: Form, b: Form): boolean {
  return (
    a.snapshot === b.snapshot &&
    a.hasId === b.hasId &&
    a.hasLastCommit === b.hasLastCommit &&
    a.origin === b.origin
  )
}

/** Its numbers: milliseconds, microseconds, transaction id, last commit, the row's LSN, the origin's LSN. */
function sourcePattern(identity: SourceIdentity, table: TableVersion, form: Form): FieldPattern {
  const { version, topicPrefix, database } = identity
  const { snapshot, hasId, hasLastCommit, origin } = form
  const [schemaName, tableName] = table.names.values
  return new FieldPattern(sourceSchema, 0, 6, (numbers) => {
    const [millis, micros = 0n, id, lastCommit, lsn, originLsn] = numbers
    const sequence = hasLastCommit ? `["${lastCommit}","${lsn}"]` : `[null,"${lsn}"]`
    return [
      version,
      'postgresql',
      topicPrefix,
      millis,
      snapshot,
      database,
      sequence,
      micros,
      micros * 1000n,
      schemaName,
      tableName,
      hasId ? id : null,
      lsn,
      null,
      origin,
      origin === null ? null : originLsn,
    ]
  })
}

/** The place of the row's LSN among the numbers. */
const LSN = 4

/** One transaction, or one snapshot. */
export class PostgresSource implements SourceBlock {
  readonly #identity: SourceIdentity
  readonly #numbers: Float64Array
  readonly #form: Form
  // What was written last.
  #table: TableVersion | null = null
  #variant: Variant | null = null

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
    this.#form = {
      snapshot: null,
      hasId: transactionId !== null,
      hasLastCommit: lastCommit !== null,
      origin: origin?.name ?? null,
    }
    // In place of what there is none of stands a number that never shows.
    this.#numbers = Float64Array.of(
      ...[Math.floor(micros / 1000), micros, transactionId ?? 1, lastCommit ?? 1],
      ...[1, origin === null ? 1 : Number(origin.lsn)],
    )
  }

  write(to: ValueWriter, table: TableVersion, lsn: number, snapshot: SnapshotMarker | null): void {
    let variant = this.#variant
    if (variant === null || table !== this.#table || snapshot !== variant.snapshot) {
      variant = this.#find(table, { ...this.#form, snapshot })
      this.#table = table
      this.#variant = variant
    }
    this.#numbers[LSN] = lsn
    to.beginStruct(sourceSchema)
    to.pattern(variant.pattern, this.#numbers)
    to.endStruct()
  }

  #find(table: TableVersion, form: Form): Variant {
    const { variants } = this.#identity
    const known = variants.get(table) ?? []
    const found = known.find((each) => sameForm(each, form))
    if (found !== undefined) return found
    const made = { ...form, pattern: sourcePattern(this.#identity, table, form) }
    variants.set(table, [...known, made])
    return made
  }
}
