/**
 * Walks over JSON in UTF-8 bytes without building text first. What it accepts is what Jackson accepts for Connect:
 * RFC 8259, and numbers with leading zeros. Errors say where, never what: values do not belong in logs.
 */
import { latin1, utf8 } from '#bytes'

/** Bytes that are no JSON. */
export class JsonSyntaxError extends Error {
  override readonly name = 'JsonSyntaxError'

  constructor(expected: string, at: number) {
    super(`expected ${expected} at byte ${at}`)
  }
}

/** Deeper nesting is refused, as Jackson refuses it, before the stack is full. */
const maxDepth = 1000
/** Longer numbers too: reading them takes time that grows with the square of their length. */
const maxDigits = 1000

const quote = 0x22
const backslash = 0x5c

export class JsonCursor {
  bytes: Uint8Array
  at: number
  end: number
  #depth = 0
  /** Set by `number`: the token is an integer, without point or exponent. */
  integral = true

  constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
    this.bytes = bytes
    this.at = at
    this.end = end
  }

  over(bytes: Uint8Array, at: number, end: number): this {
    this.bytes = bytes
    this.at = at
    this.end = end
    this.#depth = 0
    return this
  }

  /** Goes over an opening brace or bracket; `leave` goes with it. */
  enter(): void {
    if (++this.#depth > maxDepth) throw this.wrong(`no more than ${maxDepth} levels of nesting`)
    this.at++
  }

  leave(close: number): void {
    this.expect(close)
    this.#depth--
  }

  wrong(expected: string): JsonSyntaxError {
    return new JsonSyntaxError(expected, this.at)
  }

  /** The next byte that is no white space; -1 at the end. */
  peek(): number {
    const { bytes, end } = this
    let at = this.at
    while (at < end) {
      const byte = bytes[at] as number
      if (byte > 0x20 || (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09)) {
        this.at = at
        return byte
      }
      at++
    }
    this.at = at
    return -1
  }

  /** Takes one punctuation mark if it comes next. */
  take(byte: number): boolean {
    if (this.peek() !== byte) return false
    this.at++
    return true
  }

  expect(byte: number): void {
    if (!this.take(byte)) throw this.wrong(`'${String.fromCharCode(byte)}'`)
  }

  /** `null` with its start already seen. */
  literal(text: string): void {
    const { bytes, at } = this
    for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text.charCodeAt(i)) throw this.wrong(text)
    if (at + text.length > this.end) throw this.wrong(text)
    this.at = at + text.length
  }

  /** Takes `null` if it comes next. */
  null(): boolean {
    if (this.peek() !== 0x6e) return false
    this.literal('null')
    return true
  }

  string(): string {
    if (this.peek() !== quote) throw this.wrong('a string')
    const { bytes } = this
    const from = this.at + 1
    let ascii = true
    let at = from
    for (; at < this.end; at++) {
      const byte = bytes[at] as number
      if (byte === quote) {
        this.at = at + 1
        return ascii ? latin1(bytes, from, at) : utf8(bytes, from, at)
      }
      if (byte === backslash) return this.#escaped(from, at)
      if (byte > 0x7f) ascii = false
      else if (byte < 0x20) break
    }
    this.at = at
    throw this.wrong('the end of a string')
  }

  /** A string with escapes: its end is found here, its meaning by the engine's own parser. */
  #escaped(from: number, first: number): string {
    let at = first
    while (at < this.end && this.bytes[at] !== quote) at += this.bytes[at] === backslash ? 2 : 1
    if (at >= this.end) throw this.wrong('the end of a string')
    try {
      const text: string = JSON.parse(`"${utf8(this.bytes, from, at)}"`)
      this.at = at + 1
      return text
    } catch {
      throw this.wrong('a string without control characters or unknown escapes')
    }
  }

  /** Passes over a number; its text is `bytes[returned, at)`. */
  number(): number {
    this.peek()
    const from = this.at
    let at = from
    const { bytes, end } = this
    this.integral = true
    if (bytes[at] === 0x2d) at++
    const whole = at
    at = this.#digits(at)
    if (at === whole) throw this.wrong('a value')
    if (at < end && bytes[at] === 0x2e) {
      const next = this.#digits(at + 1)
      if (next === at + 1) throw this.wrong('a digit after the point')
      at = next
      this.integral = false
    }
    if (at < end && ((bytes[at] as number) | 0x20) === 0x65) {
      const sign = bytes[at + 1] === 0x2b || bytes[at + 1] === 0x2d ? 2 : 1
      const next = this.#digits(at + sign)
      if (next === at + sign) throw this.wrong('a digit of the exponent')
      at = next
      this.integral = false
    }
    this.at = at
    if (at - from > maxDigits) throw this.wrong(`no more than ${maxDigits} digits`)
    return from
  }

  #digits(from: number): number {
    const { bytes, end } = this
    let at = from
    while (at < end && (bytes[at] as number) >= 0x30 && (bytes[at] as number) <= 0x39) at++
    return at
  }

  /** The text of the number that `number` has just passed over. */
  numberText(from: number): string {
    return latin1(this.bytes, from, this.at)
  }

  /** Passes over any value. */
  skip(): void {
    switch (this.peek()) {
      case 0x7b:
        return this.#skipMembers(0x7d, true)
      case 0x5b:
        return this.#skipMembers(0x5d, false)
      case quote:
        return this.#skipString()
      case 0x74:
        return this.literal('true')
      case 0x66:
        return this.literal('false')
      case 0x6e:
        return this.literal('null')
      default:
        this.number()
    }
  }

  #skipMembers(close: number, named: boolean): void {
    this.enter()
    if (this.peek() === close) return this.leave(close)
    do {
      if (named) {
        if (this.peek() !== quote) throw this.wrong('a field name')
        this.#skipString()
        this.expect(0x3a)
      }
      this.skip()
    } while (this.take(0x2c))
    this.leave(close)
  }

  #skipString(): void {
    const { bytes, end } = this
    let at = this.at + 1
    while (at < end && bytes[at] !== quote) at += bytes[at] === backslash ? 2 : 1
    if (at >= end) throw this.wrong('the end of a string')
    this.at = at + 1
  }
}
