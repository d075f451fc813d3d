/**
 * Values of MariaDB's COMPRESSED columns as rows carry them.
 *
 *   value := (head:1 rest)?          none: the empty value
 *   head  := 0                       rest is the value itself
 *          | 0x80 | wrapped:1 | n:3  rest is the value's size in n bytes, then deflated bytes; bit 3 unset: with
 *                                    zlib's header and checksum
 */
import { inflateRawSync, inflateSync } from 'node:zlib'
import type { CellReader } from '#cdc'
import { misread } from './value-type.ts'

const expected = 'a compressed column'

/** A reader of such values, over one of the values within. */
export function decompressedReader(read: CellReader): CellReader {
  return (bytes, from, to, writer) => {
    if (from === to) return read(bytes, from, to, writer)
    if (bytes[from] === 0) return read(bytes, from + 1, to, writer)
    const value = decompress(bytes, from, to)
    read(value, 0, value.length, writer)
  }
}

function decompress(bytes: Uint8Array, from: number, to: number): Buffer {
  const head = bytes[from] as number
  const width = head & 0x07
  if ((head & 0xf0) !== 0x80 || width < 1 || width > 4 || from + 1 + width > to) throw misread(expected)
  let size = 0
  for (let i = 1; i <= width; i++) size = size * 256 + (bytes[from + i] as number)
  const inflate = (head & 0x08) === 0 ? inflateSync : inflateRawSync
  try {
    const value = inflate(bytes.subarray(from + 1 + width, to), { maxOutputLength: Math.max(size, 1) })
    if (value.length === size) return value
  } catch {
    // Neither the bytes nor the cause may be told: the value would be in the message.
  }
  throw misread(expected)
}
