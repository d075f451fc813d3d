/**
 * TRANSACTION_PAYLOAD: a whole transaction's events, compressed (binlog_transaction_compression).
 *
 *   body  := field* 0
 *   field := kind:packed size:packed value
 *   kind  := 1 payload size | 2 compression: 0 zstd, 255 none | 3 size without compression
 *   rest  := the payload: events without checksums
 */
import { createZstdDecompress, zstdDecompressSync } from 'node:zlib'
import { DecodeError } from '#errors'
import { EventReader } from './event-reader.ts'
import { headerSize } from './event-header.ts'

export interface TransactionPayload {
  readonly compression: 'zstd' | 'none'
  readonly bytes: Buffer
  /** Bytes of its events. */
  readonly size: number
}

export function decodeTransactionPayload(bytes: Buffer, from: number, to: number): TransactionPayload {
  const reader = new EventReader(bytes, from, to, 'TRANSACTION_PAYLOAD')
  let length = -1
  let compression = -1
  let size = -1
  for (let kind = reader.packed(); kind !== 0; kind = reader.packed()) {
    const at = reader.take(reader.packed())
    const value = new EventReader(bytes, at, reader.at, 'TRANSACTION_PAYLOAD')
    if (kind === 1) length = value.packed()
    else if (kind === 2) compression = value.packed()
    else if (kind === 3) size = value.packed()
  }
  if (compression !== 0 && compression !== 255)
    throw new DecodeError(
      `A binlog event TRANSACTION_PAYLOAD is compressed by the unknown method ${compression}.`,
    )
  if (length !== reader.left) throw reader.expected('a payload of the size that was said')
  const payload = reader.slice(length)
  if (compression === 255) return { compression: 'none', bytes: payload, size: length }
  return { compression: 'zstd', bytes: payload, size: size < 0 ? reader.left : size }
}

/** All events of a payload at once: for those whose `size` is small. */
export function payloadEvents(payload: TransactionPayload): Buffer {
  const { compression, bytes, size } = payload
  if (compression === 'none') return bytes
  let found: Buffer
  try {
    found = zstdDecompressSync(bytes, { maxOutputLength: Math.max(size, 1) })
  } catch (cause) {
    throw notZstd(cause)
  }
  if (found.length !== size) throw wrongSize(found.length, size)
  return found
}

/** The events of a payload in chunks of whole events, each chunk about as large as asked for, or one event. */
export async function* payloadChunks(payload: TransactionPayload, chunk: number): AsyncGenerator<Buffer> {
  const { compression, bytes, size } = payload
  if (compression === 'none' || size <= chunk) {
    yield payloadEvents(payload)
    return
  }
  let held: Buffer[] = []
  let length = 0
  let total = 0
  // At least one whole event: joining what is held for every part of a large one would be quadratic.
  let wanted = chunk
  for await (const part of decompressed(bytes)) {
    held.push(part)
    length += part.length
    total += part.length
    if (total > size) throw wrongSize(total, size)
    if (length < wanted) continue
    const joined = Buffer.concat(held)
    const end = lastEventEnd(joined)
    if (end > 0) yield joined.subarray(0, end)
    const rest = joined.subarray(end)
    held = [rest]
    length = rest.length
    wanted = Math.max(chunk, length >= headerSize ? rest.readUInt32LE(9) : 0)
  }
  if (total !== size) throw wrongSize(total, size)
  if (length > 0) yield Buffer.concat(held)
}

async function* decompressed(bytes: Buffer): AsyncGenerator<Buffer> {
  const stream = createZstdDecompress({ chunkSize: 1 << 18 })
  stream.end(bytes)
  try {
    for await (const part of stream) yield part as Buffer
  } catch (cause) {
    throw notZstd(cause)
  } finally {
    stream.destroy()
  }
}

/** Where the last event that is whole ends. */
function lastEventEnd(bytes: Buffer): number {
  let end = 0
  while (end + headerSize <= bytes.length) {
    const size = bytes.readUInt32LE(end + 9)
    if (size < headerSize) throw new DecodeError(`A transaction payload has an event of ${size} bytes.`)
    if (end + size > bytes.length) break
    end += size
  }
  return end
}

function notZstd(cause: unknown): DecodeError {
  return new DecodeError('A transaction payload in the binlog cannot be decompressed.', { cause })
}

function wrongSize(found: number, said: number): DecodeError {
  return new DecodeError(`A transaction payload in the binlog has ${found} bytes instead of ${said}.`)
}
