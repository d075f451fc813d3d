/**
 * Bytes in, lines out. Positions count characters (UTF-16 units of the decoded text) from the beginning of the input,
 * as Kafka's own reader counts them.
 *
 *   input := line* rest
 *   line  := byte* ('\n' | '\r\n' | '\r')
 *
 * A '\r' ends its line only once the byte behind it is known; the unterminated rest is never a line. The bytes of a
 * line belong to it: what was handed out is never written over.
 */
import { isAscii } from 'node:buffer'

const LF = 0x0a
const CR = 0x0d
const CHUNK = 64 * 1024
const WINDOW = 1024

export interface Line {
  readonly bytes: Buffer
  /** The line without its terminator is `bytes[from, to)`. */
  readonly from: number
  readonly to: number
  /** Position behind its terminator. */
  readonly next: number
}

export class LineReader {
  /** Position behind the last line given out. */
  position = 0
  #buffer = Buffer.allocUnsafeSlow(CHUNK)
  #start = 0
  #end = 0
  /** No line ends before this index. */
  #scanned = 0
  /** Lines are looked for up to here. */
  #shown = 0
  #window = WINDOW

  /** Position behind all that is held. */
  get end(): number {
    return this.position + charactersIn(this.#buffer, this.#start, this.#end)
  }

  /** Room for the next read, directly behind what is held; tell `filled` how much of it was used. */
  room(): Buffer {
    if (this.#buffer.length - this.#end < CHUNK / 4) this.#move()
    return this.#buffer.subarray(this.#end)
  }

  filled(count: number): void {
    this.#end += count
  }

  /**
   * Shows more of what is held to `line`, as much as Kafka's reader would have taken from the file by now: a window
   * that grows only for a line that does not fit. false: there is no more.
   */
  show(): boolean {
    if (this.#shown - this.#start >= this.#window && this.#scanned === this.#shown) this.#window *= 2
    const shown = Math.min(this.#end, this.#start + this.#window)
    const more = shown > this.#shown
    if (more) this.#shown = shown
    return more
  }

  /** The next whole line of what is shown, or null. */
  line(): Line | null {
    const bytes = this.#buffer
    for (let i = this.#scanned; i < this.#shown; i++) {
      const byte = bytes[i]
      if (byte !== LF && byte !== CR) continue
      if (byte === CR && i + 1 === this.#shown) {
        this.#scanned = i
        return null
      }
      const after = byte === CR && bytes[i + 1] === LF ? i + 2 : i + 1
      const from = this.#start
      this.position += charactersIn(bytes, from, after)
      this.#start = this.#scanned = after
      return { bytes, from, to: i, next: this.position }
    }
    this.#scanned = this.#shown
    return null
  }

  /** Takes the unfinished rest into a new buffer; the old one stays with the lines cut from it. */
  #move(): void {
    const rest = this.#end - this.#start
    const moved = Buffer.allocUnsafeSlow(Math.max(CHUNK, rest * 2))
    this.#buffer.copy(moved, 0, this.#start, this.#end)
    this.#buffer = moved
    this.#scanned -= this.#start
    this.#shown -= this.#start
    this.#start = 0
    this.#end = rest
  }
}

function charactersIn(bytes: Buffer, from: number, to: number): number {
  return isAscii(bytes.subarray(from, to)) ? to - from : bytes.toString('utf8', from, to).length
}
