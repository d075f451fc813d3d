/** Decimal digits of integers, written four at a time without making a string. All return the new position. */

/** Writes an integer within ±2^53; needs 17 bytes, and may overwrite three more. */
export function writeInteger(out: Uint8Array, at: number, value: number): number {
  let pos = at
  let rest = value
  if (rest < 0) {
    out[pos++] = 0x2d
    rest = -rest
  }
  if (rest < 1e8) return writeSmall(out, pos, rest | 0)
  const high = Math.floor(rest / 1e8)
  const low = (rest - high * 1e8) | 0
  if (high < 1e8) return writeEight(out, writeSmall(out, pos, high | 0), low)
  const highest = Math.floor(high / 1e8)
  return writeEight(out, writeEight(out, writeSmall(out, pos, highest), high - highest * 1e8), low)
}

/** Below 1e8, without leading zeros. */
function writeSmall(out: Uint8Array, at: number, value: number): number {
  if (value < 10_000) return writeShort(out, at, value)
  const high = (value / 10_000) | 0
  return writeFour(out, writeShort(out, at, high), fourDigits(value - high * 10_000))
}

/** Below 10,000, without leading zeros. */
function writeShort(out: Uint8Array, at: number, value: number): number {
  const digits = value < 100 ? (value < 10 ? 1 : 2) : value < 1000 ? 3 : 4
  writeFour(out, at, fourDigits(value) >>> ((4 - digits) * 8))
  return at + digits
}

/** Below 1e8, eight digits. */
function writeEight(out: Uint8Array, at: number, value: number): number {
  const high = (value / 10_000) | 0
  return writeFour(out, writeFour(out, at, fourDigits(high)), fourDigits(value - high * 10_000))
}

/** The bytes of a word, the lowest first. */
function writeFour(out: Uint8Array, at: number, word: number): number {
  out[at] = word
  out[at + 1] = word >> 8
  out[at + 2] = word >> 16
  out[at + 3] = word >> 24
  return at + 4
}

/** The digits of a number below 10,000 as four bytes, the first one lowest: two numbers of two digits, then four of one. */
function fourDigits(value: number): number {
  const hundreds = (value * 5243) >>> 19
  const pairs = hundreds | ((value - hundreds * 100) << 16)
  const tens = ((pairs * 103) >>> 10) & 0x000f000f
  return (tens | ((pairs - tens * 10) << 8)) + 0x30303030
}
