/**
 * Reads the fields of one event in turn; whatever is missing is a DecodeError that names the event and the byte in it.
 * Numbers are little-endian. A packed number is one byte up to 250, else 252, 253 or 254 and two, three or eight bytes.
 */
import { DecodeError } from '#errors'

export class EventReader {
  readonly bytes: Buffer
  readonly to: number
  at: number
  readonly #what: string
  readonly #start: number

  constructor(bytes: Buffer, from: number, to: number, what: string) {
    this.bytes = bytes
    this.at = from
    this.to = to
    this.#start = from
    this.#what = what
  }

  get left(): number {
    return this.to - this.at
  }

  /** Passes over so many bytes; returns where they begin. */
  take(count: number): number {
    const at = this.at
    if (!(count <= this.to - at)) throw this.expected(`${count} more bytes`)
    this.at = at + count
    return at
  }

  expected(what: string): DecodeError {
    return new DecodeError(
      `A binlog event ${this.#what} is malformed: expected ${what} at byte ${this.at - this.#start} of its body.`,
    )
  }

  uint8(): number {
    return this.bytes[this.take(1)] as number
  }

  uint16(): number {
    return this.bytes.readUInt16LE(this.take(2))
  }

  uint32(): number {
    return this.bytes.readUInt32LE(this.take(4))
  }

  int32(): number {
    return this.bytes.readInt32LE(this.take(4))
  }

  uint48(): number {
    return this.bytes.readUIntLE(this.take(6), 6)
  }

  uint64(): bigint {
    return this.bytes.readBigUInt64LE(this.take(8))
  }

  /** A number of so many bytes (up to 8) that must be a safe integer. */
  safeInteger(size: number): number {
    const at = this.take(size)
    let value = 0
    for (let i = size - 1; i >= 0; i--) value = value * 256 + (this.bytes[at + i] as number)
    if (value > Number.MAX_SAFE_INTEGER) throw this.expected('a number below 2^53')
    return value
  }

  packed(): number {
    const first = this.uint8()
    if (first < 251) return first
    if (first === 252) return this.uint16()
    if (first === 253) return this.safeInteger(3)
    if (first === 254) return this.safeInteger(8)
    throw this.expected('a packed number')
  }

  /** A view of the next bytes. */
  slice(length: number): Buffer {
    const at = this.take(length)
    return this.bytes.subarray(at, at + length)
  }

  /** The next bytes, owned by the caller. */
  copy(length: number): Buffer {
    return Buffer.from(this.slice(length))
  }

  text(length: number): string {
    const at = this.take(length)
    return this.bytes.toString('utf8', at, at + length)
  }

  /** Text up to a zero byte. */
  zeroEnded(): string {
    const end = this.bytes.indexOf(0, this.at)
    if (end < 0 || end >= this.to) throw this.expected('a text that ends in a zero byte')
    const text = this.text(end - this.at)
    this.at++
    return text
  }

  end(): void {
    if (this.at !== this.to) throw this.expected('the end')
  }
}
