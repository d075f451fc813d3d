/**
 * JSON text from bytes, written into a buffer that is known to be large enough. All return the new position. Escapes are Jackson's: `\b \t \n \f \r \" \\`, other control characters as \u00XX, and characters beyond
 * the BMP as a pair of \uXXXX.
 */

const hex = Buffer.from('0123456789ABCDEF', 'latin1')
const base64Digits = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/', 'latin1')

/** 0: copied as it is; 1: \u00XX; 2: a four-byte UTF-8 sequence begins; else the letter after the backslash. */
const escapes = new Uint8Array(256)
for (let i = 0; i < 0x20; i++) escapes[i] = 1
for (let i = 0xf0; i < 256; i++) escapes[i] = 2
for (const [byte, letter] of [
  ...[[0x08, 'b'] as const, [0x09, 't'] as const, [0x0a, 'n'] as const, [0x0c, 'f'] as const],
  ...[[0x0d, 'r'] as const, [0x22, '"'] as const, [0x5c, '\\'] as const],
])
  escapes[byte] = letter.charCodeAt(0)

/** Largest growth of one byte: \u00XX, and three times two for a pair from four bytes. */
export const textGrowth = 6

/**
 * Writes the inside of a JSON string: eight bytes at a time while none of them needs an escape. `view` and `source` are
 * views of `out` and `bytes`.
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
  while (i < to) {
    for (; i + 8 <= to; i += 8) {
      const low = source.getInt32(i, true)
      const high = source.getInt32(i + 4, true)
      if ((escapeMarks(low) | escapeMarks(high)) !== 0) break
      view.setInt32(pos, low, true)
      view.setInt32(pos + 4, high, true)
      pos += 8
    }
    // Eight bytes one by one (quotes come in swarms), or the rest.
    for (const stop = Math.min(i + 8, to); i < stop; ) {
      const byte = bytes[i] as number
      const kind = escapes[byte] as number
      if (kind === 0) out[pos++] = byte
      else if (kind > 2) {
        out[pos++] = 0x5c
        out[pos++] = kind
      } else {
        pos = writeSpecial(out, pos, bytes, i, to, kind)
        if (kind === 2 && i + 3 < to) i += 3
      }
      i++
    }
  }
  return pos
}

/** Not 0 where a byte of the word is below 0x20, a quote, a backslash, or 0xf0 and above (tricks on all four at once). */
function escapeMarks(word: number): number {
  const quote = word ^ 0x22222222
  const backslash = word ^ 0x5c5c5c5c
  // `| 0` keeps the differences 32-bit integers: without it they would be doubles.
  const control = ((word - 0x20202020) | 0) & ~word
  const quoted = ((quote - 0x01010101) | 0) & ~quote
  const escaped = ((backslash - 0x01010101) | 0) & ~backslash
  const high = word & (word << 1) & (word << 2) & (word << 3)
  return (control | quoted | escaped | high) & 0x80808080
}

/** A control character, or a four-byte sequence; a question mark for one that is cut off. */
function writeSpecial(
  out: Uint8Array,
  at: number,
  bytes: Uint8Array,
  from: number,
  to: number,
  kind: number,
): number {
  if (kind === 1) return writeUnit(out, at, bytes[from] as number)
  if (from + 3 < to) return writePair(out, at, bytes, from)
  out[at] = 0x3f
  return at + 1
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
