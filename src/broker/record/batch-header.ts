/**
 * The header of a record batch, format 2, big endian:
 *
 *   0 base offset int64 | 8 length of what follows int32 | 12 leader epoch int32 | 16 magic int8 = 2 | 17 crc uint32
 *   21 attributes int16 | 23 last offset delta int32 | 27 base timestamp int64 | 35 max timestamp int64
 *   43 producer id int64 | 51 producer epoch int16 | 53 base sequence int32 | 57 record count int32 | 61 records
 *
 *   attributes := codec 3 bits | timestamp type 1 bit | transactional 1 bit | control 1 bit
 *
 * The CRC-32C covers everything from the attributes on; the embedded broker leaves it 0
 * (a compressed batch has a checksum of its own).
 */
import { DecodeError } from '#errors'

export const headerSize = 61
export const crcFrom = 21
export const transactionalBit = 0x10
const logAppendTimeBit = 0x08
const controlBit = 0x20
/** Up to here a batch says how long it is. */
const lengthEnd = 12

export interface BatchHeader {
  readonly baseOffset: bigint
  /** Bytes of the whole batch, header included. */
  readonly size: number
  readonly attributes: number
  /** The last offset that the batch stands for, whether its record is still there or was compacted away. */
  readonly lastOffsetDelta: number
  readonly baseTimestamp: bigint
  readonly maxTimestamp: bigint
  /** -1: of no idempotent producer. */
  readonly producerId: bigint
  readonly count: number
}

export function writeBatchHeader(
  bytes: Buffer,
  size: number,
  header: Omit<BatchHeader, 'size' | 'producerId'>,
): void {
  bytes.writeBigInt64BE(header.baseOffset, 0)
  bytes.writeInt32BE(size - lengthEnd, 8)
  bytes.writeInt32BE(-1, 12)
  bytes[16] = 2
  bytes.writeUInt32BE(0, 17)
  bytes.writeInt16BE(header.attributes, 21)
  bytes.writeInt32BE(header.lastOffsetDelta, 23)
  bytes.writeBigInt64BE(header.baseTimestamp, 27)
  bytes.writeBigInt64BE(header.maxTimestamp, 35)
  // No producer id, epoch or sequence: who writes idempotently puts its own there.
  bytes.fill(0xff, 43, 57)
  bytes.writeInt32BE(header.count, 57)
}

/** Reads the header at `at`; a batch that is cut off or of another format is a DecodeError. */
export function readBatchHeader(bytes: Buffer, at = 0): BatchHeader {
  if (bytes.length - at < headerSize) throw new DecodeError('A record batch ends within its header.')
  const size = bytes.readInt32BE(at + 8) + lengthEnd
  if (bytes[at + 16] !== 2)
    throw new DecodeError(`A record batch has format ${bytes[at + 16]}, only 2 is known.`)
  if (size < headerSize || at + size > bytes.length)
    throw new DecodeError(`A record batch claims ${size} bytes, but there are ${bytes.length - at}.`)
  return {
    baseOffset: bytes.readBigInt64BE(at),
    size,
    attributes: bytes.readInt16BE(at + 21),
    lastOffsetDelta: bytes.readInt32BE(at + 23),
    baseTimestamp: bytes.readBigInt64BE(at + 27),
    maxTimestamp: bytes.readBigInt64BE(at + 35),
    producerId: bytes.readBigInt64BE(at + 43),
    count: bytes.readInt32BE(at + 57),
  }
}

/** false: the batch at `at` goes on behind the end of the bytes, as the last one in the answer to a fetch may. */
export function isWhole(bytes: Buffer, at: number): boolean {
  const left = bytes.length - at
  return left >= lengthEnd && left >= bytes.readInt32BE(at + 8) + lengthEnd
}

/** Its records say nothing of their time: it is the batch's `maxTimestamp`. */
export function hasLogAppendTime({ attributes }: BatchHeader): boolean {
  return (attributes & logAppendTimeBit) !== 0
}

export function isTransactional({ attributes }: BatchHeader): boolean {
  return (attributes & transactionalBit) !== 0
}

/** It marks the end of a transaction and holds no records of anybody's. */
export function isControl({ attributes }: BatchHeader): boolean {
  return (attributes & controlBit) !== 0
}
