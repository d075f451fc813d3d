/**
 * The log as far as its places are concerned: which events there are, where and when. Only headers are read, and what
 * names a transaction. Events are contiguous in their file: one begins where the one before it ends.
 */
import { artificialFlag, checksumSize, headerSize } from '../decode/event-header.ts'
import { eventType as E } from '../decode/event-types.ts'
import { decodeFormatDescription } from '../decode/format-description.ts'
import {
  decodeGtid,
  decodeMariadbGtid,
  decodeMariadbGtidList,
  decodeTaggedGtid,
  type Gtid,
  type MariadbGtidEntry,
} from '../decode/gtid-events.ts'
import { GtidSet } from '../decode/gtid-set.ts'
import { MariadbGtidPosition } from '../decode/mariadb-gtid.ts'
import { decodeRotate } from '../decode/other-events.ts'

export interface LogEvent {
  readonly file: string
  readonly start: number
  readonly end: number
  readonly type: number
  /** Seconds since 1970. */
  readonly timestamp: number
  /** It names the transaction that begins with it. */
  readonly gtid: Gtid | MariadbGtidEntry | null
  /** It tells what came before its file. */
  readonly previous: GtidSet | MariadbGtidPosition | null
}

/** No transaction is open where one of these begins. */
const betweenTransactions: ReadonlySet<number> = new Set([
  ...[E.GTID, E.ANONYMOUS_GTID, E.GTID_TAGGED, E.MARIADB_GTID],
  ...[E.FORMAT_DESCRIPTION, E.PREVIOUS_GTIDS, E.MARIADB_GTID_LIST, E.MARIADB_START_ENCRYPTION],
  ...[E.MARIADB_BINLOG_CHECKPOINT, E.ROTATE, E.STOP],
])

export function isBetweenTransactions({ type }: LogEvent): boolean {
  return betweenTransactions.has(type)
}

/** Follows the bytes of a session from a known place on. */
export class LogCursor {
  #file: string
  #pos: number
  #checksum: boolean

  /** `checksum`: of events before the first format description. */
  constructor(file: string, pos: number, checksum: boolean) {
    this.#file = file
    this.#pos = pos
    this.#checksum = checksum
  }

  /** null: the event is in no file. */
  take(bytes: Buffer, from: number, to: number): LogEvent | null {
    const type = bytes[from + 4] as number
    const next = bytes.readUInt32LE(from + 13)
    const isArtificial = next === 0 || (bytes.readUInt16LE(from + 17) & artificialFlag) !== 0
    const body = from + headerSize
    if (type === E.FORMAT_DESCRIPTION)
      this.#checksum = decodeFormatDescription(bytes, body, to - checksumSize).checksum
    const end = this.#checksum && type !== E.FORMAT_DESCRIPTION ? to - checksumSize : to
    if (type === E.ROTATE && isArtificial) {
      const { file, position } = decodeRotate(bytes, body, end)
      this.#file = file
      this.#pos = position
    }
    if (isArtificial || type === E.HEARTBEAT || type === E.HEARTBEAT_V2) return null
    const start = this.#pos
    this.#pos = behind(start, next)
    return {
      file: this.#file,
      start,
      end: this.#pos,
      type,
      timestamp: bytes.readUInt32LE(from),
      gtid: gtidOf(type, bytes, body, end, bytes.readUInt32LE(from + 5)),
      previous: previousOf(type, bytes, body, end),
    }
  }
}

/** Headers know the lower 32 bits of a position. */
function behind(start: number, lower: number): number {
  const end = Math.floor(start / 2 ** 32) * 2 ** 32 + lower
  return end >= start ? end : end + 2 ** 32
}

function gtidOf(type: number, bytes: Buffer, from: number, to: number, server: number): LogEvent['gtid'] {
  switch (type) {
    case E.GTID:
      return decodeGtid(bytes, from, to, false)
    case E.ANONYMOUS_GTID:
      return decodeGtid(bytes, from, to, true)
    case E.GTID_TAGGED:
      return decodeTaggedGtid(bytes, from, to)
    case E.MARIADB_GTID:
      return decodeMariadbGtid(bytes, from, to, server)
    default:
      return null
  }
}

function previousOf(type: number, bytes: Buffer, from: number, to: number): LogEvent['previous'] {
  if (type === E.PREVIOUS_GTIDS) return GtidSet.decode(bytes, from, to)
  if (type === E.MARIADB_GTID_LIST) return MariadbGtidPosition.of(decodeMariadbGtidList(bytes, from, to))
  return null
}
