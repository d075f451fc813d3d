/**
 * What came from the server and is not decoded yet: the socket's bytes as they are, in chunks that own them. The
 * socket's side appends, poll reads; rows that were decoded point into the same chunks.
 *
 *   stream  := message*
 *   message := code:1 length:4 body                the length counts itself and the body
 *   code `d` (CopyData): body := `w` start:8 end:8 time:8 payload     of the plugin, at that position of the log
 *                              | `k` lsn:8 time:8 reply:1             the server has sent all up to there
 *
 * Messages with another code are the protocol's own and are handed on at once.
 * Format: PostgreSQL, "Frontend/Backend Protocol" (Message Formats; Streaming Replication Protocol).
 */
import { CellSlab } from '#cdc'

const COPY_DATA = 0x64
export const LOG_DATA = 0x77
export const KEEPALIVE = 0x6b
/** Of the message, up to the payload of `w`. */
const LOG_DATA_HEADER = 30
/** A read of the socket is at most this; a chunk takes many. */
const FIRST_CHUNK = 128 * 1024
const LARGEST_CHUNK = 1024 * 1024
/** Cells of a row for each of so many bytes, as a guess. */
const BYTES_PER_CELL = 32

interface Chunk {
  readonly slab: CellSlab
  written: number
  /** Up to here the messages are whole. */
  whole: number
  read: number
}

/** A message: read it before the next call of `next`. */
export interface Frame {
  kind: number
  lsn: number
  slab: CellSlab
  from: number
  to: number
}

export interface InboxEvents {
  /** The server has sent everything before that position. */
  keepalive(lsn: number, mustReply: boolean): void
  /** A whole message of the protocol; the bytes may be kept. */
  other(message: Buffer): void
}

export class Inbox {
  /** Bytes and messages that wait. */
  bytes = 0
  messages = 0
  readonly #chunks: Chunk[] = []
  #capacity = FIRST_CHUNK
  readonly #frame: Frame = { kind: 0, lsn: 0, slab: new CellSlab(Buffer.alloc(0), 0), from: 0, to: 0 }

  /** Takes what a read of the socket has brought. */
  receive(read: Buffer, events: InboxEvents): void {
    const chunk = this.#room(read.length)
    chunk.written += read.copy(chunk.slab.bytes, chunk.written)
    const { bytes } = chunk.slab
    let at = chunk.whole
    while (at + 5 <= chunk.written) {
      const to = at + 1 + bytes.readUInt32BE(at + 1)
      if (to > chunk.written) break
      if (bytes[at] === COPY_DATA) {
        this.messages++
        this.bytes += to - at
        if (bytes[at + 5] === KEEPALIVE) events.keepalive(int64(bytes, at + 6), bytes[at + 22] === 1)
      } else events.other(Buffer.from(bytes.subarray(at, to)))
      at = to
      chunk.whole = at
    }
  }

  /** A chunk that ends with the message that is not whole yet, and has room for that many bytes more. */
  #room(size: number): Chunk {
    const last = this.#chunks.at(-1)
    if (last !== undefined && last.written + size <= last.slab.bytes.length) return last
    const begun = last === undefined ? 0 : last.written - last.whole
    const announced = last === undefined || begun < 5 ? 0 : 1 + last.slab.bytes.readUInt32BE(last.whole + 1)
    const bytes = Buffer.allocUnsafeSlow(Math.max(this.#capacity, begun + size, announced + size))
    const slab = new CellSlab(bytes, (bytes.length / BYTES_PER_CELL) | 0)
    const chunk: Chunk = { slab, written: begun, whole: 0, read: 0 }
    if (last !== undefined) {
      last.slab.bytes.copy(bytes, 0, last.whole, last.written)
      last.written = last.whole
    }
    this.#capacity = Math.min(LARGEST_CHUNK, this.#capacity * 2)
    this.#chunks.push(chunk)
    return chunk
  }

  /** Takes the next message of the log out; null: none is there. */
  next(): Frame | null {
    for (;;) {
      const chunk = this.#chunks[0]
      if (chunk === undefined) return null
      if (chunk.read >= chunk.whole) {
        if (this.#chunks.length === 1) return null
        this.#chunks.shift()
        continue
      }
      const { slab, read: at } = chunk
      const { bytes } = slab
      const to = at + 1 + bytes.readUInt32BE(at + 1)
      chunk.read = to
      if (bytes[at] !== COPY_DATA) continue
      this.bytes -= to - at
      this.messages--
      const frame = this.#frame
      frame.kind = bytes[at + 5] as number
      frame.lsn = int64(bytes, at + 6)
      frame.slab = slab
      frame.from = at + LOG_DATA_HEADER
      frame.to = to
      return frame
    }
  }

  clear(): void {
    this.#chunks.length = 0
    this.bytes = 0
    this.messages = 0
    this.#capacity = FIRST_CHUNK
  }
}

/** Positions of the log stay far below 2^53. */
function int64(bytes: Buffer, at: number): number {
  return bytes.readUInt32BE(at) * 4294967296 + bytes.readUInt32BE(at + 4)
}
