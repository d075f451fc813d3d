/**
 * What MariaDB compresses (log_bin_compress): the text of a query, the rows of a rows event.
 *
 *   compressed := head:1 size:n zlib        head: 0x80 | algorithm << 4 | n; size is big-endian; the algorithm 0 is zlib
 */
import { constants, inflateSync } from 'node:zlib'
import { DecodeError } from '#errors'
import type { EventReader } from './event-reader.ts'

/** Events cannot be larger than this, so what was one before it was compressed cannot either. */
const largest = 2 ** 30

/** Reads the rest of the event. */
export function decompress(reader: EventReader): Buffer {
  const head = reader.uint8()
  const width = head & 0x07
  if ((head & 0xf0) !== 0x80 || width < 1 || width > 4) throw reader.expected('compressed bytes')
  const size = reader.bytes.readUIntBE(reader.take(width), width)
  if (size > largest) throw reader.expected(`at most ${largest} bytes`)
  const compressed = reader.slice(reader.left)
  const found = inflate(compressed, size)
  if (found.length !== size) throw reader.expected(`${size} bytes after decompression`)
  return found
}

function inflate(compressed: Buffer, size: number): Buffer {
  if (size === 0) return Buffer.alloc(0)
  try {
    return inflateSync(compressed, {
      maxOutputLength: size,
      chunkSize: Math.max(constants.Z_MIN_CHUNK, Math.min(size, 1 << 20)),
    })
  } catch (cause) {
    throw new DecodeError('The compressed part of a binlog event cannot be decompressed.', { cause })
  }
}
