/**
 * snappy as Kafka's clients write it. Java's wrap the blocks, and so do we; librdkafka writes one bare block:
 *
 *   wrapped := 82 "SNAPPY" 00 | version int32 = 1 | compatible int32 = 1 | (length int32 | block)*
 *   block   := unpacked length, 7 bits per byte and lowest first | …
 */
import { createRequire } from 'node:module'
import { DecodeError } from '#errors'
import { UnpackedTooLargeError } from './unpacked-too-large.ts'

const magic = Buffer.from('82534e4150505900', 'hex')
const start = Buffer.concat([magic, Buffer.from([0, 0, 0, 1, 0, 0, 0, 1])])
const require = createRequire(import.meta.url)

/** Loaded with the first batch that needs it: native code that most workers never run. */
const snappy = (): typeof import('snappy') => require('snappy')

/** snappy looks no further back than this. */
const blockBytes = 1 << 16

export function packSnappy(bytes: Buffer): Buffer {
  const parts: Buffer[] = [start]
  for (let at = 0; at < bytes.length; at += blockBytes) {
    const block = snappy().compressSync(bytes.subarray(at, at + blockBytes))
    const length = Buffer.allocUnsafe(4)
    length.writeInt32BE(block.length, 0)
    parts.push(length, block)
  }
  return Buffer.concat(parts)
}

export function unpackSnappy(frame: Buffer, most: number): Buffer {
  const blocks = frame.subarray(0, magic.length).equals(magic) ? wrappedBlocks(frame) : [frame]
  let size = 0
  for (const block of blocks) size += unpackedLength(block)
  if (size > most) throw new UnpackedTooLargeError()
  const unpacked = blocks.map((block) => snappy().uncompressSync(block, { asBuffer: true }) as Buffer)
  return unpacked.length === 1 ? (unpacked[0] as Buffer) : Buffer.concat(unpacked, size)
}

function wrappedBlocks(frame: Buffer): Buffer[] {
  if (frame.length < start.length) throw new DecodeError('A snappy frame ends within its header.')
  const blocks: Buffer[] = []
  for (let at = start.length; at < frame.length; ) {
    const from = at + 4
    const length = from > frame.length ? -1 : frame.readInt32BE(at)
    if (length < 0 || from + length > frame.length)
      throw new DecodeError('A block of a snappy frame ends outside of it.')
    blocks.push(frame.subarray(from, from + length))
    at = from + length
  }
  return blocks
}

function unpackedLength(block: Buffer): number {
  let length = 0
  for (let i = 0; i < 5; i++) {
    const byte = block[i]
    if (byte === undefined) break
    length += (byte & 127) * 128 ** i
    if (byte < 128) return length
  }
  throw new DecodeError('A snappy block does not say its length.')
}
