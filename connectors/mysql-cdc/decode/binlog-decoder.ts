/**
 * From the bytes of one event to what it says. The decoder knows what later events of a log depend on: its format, and
 * the tables in force. Whatever it does not know it refuses by name, unless the server says that it may be ignored
 * (invariant 4).
 */
import { DecodeError } from '#errors'
import {
  checksumSize,
  type EventHeader,
  headerSize,
  ignorableFlag,
  readHeader,
  verifyChecksum,
} from './event-header.ts'
import { eventName, eventType as E } from './event-types.ts'
import { decodeFormatDescription, formatWithin, type LogFormat } from './format-description.ts'
import {
  decodeGtid,
  decodeMariadbGtid,
  decodeMariadbGtidList,
  decodeTaggedGtid,
  type Gtid,
  type MariadbGtid,
  type MariadbGtidEntry,
} from './gtid-events.ts'
import { GtidSet } from './gtid-set.ts'
import {
  decodeCheckpoint,
  decodeHeartbeat,
  decodeHeartbeatV2,
  decodeIncident,
  decodeRotate,
  decodeRowsQuery,
  decodeStartEncryption,
  decodeXaPrepare,
  decodeXid,
  type Heartbeat,
  type Incident,
  type Rotate,
  type StartEncryption,
  type XaPrepare,
} from './other-events.ts'
import { beginThread, decodeQuery, type Query } from './query.ts'
import { decodeRowsHead, type RowsEvent } from './rows.ts'
import { type TableMap, TableMaps } from './table-map.ts'
import { decodeTransactionPayload, type TransactionPayload } from './transaction-payload.ts'

/** What an event says; `header` is where and when. */
export type BinlogEvent = { readonly header: EventHeader } & EventBody

type EventBody =
  | { readonly kind: 'rotate'; readonly rotate: Rotate }
  | { readonly kind: 'format'; readonly format: LogFormat }
  | { readonly kind: 'gtid'; readonly gtid: Gtid }
  | { readonly kind: 'mariadbGtid'; readonly gtid: MariadbGtid }
  | { readonly kind: 'begin'; readonly threadId: number }
  | { readonly kind: 'query'; readonly query: Query }
  | { readonly kind: 'rowsQuery'; readonly sql: string }
  | { readonly kind: 'table'; readonly table: TableMap }
  | { readonly kind: 'rows'; readonly rows: RowsEvent; readonly table: TableMap }
  | { readonly kind: 'payload'; readonly payload: TransactionPayload }
  | { readonly kind: 'commit'; readonly xid: bigint }
  | { readonly kind: 'xaPrepare'; readonly xa: XaPrepare }
  | { readonly kind: 'previousGtids'; readonly gtids: GtidSet }
  | { readonly kind: 'mariadbGtidList'; readonly gtids: readonly MariadbGtidEntry[] }
  | { readonly kind: 'heartbeat'; readonly heartbeat: Heartbeat }
  | { readonly kind: 'incident'; readonly incident: Incident }
  | { readonly kind: 'checkpoint'; readonly file: string }
  | { readonly kind: 'encryption'; readonly encryption: StartEncryption }
  | { readonly kind: 'stop' }
  /** Nothing that a reader of changes needs. */
  | { readonly kind: 'ignored' }

/** The id that ends a statement without rows in MySQL: it stands for no table. */
const dummyTable = 0xffffff

export class BinlogDecoder {
  #format: LogFormat
  readonly #tables = new TableMaps()

  constructor(format: LogFormat) {
    this.#format = format
  }

  get format(): LogFormat {
    return this.#format
  }

  /** A decoder of the events within this log's transaction payloads, whose events have no checksum of their own. */
  within(): BinlogDecoder {
    return new BinlogDecoder(formatWithin(this.#format))
  }

  /** Decodes the event that is `bytes[from, to)`; its rows, if it has any, stay in `bytes`. */
  decode(bytes: Buffer, from: number, to: number): BinlogEvent {
    const header = readHeader(bytes, from, to)
    const body = from + headerSize
    if (header.type === E.FORMAT_DESCRIPTION) return this.#formatDescription(bytes, from, to, header)
    let end = to
    if (this.#format.checksum) {
      verifyChecksum(bytes, from, to, header)
      end -= checksumSize
    }
    return this.#body(header, bytes, body, end)
  }

  #formatDescription(bytes: Buffer, from: number, to: number, header: EventHeader): BinlogEvent {
    const format = decodeFormatDescription(bytes, from + headerSize, to - checksumSize)
    if (format.checksum) verifyChecksum(bytes, from, to, header)
    this.#format = format
    this.#tables.clear()
    return { header, kind: 'format', format }
  }

  #body(header: EventHeader, bytes: Buffer, from: number, to: number): BinlogEvent {
    switch (header.type) {
      case E.TABLE_MAP:
        return { header, kind: 'table', table: this.#tables.take(bytes, from, to, this.#format.mariadb) }
      case E.QUERY: {
        const threadId = beginThread(bytes, from, to)
        if (threadId !== null) return { header, kind: 'begin', threadId }
        return { header, kind: 'query', query: decodeQuery(bytes, from, to, false) }
      }
      case E.XID:
        return { header, kind: 'commit', xid: decodeXid(bytes, from, to) }
      case E.GTID:
        return { header, kind: 'gtid', gtid: decodeGtid(bytes, from, to, false) }
      case E.MARIADB_GTID:
        return { header, kind: 'mariadbGtid', gtid: decodeMariadbGtid(bytes, from, to, header.serverId) }
      default:
        return this.#rows(header, bytes, from, to) ?? rareEvent(header, bytes, from, to)
    }
  }

  #rows(header: EventHeader, bytes: Buffer, from: number, to: number): BinlogEvent | null {
    const rows = decodeRowsHead(header.type, bytes, from, to)
    if (rows === null) return null
    if (rows.endsStatement) this.#tables.endStatement()
    const table = this.#tables.get(rows.tableId)
    if (table !== undefined) return { header, kind: 'rows', rows, table }
    if (rows.tableId === dummyTable && rows.from === rows.to) return { header, kind: 'ignored' }
    throw new DecodeError(
      `Rows came of the table with the number ${rows.tableId}, which no TABLE_MAP before them describes.`,
      { remedy: 'The log must be read from the beginning of a transaction.' },
    )
  }
}

function rareEvent(header: EventHeader, bytes: Buffer, from: number, to: number): BinlogEvent {
  switch (header.type) {
    case E.ROTATE:
      return { header, kind: 'rotate', rotate: decodeRotate(bytes, from, to) }
    case E.ANONYMOUS_GTID:
      return { header, kind: 'gtid', gtid: decodeGtid(bytes, from, to, true) }
    case E.GTID_TAGGED:
      return { header, kind: 'gtid', gtid: decodeTaggedGtid(bytes, from, to) }
    case E.ROWS_QUERY:
      return { header, kind: 'rowsQuery', sql: decodeRowsQuery(bytes, from, to, 1) }
    case E.MARIADB_ANNOTATE_ROWS:
      return { header, kind: 'rowsQuery', sql: decodeRowsQuery(bytes, from, to, 0) }
    case E.MARIADB_QUERY_COMPRESSED:
      return { header, kind: 'query', query: decodeQuery(bytes, from, to, true) }
    case E.TRANSACTION_PAYLOAD:
      return { header, kind: 'payload', payload: decodeTransactionPayload(bytes, from, to) }
    case E.XA_PREPARE:
      return { header, kind: 'xaPrepare', xa: decodeXaPrepare(bytes, from, to) }
    case E.PREVIOUS_GTIDS:
      return { header, kind: 'previousGtids', gtids: GtidSet.decode(bytes, from, to) }
    case E.MARIADB_GTID_LIST:
      return { header, kind: 'mariadbGtidList', gtids: decodeMariadbGtidList(bytes, from, to) }
    case E.HEARTBEAT:
      return { header, kind: 'heartbeat', heartbeat: decodeHeartbeat(bytes, from, to, header.nextPosition) }
    case E.HEARTBEAT_V2:
      return { header, kind: 'heartbeat', heartbeat: decodeHeartbeatV2(bytes, from, to) }
    case E.INCIDENT:
      return { header, kind: 'incident', incident: decodeIncident(bytes, from, to) }
    case E.MARIADB_BINLOG_CHECKPOINT:
      return { header, kind: 'checkpoint', file: decodeCheckpoint(bytes, from, to) }
    case E.MARIADB_START_ENCRYPTION:
      return { header, kind: 'encryption', encryption: decodeStartEncryption(bytes, from, to) }
    case E.STOP:
      return { header, kind: 'stop' }
    // Values that a statement reads (DDL may, as CREATE EVENT), and the members of a replication group.
    case E.INTVAR:
    case E.RAND:
    case E.USER_VAR:
    case E.VIEW_CHANGE:
      return { header, kind: 'ignored' }
    default:
      if (header.type === E.IGNORABLE || (header.flags & ignorableFlag) !== 0)
        return { header, kind: 'ignored' }
      throw refused(header)
  }
}

function refused(header: EventHeader): DecodeError {
  return new DecodeError(
    `The binlog has an event ${eventName(header.type)} before position ${header.nextPosition}, which cannot be read.`,
    {
      remedy:
        'Changes must be logged as rows (binlog_format=ROW) by a server of a version that is supported.',
    },
  )
}
