/**
 * Bytes that are written again and again. They are copied in words of eight, a short literal as two words whatever its
 * size and without a loop: what is too much is overwritten by whatever comes next, so whoever copies makes room for 16
 * bytes more than `size`.
 */
import { viewOf } from './byte-buffer.ts'

export class Literal {
  readonly size: number
  readonly bytes: Uint8Array
  /** Of the bytes and the zeros behind them, up to a whole word; 16 bytes at least. */
  readonly view: DataView

  constructor(text: Uint8Array | string) {
    const bytes = typeof text === 'string' ? Buffer.from(text) : text
    const padded = new Uint8Array(Math.max(16, Math.ceil(bytes.length / 8) * 8))
    padded.set(bytes)
    this.size = bytes.length
    this.bytes = padded.subarray(0, bytes.length)
    this.view = viewOf(padded)
  }
}
