/**
 * Compressed record batches: the header stays as it is but for its attributes, whose lowest three bits name the codec,
 * and everything behind it is one compressed block. zstd at its fastest useful level packs change events to a tenth
 * or less, at some 1 GB/s: less work than storing the bytes.
 */
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { DecodeError } from '#errors'
import { type BatchHeader, headerSize, readBatchHeader } from './batch-header.ts'

const codecBits = 0x07
const zstd = 4
/** Below this a batch is not worth the call. */
const leastBytes = 4096
const options = { params: { [constants.ZSTD_c_compressionLevel]: 1 } }

/** The batch compressed, in memory of its own; null where that does not pay. */
export function compressBatch(batch: Buffer): Buffer<ArrayBuffer> | null {
  if (batch.length < leastBytes) return null
  const packed = zstdCompressSync(batch.subarray(headerSize), options)
  if (packed.length > batch.length * 0.9) return null
  return joined(batch, packed, zstd)
}

export function isCompressed(header: BatchHeader): boolean {
  return (header.attributes & codecBits) !== 0
}

/** The batch at `at`, unpacked; codecs other than zstd are a DecodeError. */
export function unpackBatch(bytes: Buffer, at = 0): Buffer {
  const header = readBatchHeader(bytes, at)
  const batch = bytes.subarray(at, at + header.size)
  if (!isCompressed(header)) return batch
  const codec = header.attributes & codecBits
  if (codec !== zstd)
    throw new DecodeError(`A record batch is compressed with codec ${codec}; only zstd (4) is known.`)
  try {
    return joined(batch, zstdDecompressSync(batch.subarray(headerSize)), 0)
  } catch (error) {
    throw new DecodeError('A record batch cannot be unpacked: its bytes are damaged.', { cause: error })
  }
}

function joined(header: Buffer, records: Buffer, codec: number): Buffer<ArrayBuffer> {
  const batch = Buffer.allocUnsafeSlow(headerSize + records.length)
  header.copy(batch, 0, 0, headerSize)
  batch.set(records, headerSize)
  batch.writeInt32BE(batch.length - 12, 8)
  batch.writeInt16BE((header.readInt16BE(21) & ~codecBits) | codec, 21)
  return batch
}
