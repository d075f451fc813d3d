/** Decimals as Kafka Connect's Decimal type holds them: the unscaled number's bytes, at the scale of the schema. */
import { DataError } from '#errors'

/** More digits than any database keeps: such a power of ten is not worth its time. */
const farthestScale = 200_000

/** The same number in units of the schema's scale; Connect refuses every difference, rowtap those that lose digits. */
export function rescaled(unscaled: bigint, scale: number, fixed: number): bigint {
  const by = fixed - scale
  if (by > 0 && by <= farthestScale) return unscaled * 10n ** BigInt(by)
  const divisor = by < 0 && by >= -farthestScale ? 10n ** BigInt(-by) : 0n
  if (divisor === 0n || unscaled % divisor !== 0n)
    throw new DataError(
      `Decimal value has mismatching scale for given Decimal schema. Schema has scale ${fixed}, value has scale ${scale}.`,
    )
  return unscaled / divisor
}

/** Java's BigInteger.toByteArray into `into`; returns the size, which may exceed `into` (then nothing usable is there). */
export function twosComplement(value: bigint, into: Uint8Array): number {
  const magnitude = value < 0n ? -value - 1n : value
  const bits = magnitude === 0n ? 0 : magnitude.toString(2).length
  const size = (bits >> 3) + 1
  let rest = BigInt.asUintN(size * 8, value)
  if (size <= into.length)
    for (let i = size - 1; i >= 0; i--) {
      into[i] = Number(rest & 0xffn)
      rest >>= 8n
    }
  return size
}
