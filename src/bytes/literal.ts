/**
 * Bytes that are written again and again, kept in words of four: short literals are copied word by word, which costs
 * a third of a byte loop and, up to some 40 bytes, less than a call of `set`.
 */
export class Literal {
  readonly size: number
  readonly bytes: Uint8Array
  /** Padded with zeros: a copy by words writes up to three bytes too many. */
  readonly words: Int32Array

  constructor(text: Uint8Array | string) {
    const bytes = typeof text === 'string' ? Buffer.from(text) : text
    const padded = new Uint8Array(Math.ceil(bytes.length / 4) * 4)
    padded.set(bytes)
    const view = new DataView(padded.buffer)
    this.size = bytes.length
    this.bytes = padded.subarray(0, bytes.length)
    this.words = Int32Array.from({ length: padded.length / 4 }, (_, i) => view.getInt32(i * 4, true))
  }
}
