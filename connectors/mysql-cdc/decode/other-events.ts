/**
 * Events of a few fields each.
 *
 *   ROTATE            := position:8 file                         text fields without a size reach to the end
 *   XID               := xid:8
 *   XA_PREPARE        := onePhase:1 format:4 globalSize:4 branchSize:4 global branch
 *   ROWS_QUERY        := 1 byte of no meaning, sql
 *   ANNOTATE_ROWS     := sql
 *   HEARTBEAT         := file                                    the position is the header's
 *   HEARTBEAT_V2      := (field:packed size:packed value)*       1: file, 2: position:packed
 *   INCIDENT          := code:2 size:1 message
 *   BINLOG_CHECKPOINT := size:4 file
 *   START_ENCRYPTION  := scheme:1 key:4 nonce:12
 */
import { EventReader } from './event-reader.ts'

export interface Rotate {
  readonly file: string
  readonly position: number
}

export function decodeRotate(bytes: Buffer, from: number, to: number): Rotate {
  const reader = new EventReader(bytes, from, to, 'ROTATE')
  const position = reader.safeInteger(8)
  if (reader.left === 0) throw reader.expected('the name of a file')
  return { position, file: reader.text(reader.left) }
}

export function decodeXid(bytes: Buffer, from: number, to: number): bigint {
  if (to - from < 8) throw new EventReader(bytes, from, to, 'XID').expected('8 bytes')
  return bytes.readBigUInt64LE(from)
}

export interface XaPrepare {
  /** XA COMMIT … ONE PHASE: the transaction is committed here. */
  readonly onePhase: boolean
  readonly formatId: number
  readonly globalId: Buffer
  readonly branchId: Buffer
}

export function decodeXaPrepare(bytes: Buffer, from: number, to: number): XaPrepare {
  const reader = new EventReader(bytes, from, to, 'XA_PREPARE')
  const onePhase = reader.uint8() !== 0
  const formatId = reader.int32()
  const [globalSize, branchSize] = [reader.uint32(), reader.uint32()]
  return { onePhase, formatId, globalId: reader.copy(globalSize), branchId: reader.copy(branchSize) }
}

/** `skip`: bytes before the text, 1 in ROWS_QUERY, whose size byte is too small for most texts, 0 in ANNOTATE_ROWS. */
export function decodeRowsQuery(bytes: Buffer, from: number, to: number, skip: 0 | 1): string {
  const reader = new EventReader(bytes, from, to, skip === 1 ? 'ROWS_QUERY' : 'ANNOTATE_ROWS')
  reader.take(skip)
  return reader.text(reader.left)
}

export interface Heartbeat {
  readonly file: string
  readonly position: number
}

export function decodeHeartbeat(bytes: Buffer, from: number, to: number, nextPosition: number): Heartbeat {
  return { file: bytes.toString('utf8', from, to), position: nextPosition }
}

export function decodeHeartbeatV2(bytes: Buffer, from: number, to: number): Heartbeat {
  const reader = new EventReader(bytes, from, to, 'HEARTBEAT_V2')
  let file = ''
  let position = -1
  for (let field = endOfFields; reader.left > 0 && (field = reader.packed()) !== endOfFields; ) {
    const size = reader.packed()
    const at = reader.take(size)
    const value = new EventReader(bytes, at, at + size, 'HEARTBEAT_V2')
    if (field === 1) file = value.text(size)
    else if (field === 2) position = value.packed()
  }
  if (position < 0) throw reader.expected('a position')
  return { file, position }
}

const endOfFields = 0

export interface Incident {
  readonly code: number
  readonly message: string
}

export function decodeIncident(bytes: Buffer, from: number, to: number): Incident {
  const reader = new EventReader(bytes, from, to, 'INCIDENT')
  const code = reader.uint16()
  return { code, message: reader.left === 0 ? '' : reader.text(reader.uint8()) }
}

export function decodeCheckpoint(bytes: Buffer, from: number, to: number): string {
  const reader = new EventReader(bytes, from, to, 'BINLOG_CHECKPOINT')
  return reader.text(reader.uint32())
}

export interface StartEncryption {
  readonly scheme: number
  readonly keyVersion: number
}

export function decodeStartEncryption(bytes: Buffer, from: number, to: number): StartEncryption {
  const reader = new EventReader(bytes, from, to, 'START_ENCRYPTION')
  return { scheme: reader.uint8(), keyVersion: reader.uint32() }
}
