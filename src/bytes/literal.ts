/**
 * Bytes that are written again and again, kept in words of four. A short literal is copied as four words whatever its
 * size, without a loop: what is too much is overwritten by whatever comes next, so whoever copies makes room for 16
 * bytes more than `size`.
 */
export class Literal {
  readonly size: number
  readonly bytes: Uint8Array
  /** Padded with zeros: a copy by words writes up to three bytes too many. */
  readonly words: Int32Array
  readonly word0: number
  readonly word1: number
  readonly word2: number
  readonly word3: number

  constructor(text: Uint8Array | string) {
    const bytes = typeof text === 'string' ? Buffer.from(text) : text
    const padded = new Uint8Array(Math.max(16, Math.ceil(bytes.length / 4) * 4))
    padded.set(bytes)
    const view = new DataView(padded.buffer)
    this.size = bytes.length
    this.bytes = padded.subarray(0, bytes.length)
    this.words = Int32Array.from({ length: padded.length / 4 }, (_, i) => view.getInt32(i * 4, true))
    const [word0 = 0, word1 = 0, word2 = 0, word3 = 0] = this.words
    this.word0 = word0
    this.word1 = word1
    this.word2 = word2
    this.word3 = word3
  }
}
