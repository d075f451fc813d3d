/**
 * A growing byte buffer that many writers share, one after the other. Hot writers copy `bytes` and `length` into
 * locals, write, and put `length` back; so both are plain fields and nothing here is virtual.
 */
export class ByteBuffer {
  bytes: Buffer
  /** The same memory, for writers that move four bytes at a time. Both are replaced by `use` and by growth only. */
  view: DataView
  /** Bytes written so far: the next byte goes to `bytes[length]`. */
  length = 0

  constructor(capacity = 1024) {
    this.bytes = Buffer.allocUnsafeSlow(capacity)
    this.view = viewOf(this.bytes)
  }

  /** Makes room for `count` more bytes; `bytes` may be another buffer afterwards. */
  reserve(count: number): void {
    const needed = this.length + count
    if (needed <= this.bytes.length) return
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2))
    this.bytes.copy(grown, 0, 0, this.length)
    this.use(grown)
  }

  /** Goes on in other memory, with what was written so far being the caller's business. */
  use(memory: Buffer): void {
    this.bytes = memory
    this.view = viewOf(memory)
  }

  /** Appends `source[from, to)`. */
  append(source: Uint8Array, from = 0, to = source.length): void {
    const size = to - from
    this.reserve(size)
    const { bytes, length } = this
    if (size < 32) for (let i = 0; i < size; i++) bytes[length + i] = source[from + i] as number
    else bytes.set(from === 0 && to === source.length ? source : source.subarray(from, to), length)
    this.length = length + size
  }

  appendByte(value: number): void {
    this.reserve(1)
    this.bytes[this.length++] = value
  }

  appendText(text: string): void {
    // Room for three bytes each is quickly told, but of a large text it would be most of the memory.
    this.reserve(text.length < 16_384 ? text.length * 3 : Buffer.byteLength(text))
    this.length += this.bytes.write(text, this.length, 'utf8')
  }

  clear(): void {
    this.length = 0
  }

  /** The written bytes, sharing memory: valid until the next write. */
  written(): Buffer {
    return this.bytes.subarray(0, this.length)
  }

  /** The written bytes, owned by the caller. */
  copy(): Buffer {
    return Buffer.from(this.written())
  }
}

/** A DataView of the same bytes. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
}
