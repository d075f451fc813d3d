/**
 * What came from the server and is not decoded yet, in chunks that own their bytes. The socket's side appends, poll
 * reads; rows that were decoded point into the same chunks.
 *
 *   chunk := frame*        frame := length:4 kind:1 lsn:8 payload
 *
 * `kind` is `w` (a message of the plugin at that position of the log) or `k` (the server has sent all up to there).
 */
import { CellSlab } from './decode/cell-slab.ts'

const HEADER = 13
const FIRST_CHUNK = 64 * 1024
const LARGEST_CHUNK = 1024 * 1024
export const LOG_DATA = 0x77
export const KEEPALIVE = 0x6b

interface Chunk {
  readonly slab: CellSlab
  written: number
  read: number
}

/** A frame: read it before the next call of `next`. */
export interface Frame {
  kind: number
  lsn: number
  slab: CellSlab
  from: number
  to: number
}

export class Inbox {
  /** Bytes and messages that wait. */
  bytes = 0
  messages = 0
  #chunks: Chunk[] = []
  #capacity = FIRST_CHUNK
  readonly #frame: Frame = { kind: 0, lsn: 0, slab: new CellSlab(Buffer.alloc(0), 0), from: 0, to: 0 }

  /** `header[headerAt…]` holds the LSN, 8 bytes. */
  append(kind: number, lsnBytes: Uint8Array, lsnAt: number, payload: Uint8Array | null): void {
    const size = payload?.length ?? 0
    const chunk = this.#room(HEADER + size)
    const { bytes } = chunk.slab
    let at = bytes.writeUInt32BE(HEADER - 4 + size, chunk.written)
    bytes[at++] = kind
    for (let i = 0; i < 8; i++) bytes[at++] = lsnBytes[lsnAt + i] as number
    if (payload !== null) bytes.set(payload, at)
    chunk.written = at + size
    this.bytes += HEADER + size
    this.messages++
  }

  #room(size: number): Chunk {
    const last = this.#chunks.at(-1)
    if (last !== undefined && last.written + size <= last.slab.bytes.length) return last
    const bytes = Buffer.allocUnsafeSlow(Math.max(this.#capacity, size))
    const chunk = { slab: new CellSlab(bytes, this.#capacity >> 5), written: 0, read: 0 }
    this.#capacity = Math.min(LARGEST_CHUNK, this.#capacity * 2)
    this.#chunks.push(chunk)
    return chunk
  }

  /** Takes the next frame out; null: none is there. */
  next(): Frame | null {
    const chunk = this.#chunks[0]
    if (chunk === undefined || chunk.read >= chunk.written) return this.#nextChunk(chunk)
    const { slab } = chunk
    const { bytes } = slab
    const at = chunk.read
    const to = at + 4 + bytes.readUInt32BE(at)
    chunk.read = to
    this.bytes -= to - at
    this.messages--
    const frame = this.#frame
    frame.kind = bytes[at + 4] as number
    frame.lsn = bytes.readUInt32BE(at + 5) * 4294967296 + bytes.readUInt32BE(at + 9)
    frame.slab = slab
    frame.from = at + HEADER
    frame.to = to
    return frame
  }

  #nextChunk(read: Chunk | undefined): Frame | null {
    if (read === undefined || this.#chunks.length === 1) return null
    this.#chunks.shift()
    return this.next()
  }

  clear(): void {
    this.#chunks = []
    this.bytes = 0
    this.messages = 0
    this.#capacity = FIRST_CHUNK
  }
}
