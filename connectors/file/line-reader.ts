/**
 * Bytes in, lines out. Counts in bytes throughout, so that a position is where the next read begins.
 *
 *   input := line* rest
 *   line  := byte* ('\n' | '\r\n' | '\r')
 *
 * A '\r' ends its line only once the byte behind it is known; the unterminated rest is never a line. The bytes of a
 * line belong to it: what was handed out is never written over.
 */

const LF = 0x0a
const CR = 0x0d
const CHUNK = 64 * 1024

export interface Line {
  readonly bytes: Buffer
  /** The line without its terminator is `bytes[from, to)`. */
  readonly from: number
  readonly to: number
  /** Position of the byte behind its terminator. */
  readonly next: number
}

export class LineReader {
  /** Position of the next byte that has not been given out as part of a line. */
  position: number
  #buffer = Buffer.allocUnsafeSlow(CHUNK)
  #start = 0
  #end = 0
  /** No line ends before this index. */
  #scanned = 0

  constructor(position: number) {
    this.position = position
  }

  /** Room for the next read, directly behind what is held; tell `filled` how much of it was used. */
  room(): Buffer {
    if (this.#buffer.length - this.#end < CHUNK / 4) this.#move()
    return this.#buffer.subarray(this.#end)
  }

  filled(count: number): void {
    this.#end += count
  }

  /** The next whole line, or null when more bytes are needed. */
  line(): Line | null {
    const bytes = this.#buffer
    for (let i = this.#scanned; i < this.#end; i++) {
      const byte = bytes[i]
      if (byte !== LF && byte !== CR) continue
      if (byte === CR && i + 1 === this.#end) {
        this.#scanned = i
        return null
      }
      const after = byte === CR && bytes[i + 1] === LF ? i + 2 : i + 1
      const from = this.#start
      this.position += after - from
      this.#start = this.#scanned = after
      return { bytes, from, to: i, next: this.position }
    }
    this.#scanned = this.#end
    return null
  }

  /** Takes the unfinished rest into a new buffer; the old one stays with the lines cut from it. */
  #move(): void {
    const rest = this.#end - this.#start
    const moved = Buffer.allocUnsafeSlow(Math.max(CHUNK, rest * 2))
    this.#buffer.copy(moved, 0, this.#start, this.#end)
    this.#buffer = moved
    this.#scanned -= this.#start
    this.#start = 0
    this.#end = rest
  }
}
