/**
 * The rows of one SELECT as they come over the socket: cells are noted, nothing is parsed, there is no object per row.
 *
 *   result := columns:length definition* EOF row* (EOF | ERR)        each a packet
 *   row    := (0xFB | length byte*)*                                 0xFB: NULL
 *   length := 0..0xFA | 0xFC:1 uint16 | 0xFD:1 uint24 | 0xFE:1 uint64
 *   EOF    := 0xFE, shorter than 9 bytes                             ERR := 0xFF …
 *
 * Format: MySQL, "Text Protocol Result Set", without CLIENT_DEPRECATE_EOF.
 */
import { type CellSlab, NULL_CELL } from '#cdc'
import { DecodeError } from '#errors'
import { errorOfPacket } from './failures.ts'
import type { PacketInbox } from './packet-inbox.ts'

/** Row r is at `first + r * stride` of the chunk's cells. */
export interface TextRows {
  readonly chunk: CellSlab
  readonly first: number
  readonly rows: number
  readonly stride: number
}

export class ResultRows {
  /** All of it has been read, or the server has refused to go on: the connection is free again. */
  ended = false
  readonly #inbox: PacketInbox
  /** -1: not known yet. */
  #columns = -1
  /** How many column definitions are still to come; with their EOF, it gets below 0. */
  #definitions = 0

  constructor(inbox: PacketInbox) {
    this.#inbox = inbox
  }

  /** Something of the answer has come. */
  get begun(): boolean {
    return this.#columns !== -1
  }

  /** The rows that have come, as far as they stand in one chunk; null: none. Throws what the server says. */
  take(): TextRows | null {
    const inbox = this.#inbox
    if (this.#definitions >= 0 && !this.#head()) return null
    const columns = this.#columns
    const stride = columns * 2
    let chunk: CellSlab | null = null
    let first = 0
    let rows = 0
    while (!this.ended && (chunk === null || inbox.stays) && inbox.next()) {
      const { slab, from, to } = inbox
      const head = slab.bytes[from] as number
      if (head >= 0xfe && this.#isEnd(head, slab, from, to)) break
      const row = noteRow(slab, from, to, columns)
      if (chunk === null) {
        chunk = slab
        first = row
      }
      rows++
    }
    return chunk === null ? null : { chunk, first, rows, stride }
  }

  /** Reads what is before the rows; false: not all of it is there. */
  #head(): boolean {
    const inbox = this.#inbox
    while (inbox.next()) {
      const { bytes } = inbox.slab
      const head = bytes[inbox.from] as number
      if (head === 0xff) this.#refused(inbox)
      if (this.#columns === -1) {
        if (head === 0 || head === 0xfb) {
          this.ended = true
          throw new DecodeError('A statement for rows gave none.')
        }
        this.#columns = head === 0xfc ? bytes.readUInt16LE(inbox.from + 1) : head
        this.#definitions = this.#columns
      } else if (--this.#definitions < 0) return true
    }
    return false
  }

  #isEnd(head: number, slab: CellSlab, from: number, to: number): boolean {
    if (head === 0xff) this.#refused({ slab, from, to })
    if (to - from >= 9) return false
    this.ended = true
    return true
  }

  #refused({ slab, from, to }: { slab: CellSlab; from: number; to: number }): never {
    this.ended = true
    throw errorOfPacket(slab.bytes, from, to)
  }
}

/** Notes where the cells of a row are; returns where they stand. */
function noteRow(slab: CellSlab, from: number, to: number, columns: number): number {
  const row = slab.reserve(columns)
  const { bytes, cells } = slab
  let at = from
  for (let cell = row, end = row + columns * 2; cell < end; cell += 2) {
    let length = bytes[at++] as number
    if (length >= 0xfb) {
      if (length === 0xfb) {
        cells[cell] = NULL_CELL
        cells[cell + 1] = NULL_CELL
        continue
      }
      const width = length === 0xfc ? 2 : length === 0xfd ? 3 : 8
      if (at + width > to) throw cut()
      length = width === 8 ? Number(bytes.readBigUInt64LE(at)) : bytes.readUIntLE(at, width)
      at += width
    }
    cells[cell] = at
    at += length
    cells[cell + 1] = at
  }
  if (at !== to) throw cut()
  return row
}

function cut(): DecodeError {
  return new DecodeError('The cells of a row of a result do not fill it.')
}
