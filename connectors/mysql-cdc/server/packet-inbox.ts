/**
 * What came from the server and is not read yet: the socket's bytes as they are, in chunks that own them. The socket's
 * side appends; whoever reads takes packet by packet, and cells that it notes point into the same chunks.
 *
 *   stream := packet*
 *   packet := (0xFFFFFF:3 number:1 part:16777215)* length:3 number:1 part     the last part is shorter than the others
 *
 * The parts of a large packet are moved together when it is whole. Format: MySQL, "Client/Server Protocol".
 */
import { CellSlab } from '#cdc'

const LARGEST_PART = 0xffffff
const HEADER = 4
/** A read of the socket is at most this; a chunk takes many. */
const FIRST_CHUNK = 128 * 1024
const LARGEST_CHUNK = 1024 * 1024
/** Cells of a row for each of so many bytes, as a guess. */
const BYTES_PER_CELL = 32
const MOST_CELLS = LARGEST_CHUNK / BYTES_PER_CELL

interface Chunk {
  readonly slab: CellSlab
  written: number
  read: number
}

/** How long a packet of several parts is, if the bytes of it that are there tell; else 0. */
export type PacketSize = (bytes: Buffer, from: number, to: number) => number

export class PacketInbox {
  /** The packet that `next` has found: `slab.bytes[from, to)`. */
  slab = new CellSlab(Buffer.alloc(0), 0)
  from = 0
  to = 0
  /** Bytes that wait. */
  waiting = 0
  readonly #chunks: Chunk[] = []
  readonly #packetSize: PacketSize
  #capacity = FIRST_CHUNK

  constructor(packetSize: PacketSize = () => 0) {
    this.#packetSize = packetSize
  }

  /** Takes what a read of the socket has brought. */
  receive(read: Buffer): void {
    const chunk = this.#room(read.length)
    chunk.written += read.copy(chunk.slab.bytes, chunk.written)
    this.waiting += read.length
  }

  /** Whether `next` would find a packet. */
  get ready(): boolean {
    const chunk = this.#first()
    return chunk !== null && endOf(chunk.slab.bytes, chunk.read, chunk.written) !== -1
  }

  /** Whether the packet after the one that `next` has found is in the same chunk, as far as it has come. */
  get stays(): boolean {
    const chunk = this.#chunks[0]
    return chunk !== undefined && chunk.slab === this.slab && chunk.read < chunk.written
  }

  /** Goes to the next packet; false: none is there as a whole. */
  next(): boolean {
    const chunk = this.#first()
    if (chunk === null) return false
    const { slab, read: at } = chunk
    const end = endOf(slab.bytes, at, chunk.written)
    if (end === -1) return false
    this.slab = slab
    this.from = at + HEADER
    this.to = partLength(slab.bytes, at) < LARGEST_PART ? end : joined(slab.bytes, at)
    this.waiting -= end - at
    chunk.read = end
    return true
  }

  /** The chunk with the oldest bytes that wait. */
  #first(): Chunk | null {
    let chunk = this.#chunks[0]
    while (chunk !== undefined && chunk.read === chunk.written && this.#chunks.length > 1) {
      this.#chunks.shift()
      chunk = this.#chunks[0]
    }
    return chunk === undefined || chunk.read === chunk.written ? null : chunk
  }

  /** A chunk that has room for that many bytes more; the packet that is not whole yet is in it. */
  #room(size: number): Chunk {
    const last = this.#chunks.at(-1)
    if (last !== undefined && last.written + size <= last.slab.bytes.length) return last
    const from = last === undefined ? 0 : beginningOfCut(last)
    const begun = last === undefined ? 0 : last.written - from
    const announced = last === undefined ? 0 : this.#announced(last.slab.bytes, from, last.written)
    const bytes = Buffer.allocUnsafeSlow(Math.max(this.#capacity, begun + size, announced + size))
    const slab = new CellSlab(bytes, Math.min(MOST_CELLS, (bytes.length / BYTES_PER_CELL) | 0))
    const chunk: Chunk = { slab, written: begun, read: 0 }
    if (last !== undefined) {
      last.slab.bytes.copy(bytes, 0, from, last.written)
      last.written = from
    }
    this.#capacity = Math.min(LARGEST_CHUNK, this.#capacity * 2)
    this.#chunks.push(chunk)
    return chunk
  }

  /** How much room the packet that begins at `from` will take, as far as its beginning tells. */
  #announced(bytes: Buffer, from: number, to: number): number {
    if (to - from < HEADER) return 0
    const part = partLength(bytes, from)
    if (part < LARGEST_PART) return HEADER + part
    const size = this.#packetSize(bytes, from + HEADER, to)
    if (size > 0) return size + HEADER * (Math.floor(size / LARGEST_PART) + 1)
    return Math.max(2 * (to - from), 2 * (HEADER + LARGEST_PART))
  }
}

function partLength(bytes: Buffer, at: number): number {
  return (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16)
}

/** Where the packet that begins at `at` ends; -1: beyond `to`. */
function endOf(bytes: Buffer, at: number, to: number): number {
  for (let part = at; part + HEADER <= to; ) {
    const length = partLength(bytes, part)
    part += HEADER + length
    if (part > to) return -1
    if (length < LARGEST_PART) return part
  }
  return -1
}

/** Where the packet begins that the chunk's end cuts off. */
function beginningOfCut(chunk: Chunk): number {
  let at = chunk.read
  for (;;) {
    const end = endOf(chunk.slab.bytes, at, chunk.written)
    if (end === -1) return at
    at = end
  }
}

/** Moves the parts of a whole packet together, behind its first header; returns where they end. */
function joined(bytes: Buffer, at: number): number {
  let length = partLength(bytes, at)
  let part = at + HEADER + length
  let to = part
  while (length === LARGEST_PART) {
    length = partLength(bytes, part)
    bytes.copyWithin(to, part + HEADER, part + HEADER + length)
    to += length
    part += HEADER + length
  }
  return to
}
