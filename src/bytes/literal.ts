/**
 * Bytes that are written again and again, kept in words of eight. A copy by words writes up to seven bytes too many,
 * and a short literal is copied as two words whatever its size, without a loop: what is too much is overwritten by
 * whatever comes next, so whoever copies makes room for 16 bytes more than `size`.
 */
export class Literal {
  readonly size: number
  readonly bytes: Uint8Array
  /** Padded with zeros; little-endian, two at least. */
  readonly words: BigInt64Array

  constructor(text: Uint8Array | string) {
    const bytes = typeof text === 'string' ? Buffer.from(text) : text
    const padded = new Uint8Array(Math.max(16, Math.ceil(bytes.length / 8) * 8))
    padded.set(bytes)
    const view = new DataView(padded.buffer)
    this.size = bytes.length
    this.bytes = padded.subarray(0, bytes.length)
    this.words = BigInt64Array.from({ length: padded.length / 8 }, (_, i) => view.getBigInt64(i * 8, true))
  }
}
