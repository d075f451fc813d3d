/**
 * Compressed record batches: the header stays as it is but for its attributes, whose lowest three bits name the codec,
 * and everything behind it is compressed as one. zstd at its fastest useful level packs change events to a tenth or
 * less, at some 1 GB/s: less work than storing the bytes.
 *
 * Nothing unpacks to more than its reader's bound, whatever its bytes say.
 */
import { constants, gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { DecodeError } from '#errors'
import { type BatchHeader, headerSize, readBatchHeader } from './batch-header.ts'
import { packLz4, unpackLz4 } from './lz4.ts'
import { packSnappy, unpackSnappy } from './snappy.ts'
import { UnpackedTooLargeError } from './unpacked-too-large.ts'

export type Compression = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd'

interface Codec {
  readonly name: Compression
  pack(bytes: Buffer, level: number | null): Buffer
  unpack(bytes: Buffer, most: number): Buffer
}

const codecBits = 0x07
/** Below this a batch is not worth the call. */
const leastBytes = 4096
/** Of our own batches: many times a full one; what is larger is one record of that size, and is not compressed. */
export const mostUnpacked = 16 << 20
/**
 * Of anybody's batches in a Kafka. Their producers bound a batch by batch.size and max.request.size, before it is
 * compressed or after a guess of the ratio: 16 KiB and 1 MiB by default. This is a hundred times more than that.
 */
export const mostUnpackedOfKafka = 128 << 20

/** In the order of their numbers. */
const codecs: readonly Codec[] = [
  { name: 'none', pack: (bytes) => bytes, unpack: (bytes) => bytes },
  {
    name: 'gzip',
    pack: (bytes, level) => gzipSync(bytes, level === null ? {} : { level }),
    unpack: (bytes, maxOutputLength) => gunzipSync(bytes, { maxOutputLength }),
  },
  { name: 'snappy', pack: packSnappy, unpack: unpackSnappy },
  { name: 'lz4', pack: packLz4, unpack: unpackLz4 },
  {
    name: 'zstd',
    pack: (bytes, level) => zstdCompressSync(bytes, zstdOptions(level ?? 1)),
    unpack: (bytes, maxOutputLength) => zstdDecompressSync(bytes, { maxOutputLength }),
  },
]

/** The batch compressed, in memory of its own; null where that does not pay. `level` null: the codec's own. */
export function compressBatch(
  batch: Buffer,
  compression: Compression,
  level: number | null = null,
  most = mostUnpacked,
): Buffer<ArrayBuffer> | null {
  if (compression === 'none' || batch.length < leastBytes || batch.length - headerSize > most) return null
  const number = codecs.findIndex(({ name }) => name === compression)
  const packed = (codecs[number] as Codec).pack(batch.subarray(headerSize), level)
  if (packed.length > batch.length * 0.9) return null
  return joined(batch, packed, number)
}

/** What the batch is compressed with. */
export function compressionOf(batch: Buffer): Compression {
  return codecs[batch.readInt16BE(21) & codecBits]?.name ?? 'none'
}

export function isCompressed(header: BatchHeader): boolean {
  return (header.attributes & codecBits) !== 0
}

/** The batch at `at`, unpacked; damage, what unpacks to more than `most`, and unknown codecs are a DecodeError. */
export function unpackBatch(bytes: Buffer, at = 0, most = mostUnpacked): Buffer {
  const header = readBatchHeader(bytes, at)
  const batch = bytes.subarray(at, at + header.size)
  if (!isCompressed(header)) return batch
  const number = header.attributes & codecBits
  const codec = codecs[number]
  if (codec === undefined)
    throw new DecodeError(`A record batch is compressed with codec ${number}, which is not known.`)
  return joined(batch, unpacked(codec, batch.subarray(headerSize), most), 0)
}

function unpacked(codec: Codec, packed: Buffer, most: number): Buffer {
  try {
    return codec.unpack(packed, most)
  } catch (cause) {
    const why = isTooLarge(cause)
      ? `it would become more than ${most} bytes`
      : `its ${codec.name} bytes are damaged`
    throw new DecodeError(`A record batch cannot be unpacked: ${why}.`, { cause })
  }
}

function isTooLarge(error: unknown): boolean {
  if (error instanceof UnpackedTooLargeError) return true
  return error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE'
}

function zstdOptions(level: number) {
  return { params: { [constants.ZSTD_c_compressionLevel]: level, [constants.ZSTD_c_checksumFlag]: 1 } }
}

function joined(header: Buffer, records: Buffer, codec: number): Buffer<ArrayBuffer> {
  const batch = Buffer.allocUnsafeSlow(headerSize + records.length)
  header.copy(batch, 0, 0, headerSize)
  batch.set(records, headerSize)
  batch.writeInt32BE(batch.length - 12, 8)
  batch.writeInt16BE((header.readInt16BE(21) & ~codecBits) | codec, 21)
  return batch
}
