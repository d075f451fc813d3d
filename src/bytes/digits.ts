/** Decimal digits of integers, written four at a time without making a string. All return the new position. */

/** Writes an integer within ±2^53; needs 20 bytes, of which it returns those that count. */
export function writeInteger(out: DataView, at: number, value: number): number {
  let pos = at
  let rest = value
  if (rest < 0) {
    out.setInt8(pos++, 0x2d)
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
function writeSmall(out: DataView, at: number, value: number): number {
  if (value < 10_000) return writeShort(out, at, value)
  const high = (value / 10_000) | 0
  const pos = writeShort(out, at, high)
  out.setInt32(pos, fourDigits(value - high * 10_000), true)
  return pos + 4
}

/** Below 10,000, without leading zeros. */
function writeShort(out: DataView, at: number, value: number): number {
  const digits = value < 100 ? (value < 10 ? 1 : 2) : value < 1000 ? 3 : 4
  out.setInt32(at, fourDigits(value) >>> ((4 - digits) * 8), true)
  return at + digits
}

/** Below 1e8, eight digits. */
function writeEight(out: DataView, at: number, value: number): number {
  const high = (value / 10_000) | 0
  out.setInt32(at, fourDigits(high), true)
  out.setInt32(at + 4, fourDigits(value - high * 10_000), true)
  return at + 8
}

/** The digits of a number below 10,000 as four bytes, the first one lowest: two numbers of two digits, then four of one. */
function fourDigits(value: number): number {
  const hundreds = (value * 5243) >>> 19
  const pairs = hundreds | ((value - hundreds * 100) << 16)
  const tens = ((pairs * 103) >>> 10) & 0x000f000f
  return (tens | ((pairs - tens * 10) << 8)) + 0x30303030
}
