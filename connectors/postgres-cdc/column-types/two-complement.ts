/** Integers as the bytes of Java's `BigInteger.toByteArray`: big-endian two's complement, as short as the sign allows. */

/** Writes a safe integer into `out` (8 bytes of room); returns how many bytes it took. */
export function writeTwosComplement(out: Uint8Array, value: number): number {
  let size = 1
  for (let limit = 128; value >= limit || value < -limit; limit *= 256) size++
  let rest = value
  for (let i = size - 1; i >= 0; i--) {
    const next = Math.floor(rest / 256)
    out[i] = rest - next * 256
    rest = next
  }
  return size
}

export function twosComplement(value: bigint): Buffer {
  const magnitude = value < 0n ? -value - 1n : value
  const bits = magnitude === 0n ? 0 : magnitude.toString(2).length
  const size = (bits >> 3) + 1
  const hex = BigInt.asUintN(size * 8, value)
    .toString(16)
    .padStart(size * 2, '0')
  return Buffer.from(hex, 'hex')
}
