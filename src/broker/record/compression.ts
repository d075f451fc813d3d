/**
 * Compressed record batches: the header stays as it is but for its attributes, whose lowest three bits name the codec,
 * and everything behind it is one zstd frame with a checksum. zstd at its fastest useful level packs change events to
 * a tenth or less, at some 1 GB/s: less work than storing the bytes.
 *
 * Nothing unpacks to more than `mostUnpacked`, whatever its bytes say; larger batches are not compressed.
 */
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { DecodeError } from '#errors'
import { type BatchHeader, headerSize, readBatchHeader } from './batch-header.ts'

export type Compression = 'none' | 'zstd'

const codecBits = 0x07
const zstd = 4
/** Below this a batch is not worth the call. */
const leastBytes = 4096
/** Many times a full batch: what is larger is one record of that size. */
export const mostUnpacked = 16 << 20
const options = {
  params: { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_checksumFlag]: 1 },
}

/** The batch compressed, in memory of its own; null where that does not pay. */
export function compressBatch(batch: Buffer): Buffer<ArrayBuffer> | null {
  if (batch.length < leastBytes || batch.length - headerSize > mostUnpacked) return null
  const packed = zstdCompressSync(batch.subarray(headerSize), options)
  if (packed.length > batch.length * 0.9) return null
  return joined(batch, packed, zstd)
}

export function isCompressed(header: BatchHeader): boolean {
  return (header.attributes & codecBits) !== 0
}

/** The batch at `at`, unpacked; damage, a frame that unpacks to too much and other codecs are a DecodeError. */
export function unpackBatch(bytes: Buffer, at = 0): Buffer {
  const header = readBatchHeader(bytes, at)
  const batch = bytes.subarray(at, at + header.size)
  if (!isCompressed(header)) return batch
  const codec = header.attributes & codecBits
  if (codec !== zstd)
    throw new DecodeError(`A record batch is compressed with codec ${codec}; only zstd (4) is known.`)
  return joined(batch, unpacked(batch.subarray(headerSize)), 0)
}

function unpacked(frame: Buffer): Buffer {
  try {
    return zstdDecompressSync(frame, { maxOutputLength: mostUnpacked })
  } catch (cause) {
    const why = isTooLarge(cause)
      ? `it would become more than ${mostUnpacked} bytes`
      : 'its bytes are damaged'
    throw new DecodeError(`A record batch cannot be unpacked: ${why}.`, { cause })
  }
}

function isTooLarge(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE'
}

function joined(header: Buffer, records: Buffer, codec: number): Buffer<ArrayBuffer> {
  const batch = Buffer.allocUnsafeSlow(headerSize + records.length)
  header.copy(batch, 0, 0, headerSize)
  batch.set(records, headerSize)
  batch.writeInt32BE(batch.length - 12, 8)
  batch.writeInt16BE((header.readInt16BE(21) & ~codecBits) | codec, 21)
  return batch
}
