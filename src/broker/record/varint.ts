/**
 * Zigzag varints as in Kafka's record format: 7 bits per byte, lowest first, the high bit says that more follow.
 * Numbers are plain JavaScript numbers; those of more than 32 bits are exact up to 2^52.
 */
import { DecodeError } from '#errors'

/** Bytes that `putVarint` takes for a 32-bit value. */
export function varintSize(value: number): number {
  const zigzag = (value << 1) ^ (value >> 31)
  if (zigzag >>> 7 === 0) return 1
  if (zigzag >>> 14 === 0) return 2
  if (zigzag >>> 21 === 0) return 3
  return zigzag >>> 28 === 0 ? 4 : 5
}

/** Writes a 32-bit value at `at`; returns the position after it. */
export function putVarint(bytes: Uint8Array, at: number, value: number): number {
  let rest = (value << 1) ^ (value >> 31)
  let next = at
  while (rest >>> 7 !== 0) {
    bytes[next++] = (rest & 127) | 128
    rest >>>= 7
  }
  bytes[next++] = rest
  return next
}

/** Writes a value of up to 53 bits at `at`; returns the position after it. */
export function putVarlong(bytes: Uint8Array, at: number, value: number): number {
  if (value === (value | 0)) return putVarint(bytes, at, value)
  let rest = value < 0 ? -value * 2 - 1 : value * 2
  let next = at
  while (rest >= 128) {
    bytes[next++] = (rest % 128) | 128
    rest = Math.floor(rest / 128)
  }
  bytes[next++] = rest
  return next
}

/** A position in bytes that moves on as varints are read. Reading past `end` is a DecodeError. */
export class VarintCursor {
  readonly bytes: Uint8Array
  readonly end: number
  at: number

  constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
    this.bytes = bytes
    this.at = at
    this.end = end
  }

  /** A value of up to 53 bits. */
  next(): number {
    const { bytes, end } = this
    let at = this.at
    let low = 0
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.#byte(bytes, at++, end)
      low |= (byte & 127) << shift
      if (byte < 128) {
        this.at = at
        return (low >>> 1) ^ -(low & 1)
      }
    }
    let value = low
    for (let scale = 2 ** 28; scale <= 2 ** 63; scale *= 128) {
      const byte = this.#byte(bytes, at++, end)
      value += (byte & 127) * scale
      if (byte < 128) {
        this.at = at
        return value % 2 === 0 ? value / 2 : -(value + 1) / 2
      }
    }
    throw new DecodeError('A record holds a number of more than ten bytes.')
  }

  /** Reads a record's length: where it ends. */
  recordEnd(): number {
    const length = this.next()
    if (length <= 0 || length > this.end - this.at)
      throw new DecodeError('A record claims to end outside of its batch.')
    return this.at + length
  }

  #byte(bytes: Uint8Array, at: number, end: number): number {
    if (at >= end) throw new DecodeError('A record batch ends in the middle of a number.')
    return bytes[at] as number
  }

  /** The next `count` bytes, sharing memory. */
  take(count: number): Uint8Array {
    const from = this.at
    if (count < 0 || from + count > this.end)
      throw new DecodeError('A record batch ends in the middle of a record.')
    this.at = from + count
    return this.bytes.subarray(from, from + count)
  }
}
