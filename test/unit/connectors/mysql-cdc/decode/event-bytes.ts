/** Binlog events made by hand. */
import { crc32 } from 'node:zlib'
import type { BinlogEvent } from '../../../../../connectors/mysql-cdc/decode/binlog-decoder.ts'
import { BinlogDecoder } from '../../../../../connectors/mysql-cdc/decode/binlog-decoder.ts'
import { formatBeforeFirst } from '../../../../../connectors/mysql-cdc/decode/format-description.ts'

export const u8 = (value: number) => Buffer.of(value)
export const u16 = (value: number) => Buffer.of(value & 255, value >> 8)
export const u32 = (value: number) => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}
export const u64 = (value: bigint) => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(value)
  return bytes
}
export const text = (value: string) => Buffer.from(value)

export interface HeaderBytes {
  readonly flags?: number
  readonly nextPosition?: number
  readonly checksum?: boolean
}

/** An event of that type around the body. */
export function eventBytes(type: number, body: readonly Buffer[], options: HeaderBytes = {}): Buffer {
  const { flags = 0, nextPosition = 0, checksum = false } = options
  const content = Buffer.concat(body)
  const size = 19 + content.length + (checksum ? 4 : 0)
  const head = [u32(1_700_000_000), u8(type), u32(98), u32(size), u32(nextPosition), u16(flags)]
  const bytes = Buffer.concat([...head, content])
  return checksum ? Buffer.concat([bytes, u32(crc32(bytes))]) : bytes
}

/** What a decoder of a log without checksums makes of it. */
export function decoded(type: number, body: readonly Buffer[], options: HeaderBytes = {}): BinlogEvent {
  const bytes = eventBytes(type, body, options)
  const decoder = new BinlogDecoder(formatBeforeFirst(options.checksum === true))
  return decoder.decode(bytes, 0, bytes.length)
}
