/**
 * JSON text from bytes, written into a buffer that is known to be large enough. All return the new position. Escapes are Jackson's: `\b \t \n \f \r \" \\`, other control characters as \u00XX, and characters beyond
 * the BMP as a pair of \uXXXX.
 */

const hex = Buffer.from('0123456789ABCDEF', 'latin1')
const base64Digits = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/', 'latin1')

/** The letter after the backslash, for bytes that have one. */
const letters = new Map([
  ...[...'btn'].map((letter, i) => [0x08 + i, letter.charCodeAt(0)] as const),
  ...[...'fr'].map((letter, i) => [0x0c + i, letter.charCodeAt(0)] as const),
  ...[...'"\\'].map((letter) => [letter.charCodeAt(0), letter.charCodeAt(0)] as const),
])

/**
 * What a byte becomes: in the low half two bytes, in the high half how many of them count. 0 for the rare ones: control
 * characters without a letter, and the first byte of a four-byte sequence.
 */
const steps = Int32Array.from({ length: 256 }, (_, byte) => {
  const letter = letters.get(byte)
  if (letter !== undefined) return 0x2005c | (letter << 8)
  return byte < 0x20 || byte >= 0xf0 ? 0 : 0x10000 | byte
})

/** Largest growth of one byte: \u00XX, and three times two for a pair from four bytes. */
export const textGrowth = 6
/** Bytes behind the text that may be overwritten: room is made for them too. */
export const textMargin = 8

/**
 * Writes the inside of a JSON string, eight bytes at a time: as they are where none needs an escape, without a branch
 * per byte where some are quotes (they come in swarms that no processor foresees), else one by one. `view` and `source`
 * are views of `out` and `bytes`.
 */
export function writeText(
  out: Uint8Array,
  view: DataView,
  at: number,
  bytes: Uint8Array,
  source: DataView,
  from: number,
  to: number,
): number {
  let pos = at
  let i = from
  for (; to - i >= 8; i += 8) {
    const low = source.getInt32(i, true)
    const high = source.getInt32(i + 4, true)
    if (((escapeMarks(low) | escapeMarks(high)) & highestBits) === 0) {
      view.setInt32(pos, low, true)
      view.setInt32(pos + 4, high, true)
      pos += 8
    } else if (((rareMarks(low) | rareMarks(high)) & highestBits) === 0)
      pos = writeFour(view, writeFour(view, pos, low), high)
    else {
      pos = writeBytes(out, view, pos, bytes, i, i + 8, to)
      i += overrun
    }
  }
  return i === to ? pos : writeRest(out, view, pos, bytes, source, i, to)
}

/** Less than eight bytes: read and written as eight if the buffer goes on so far. */
function writeRest(
  out: Uint8Array,
  view: DataView,
  pos: number,
  bytes: Uint8Array,
  source: DataView,
  from: number,
  to: number,
): number {
  if (from + 8 <= source.byteLength) {
    const low = source.getInt32(from, true)
    const high = source.getInt32(from + 4, true)
    const rest = to - from
    const inLow = rest >= 4 ? -1 : (1 << (rest * 8)) - 1
    const inHigh = rest > 4 ? (1 << (rest * 8 - 32)) - 1 : 0
    const marks = (escapeMarks(low) & inLow) | (escapeMarks(high) & inHigh)
    if ((marks & highestBits) === 0) {
      view.setInt32(pos, low, true)
      view.setInt32(pos + 4, high, true)
      return pos + rest
    }
  }
  return writeBytes(out, view, pos, bytes, from, to, to)
}

/** The four bytes of a word, none of them rare. */
function writeFour(view: DataView, at: number, word: number): number {
  let pos = at
  const first = steps[word & 0xff] as number
  view.setInt16(pos, first, true)
  pos += first >> 16
  const second = steps[(word >> 8) & 0xff] as number
  view.setInt16(pos, second, true)
  pos += second >> 16
  const third = steps[(word >> 16) & 0xff] as number
  view.setInt16(pos, third, true)
  pos += third >> 16
  const fourth = steps[word >>> 24] as number
  view.setInt16(pos, fourth, true)
  return pos + (fourth >> 16)
}

/** How many bytes beyond its `stop` the last `writeBytes` took: the rest of a four-byte sequence. */
let overrun = 0

/** One by one from `from` to `stop`, of a text that ends at `to`. */
function writeBytes(
  out: Uint8Array,
  view: DataView,
  at: number,
  bytes: Uint8Array,
  from: number,
  stop: number,
  to: number,
): number {
  let pos = at
  let i = from
  while (i < stop) {
    const byte = bytes[i] as number
    const step = steps[byte] as number
    if (step !== 0) {
      view.setInt16(pos, step, true)
      pos += step >> 16
    } else if (byte < 0x20) pos = writeUnit(out, pos, byte)
    else if (i + 3 < to) {
      pos = writePair(out, pos, bytes, i)
      i += 3
    } else out[pos++] = 0x3f // cut off: a question mark
    i++
  }
  overrun = i - stop
  return pos
}

// Marks are bytes whose highest bit is set, made by tricks on the four bytes of a word at once; their other bits say
// nothing. A byte above a marked one may be marked in error. `| 0` keeps the sums 32-bit integers, or they were doubles.
const highestBits = 0x80808080 | 0

/** Marks what cannot stand in a string as it is: quotes, backslashes, and all that is rare. */
function escapeMarks(word: number): number {
  const quote = ((word ^ 0x22222222) - 0x01010101) | 0
  const backslash = ((word ^ 0x5c5c5c5c) - 0x01010101) | 0
  return ((quote | backslash) & ~word) | rareMarks(word)
}

/** Marks bytes below 0x20, and 0xf0 and above. */
function rareMarks(word: number): number {
  const control = (word - 0x20202020) | 0
  const high = ((word & 0x70707070) + 0x10101010) | 0
  return (control & ~word) | (word & high)
}

function writeUnit(out: Uint8Array, at: number, unit: number): number {
  out[at] = 0x5c
  out[at + 1] = 0x75
  out[at + 2] = hex[unit >> 12] as number
  out[at + 3] = hex[(unit >> 8) & 15] as number
  out[at + 4] = hex[(unit >> 4) & 15] as number
  out[at + 5] = hex[unit & 15] as number
  return at + 6
}

function writePair(out: Uint8Array, at: number, bytes: Uint8Array, from: number): number {
  const code =
    (((bytes[from] as number) & 7) << 18) |
    (((bytes[from + 1] as number) & 63) << 12) |
    (((bytes[from + 2] as number) & 63) << 6) |
    ((bytes[from + 3] as number) & 63)
  const offset = code - 0x10000
  return writeUnit(out, writeUnit(out, at, 0xd800 | (offset >> 10)), 0xdc00 | (offset & 0x3ff))
}

/** Standard base64 with padding; needs 4 bytes for each 3 begun. */
export function writeBase64(
  out: Uint8Array,
  at: number,
  bytes: Uint8Array,
  from: number,
  to: number,
): number {
  let pos = at
  for (let i = from; i < to; i += 3) {
    const a = bytes[i] as number
    const b = i + 1 < to ? (bytes[i + 1] as number) : 0
    const c = i + 2 < to ? (bytes[i + 2] as number) : 0
    out[pos++] = base64Digits[a >> 2] as number
    out[pos++] = base64Digits[((a & 3) << 4) | (b >> 4)] as number
    out[pos++] = i + 1 < to ? (base64Digits[((b & 15) << 2) | (c >> 6)] as number) : 0x3d
    out[pos++] = i + 2 < to ? (base64Digits[c & 63] as number) : 0x3d
  }
  return pos
}

/** A JSON string as Jackson escapes it: control characters, quote, backslash, and UTF-16 pairs beyond the BMP. */
export function jsonString(text: string): string {
  return JSON.stringify(text)
    .replace(/[\ud800-\udfff]/g, (unit) => unicodeEscape(unit.charCodeAt(0)))
    .replace(/\\u([0-9a-f]{4})/g, (_, hex: string) => `\\u${hex.toUpperCase()}`)
}

function unicodeEscape(unit: number): string {
  return `\\u${unit.toString(16).toUpperCase().padStart(4, '0')}`
}
