/**
 * lz4 frames, one or several behind each other:
 *
 *   frame := 04 22 4d 18 | flags | block size | [content size int64] | [dictionary int32] | header checksum
 *            | (length uint32 | block | [checksum uint32])* | 0 uint32 | [checksum uint32]       little endian
 *
 * The library unpacks one frame, takes one that is cut off for a short one, and has no bound: so frames are looked
 * through first. Their blocks' largest size bounds what they can become; writers fill all blocks but the last.
 */
import { createRequire } from 'node:module'
import { DecodeError } from '#errors'
import { UnpackedTooLargeError } from './unpacked-too-large.ts'

const require = createRequire(import.meta.url)

/** Loaded with the first batch that needs it: native code that most workers never run. */
const lz4 = (): typeof import('lz4-napi') => require('lz4-napi')

const magic = 0x184d2204
const flag = { blockChecksums: 0x10, contentSize: 0x08, contentChecksum: 0x04, dictionary: 0x01 } as const
/** A block whose highest length bit is set is stored as it is. */
const lengthBits = 0x7fffffff

export function packLz4(bytes: Buffer): Buffer {
  return lz4().compressFrameSync(bytes)
}

export function unpackLz4(bytes: Buffer, most: number): Buffer {
  const frames: Buffer[] = []
  let size = 0
  for (let at = 0; at < bytes.length; ) {
    const { end, largest } = walk(bytes, at)
    size += largest
    if (size > most) throw new UnpackedTooLargeError()
    frames.push(lz4().decompressFrameSync(bytes.subarray(at, end)))
    at = end
  }
  return frames.length === 1 ? (frames[0] as Buffer) : Buffer.concat(frames)
}

/** Where the frame ends, and the most that it can unpack to. */
function walk(bytes: Buffer, from: number): { readonly end: number; readonly largest: number } {
  const take = (at: number, count: number): number => {
    if (at + count > bytes.length) throw new DecodeError('An lz4 frame is cut off.')
    return at + count
  }
  let at = take(from, 7)
  if (bytes.readUInt32LE(from) !== magic) throw new DecodeError('These bytes are no lz4 frame.')
  const flags = bytes[from + 4] as number
  const sizeCode = ((bytes[from + 5] as number) >> 4) & 7
  if (sizeCode < 4) throw new DecodeError(`An lz4 frame has blocks of unknown size ${sizeCode}.`)
  const blockBytes = 1 << (sizeCode * 2 + 8)
  if ((flags & flag.contentSize) !== 0) at = take(at, 8)
  if ((flags & flag.dictionary) !== 0) throw new DecodeError('An lz4 frame needs a dictionary.')
  const blockEnd = (flags & flag.blockChecksums) === 0 ? 0 : 4
  let largest = 0
  for (;;) {
    const next = take(at, 4)
    const length = bytes.readUInt32LE(at)
    at = next
    if (length === 0) break
    at = take(at, (length & lengthBits) + blockEnd)
    largest += length > lengthBits ? length & lengthBits : blockBytes
  }
  return { end: (flags & flag.contentChecksum) === 0 ? at : take(at, 4), largest }
}
