/** Decimal digits of integers, written without making a string. All return the new position. */

/** Writes an integer within ±2^53; needs 17 bytes. */
export function writeInteger(out: Uint8Array, at: number, value: number): number {
  let pos = at
  let rest = value
  if (rest < 0) {
    out[pos++] = 0x2d
    rest = -rest
  }
  if (rest < 1e8) return writeSmall(out, pos, rest)
  const high = Math.floor(rest / 1e8)
  pos =
    high < 1e8
      ? writeSmall(out, pos, high)
      : writeEight(out, writeSmall(out, pos, Math.floor(high / 1e8)), high % 1e8)
  return writeEight(out, pos, rest - high * 1e8)
}

/** Below 1e8, without leading zeros. */
function writeSmall(out: Uint8Array, at: number, value: number): number {
  let digits = 1
  for (let limit = 10; value >= limit; limit *= 10) digits++
  let rest = value | 0
  for (let i = at + digits - 1; i >= at; i--) {
    const next = (rest / 10) | 0
    out[i] = 0x30 + rest - next * 10
    rest = next
  }
  return at + digits
}

/** Below 1e8, eight digits. */
function writeEight(out: Uint8Array, at: number, value: number): number {
  let rest = value | 0
  for (let i = at + 7; i >= at; i--) {
    const next = (rest / 10) | 0
    out[i] = 0x30 + rest - next * 10
    rest = next
  }
  return at + 8
}
