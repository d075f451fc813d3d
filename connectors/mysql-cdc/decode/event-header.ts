/**
 * What every event begins with, and the checksum that it may end with.
 *
 *   event  := header body checksum:4?
 *   header := timestamp:4 type:1 serverId:4 size:4 nextPosition:4 flags:2
 *
 * The checksum is the CRC-32 of all bytes before it. In the one event that is rewritten in place, the format
 * description of the file being written, the in-use flag counts as unset.
 */
import { crc32 } from 'node:zlib'
import { DecodeError } from '#errors'
import { eventName } from './event-types.ts'

export interface EventHeader {
  /** Seconds since 1970. */
  readonly timestamp: number
  readonly type: number
  readonly serverId: number
  /** With header and checksum. */
  readonly size: number
  /** Where the next event begins in its file, modulo 2^32; 0 in events that are in no file. */
  readonly nextPosition: number
  readonly flags: number
}

export const headerSize = 19
export const checksumSize = 4

/** The log was not closed (yet) behind this format description. */
export const inUseFlag = 0x01
/** Made by the server for this connection only: not in the file. */
export const artificialFlag = 0x20
/** Whoever does not know the event may pass over it. */
export const ignorableFlag = 0x80

/** Reads the header of the event in `bytes[from, to)`, whose size must be just that. */
export function readHeader(bytes: Buffer, from: number, to: number): EventHeader {
  if (to - from < headerSize) throw new DecodeError(`A binlog event of ${to - from} bytes has no header.`)
  const type = bytes[from + 4] as number
  const size = bytes.readUInt32LE(from + 9)
  if (size !== to - from)
    throw new DecodeError(
      `A binlog event ${eventName(type)} says that it has ${size} bytes, but ${to - from} came.`,
    )
  return {
    timestamp: bytes.readUInt32LE(from),
    type,
    serverId: bytes.readUInt32LE(from + 5),
    size,
    nextPosition: bytes.readUInt32LE(from + 13),
    flags: bytes.readUInt16LE(from + 17),
  }
}

/** Up to this size tables beat the call of a native function. */
const shortEvent = 1024

/** Eight tables of 256: what a byte does to the remainder when 0 to 7 bytes follow it. */
const tables = new Int32Array(8 * 256)
for (let byte = 0; byte < 256; byte++) {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  tables[byte] = crc
}
for (let i = 256; i < tables.length; i++) {
  const before = tables[i - 256] as number
  tables[i] = (before >>> 8) ^ (tables[before & 255] as number)
}

function crcOf(bytes: Buffer, from: number, to: number): number {
  if (to - from > shortEvent) return crc32(bytes.subarray(from, to))
  const t = tables
  let crc = -1
  let at = from
  for (; at + 8 <= to; at += 8) {
    crc =
      (t[1792 + ((crc ^ (bytes[at] as number)) & 255)] as number) ^
      (t[1536 + (((crc >>> 8) ^ (bytes[at + 1] as number)) & 255)] as number) ^
      (t[1280 + (((crc >>> 16) ^ (bytes[at + 2] as number)) & 255)] as number) ^
      (t[1024 + ((crc >>> 24) ^ (bytes[at + 3] as number))] as number) ^
      (t[768 + (bytes[at + 4] as number)] as number) ^
      (t[512 + (bytes[at + 5] as number)] as number) ^
      (t[256 + (bytes[at + 6] as number)] as number) ^
      (t[bytes[at + 7] as number] as number)
  }
  for (; at < to; at++) crc = (t[(crc ^ (bytes[at] as number)) & 255] as number) ^ (crc >>> 8)
  return ~crc >>> 0
}

/** Throws unless the last four bytes of the event are the checksum of those before. */
export function verifyChecksum(bytes: Buffer, from: number, to: number, header: EventHeader): void {
  const body = to - checksumSize
  if (body < from + headerSize) throw new DecodeError('A binlog event has no room for its checksum.')
  const said = bytes.readUInt32LE(body)
  if (crcOf(bytes, from, body) === said) return
  if ((header.flags & inUseFlag) !== 0) {
    const closed = Buffer.from(bytes.subarray(from, body))
    closed.writeUInt16LE(header.flags & ~inUseFlag, 17)
    if (crcOf(closed, 0, closed.length) === said) return
  }
  throw new DecodeError(
    `The checksum of a binlog event ${eventName(header.type)} before position ${header.nextPosition} is wrong.`,
    {
      remedy:
        'The log or the connection is damaged: check the file on the server with mysqlbinlog --verify-binlog-checksum.',
    },
  )
}
