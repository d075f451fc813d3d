/**
 * The `source` struct of a change in MySQL or MariaDB, as Debezium's connectors write it:
 *   version connector name ts_ms snapshot db sequence ts_us ts_ns table server_id gtid file pos row thread query
 * `pos` is where the event of the rows begins, `row` the row within the event. Neighbouring rows differ in digits only,
 * so all but the query is a pattern of numbers.
 */
import type { SnapshotMarker, SourceBlock, TableVersion } from '#cdc'
import { FieldPattern, FixedFields, type Schema, scalar, Struct, struct, type ValueWriter } from '#data'
import type { Dialect } from './ddl/index.ts'

type Server = Dialect['server']

const snapshotMarkers = 'true,first,first_in_data_collection,last_in_data_collection,last,false,incremental'
const text = scalar('string')
const optionalText = scalar('string', { optional: true })
const int64 = scalar('int64')
const optionalInt64 = scalar('int64', { optional: true })

const schemas: Readonly<Record<Server, Schema>> = { mysql: schemaOf('mysql'), mariadb: schemaOf('mariadb') }

function schemaOf(server: Server): Schema {
  const snapshot = scalar('string', {
    optional: true,
    name: 'io.debezium.data.Enum',
    version: 1,
    parameters: { allowed: snapshotMarkers },
    default: 'false',
  })
  return struct(
    [
      ['version', text],
      ['connector', text],
      ['name', text],
      ['ts_ms', int64],
      ['snapshot', snapshot],
      ['db', text],
      ['sequence', optionalText],
      ['ts_us', optionalInt64],
      ['ts_ns', optionalInt64],
      ['table', optionalText],
      ['server_id', int64],
      ['gtid', optionalText],
      ['file', text],
      ['pos', int64],
      ['row', scalar('int32')],
      ['thread', optionalInt64],
      ['query', optionalText],
    ],
    { name: `io.debezium.connector.${server}.Source`, version: 1 },
  )
}

const QUERY = 16
const noQuery: Readonly<Record<Server, FixedFields>> = {
  mysql: new FixedFields(schemas.mysql, QUERY, [null]),
  mariadb: new FixedFields(schemas.mariadb, QUERY, [null]),
}

export function sourceSchema(server: Server): Schema {
  return schemas[server]
}

/** `table` of one table. (The database stands elsewhere; both servers have the same fields.) */
export function sourceNames(_database: string, table: string): FixedFields {
  return new FixedFields(schemas.mysql, 9, [table])
}

/** What is the same for every row of a connector. */
export interface SourceIdentity {
  readonly server: Server
  readonly version: string
  readonly topicPrefix: string
  /** Per table the patterns of its `source` blocks: a few, made as they are needed. */
  readonly variants: WeakMap<TableVersion, Variant[]>
}

export function sourceIdentity(server: Server, version: string, topicPrefix: string): SourceIdentity {
  return { server, version, topicPrefix, variants: new WeakMap() }
}

/** What all rows of one transaction, or of one snapshot, say of their origin. */
export interface SourceOrigin {
  /** Microseconds since 1970. */
  readonly time: number
  readonly serverId: number
  readonly gtid: SourceGtid | null
  readonly file: string
  readonly thread: number | null
}

/** A GTID in two parts, of which the second changes from one transaction to the next. */
export interface SourceGtid {
  /** With all that stands before the number. */
  readonly prefix: string
  /** Negative: the number is too large for one, and in the prefix. */
  readonly number: number
}

export function sourceGtid(prefix: string, number: bigint): SourceGtid {
  return number <= BigInt(Number.MAX_SAFE_INTEGER)
    ? { prefix, number: Number(number) }
    : { prefix: `${prefix}${number}`, number: -1 }
}

export function gtidText({ prefix, number }: SourceGtid): string {
  return number < 0 ? prefix : `${prefix}${number}`
}

/** What of a `source` block is no number, and which of its numbers there are. */
interface Form {
  readonly snapshot: SnapshotMarker | null
  readonly file: string
  /** null: there is no GTID. */
  readonly gtid: string | null
  readonly hasNumber: boolean
  readonly hasThread: boolean
}

interface Variant extends Form {
  readonly pattern: FieldPattern
}

/** Of one table: more than these are in use only where a snapshot and a stream alternate. */
const keptVariants = 12

/** Its numbers: milliseconds, microseconds, server id, the GTID's number, position, row, thread. */
function sourcePattern(identity: SourceIdentity, table: TableVersion, form: Form): FieldPattern {
  const { server, version, topicPrefix } = identity
  const { snapshot, file, gtid, hasNumber, hasThread } = form
  return new FieldPattern(schemas[server], 0, 7, (numbers) => {
    const [millis, micros = 0n, serverId, number, pos, row, thread] = numbers
    return [
      version,
      server,
      topicPrefix,
      millis,
      snapshot,
      table.database,
      null,
      micros,
      micros * 1000n,
      table.names.values[0],
      serverId,
      hasNumber ? `${gtid}${number}` : gtid,
      file,
      pos,
      Number(row),
      hasThread ? thread : null,
    ]
  })
}

/** In place of a number that there is none of; it never shows. */
const absent = 1
const ROW = 5

/** The rows of one event, or of a snapshot. The position of a row is its number in the event. */
export class MysqlSource implements SourceBlock {
  readonly #identity: SourceIdentity
  readonly #origin: SourceOrigin
  readonly #pos: number
  readonly #query: string | null
  #numbers: Float64Array | null = null
  // What was written last.
  #table: TableVersion | null = null
  #variant: Variant | null = null

  constructor(identity: SourceIdentity, origin: SourceOrigin, pos: number, query: string | null = null) {
    this.#identity = identity
    this.#origin = origin
    this.#pos = pos
    this.#query = query
  }

  /** The same place at another time: for rows of a query that come into the log there. */
  at(time: number): MysqlSource {
    return new MysqlSource(this.#identity, { ...this.#origin, time }, this.#pos)
  }

  write(to: ValueWriter, table: TableVersion, row: number, snapshot: SnapshotMarker | null): void {
    const { server } = this.#identity
    let variant = this.#variant
    if (variant === null || table !== this.#table || snapshot !== variant.snapshot) {
      variant = this.#find(table, snapshot)
      this.#table = table
      this.#variant = variant
    }
    const numbers = (this.#numbers ??= numbersOf(this.#origin, this.#pos))
    numbers[ROW] = row
    to.beginStruct(schemas[server])
    to.pattern(variant.pattern, numbers)
    if (this.#query === null) to.fixed(noQuery[server])
    else {
      to.field(QUERY)
      to.string(this.#query)
    }
    to.endStruct()
  }

  #find(table: TableVersion, snapshot: SnapshotMarker | null): Variant {
    const { gtid, file, thread } = this.#origin
    const { variants } = this.#identity
    let known = variants.get(table)
    if (known === undefined) variants.set(table, (known = []))
    for (const each of known)
      if (
        each.snapshot === snapshot &&
        each.gtid === (gtid === null ? null : gtid.prefix) &&
        each.file === file &&
        each.hasThread === (thread !== null) &&
        each.hasNumber === (gtid !== null && gtid.number >= 0)
      )
        return each
    const form = {
      snapshot,
      file,
      gtid: gtid?.prefix ?? null,
      hasNumber: gtid !== null && gtid.number >= 0,
      hasThread: thread !== null,
    }
    const made = { ...form, pattern: sourcePattern(this.#identity, table, form) }
    if (known.length >= keptVariants) known.shift()
    known.push(made)
    return made
  }
}

function numbersOf({ time, serverId, gtid, thread }: SourceOrigin, pos: number): Float64Array {
  const numbers = new Float64Array(7)
  numbers[0] = Math.floor(time / 1000)
  numbers[1] = time
  numbers[2] = serverId
  numbers[3] = gtid === null || gtid.number < 0 ? absent : gtid.number
  numbers[4] = pos
  numbers[6] = thread ?? absent
  return numbers
}

/** What a schema change says of its tables; null: of none that could be named. */
export interface SourceTables {
  readonly database: string
  readonly table: string | null
}

/** The `source` of a schema change: its time has milliseconds, and `row` is that of the last row before it. */
export function sourceStruct(
  identity: SourceIdentity,
  origin: SourceOrigin,
  place: { readonly pos: number; readonly row: number },
  { database, table }: SourceTables,
  snapshot: SnapshotMarker | null,
): Struct {
  const { server, version, topicPrefix } = identity
  const { time, serverId, gtid, file, thread } = origin
  const micros = BigInt(time)
  return new Struct(schemas[server], [
    version,
    server,
    topicPrefix,
    BigInt(Math.floor(time / 1000)),
    snapshot,
    database,
    null,
    micros,
    micros * 1000n,
    table,
    BigInt(serverId),
    gtid === null ? null : gtidText(gtid),
    file,
    BigInt(place.pos),
    place.row,
    thread === null ? null : BigInt(thread),
    null,
  ])
}
