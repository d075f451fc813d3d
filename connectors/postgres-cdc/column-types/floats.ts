/** float4 and float8: texts with the shortest digits that read back, `NaN`, `Infinity`, `-Infinity`. */
import { latin1 } from '#bytes'
import { scalar } from '#data'
import { literals, type ValueType } from './value-type.ts'

const powersOfTen = Float64Array.from({ length: 23 }, (_, power) => 10 ** power)

/**
 * The number in `bytes[from, to)`. Up to 15 digits with a point are an integer divided by a power of ten, which is
 * rounded once and so exact; all else is left to the engine's own parser.
 */
export function parseFloat64(bytes: Uint8Array, from: number, to: number): number {
  const negative = bytes[from] === 0x2d
  const start = negative ? from + 1 : from
  if (to - start > 16 || to === start) return Number(latin1(bytes, from, to))
  let digits = 0
  let point = to
  for (let i = start; i < to; i++) {
    const digit = (bytes[i] as number) - 0x30
    if (digit >= 0 && digit <= 9) digits = digits * 10 + digit
    else if (digit === -2 && point === to) point = i
    else return Number(latin1(bytes, from, to))
  }
  if (point === to && to - start > 15) return Number(latin1(bytes, from, to))
  const value = point >= to - 1 ? digits : digits / (powersOfTen[to - point - 1] as number)
  return negative ? -value : value
}

const floatLiteral = literals('0', /^(-?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?|-?Infinity|NaN)$/i)

export const float4: ValueType = {
  schema: scalar('float32'),
  read: (bytes, from, to, writer) => writer.float32(Math.fround(parseFloat64(bytes, from, to))),
  zero: 0,
  unavailable: null,
  defaults: floatLiteral,
  optionalItem: true,
}

export const float8: ValueType = {
  schema: scalar('float64'),
  read: (bytes, from, to, writer) => writer.float64(parseFloat64(bytes, from, to)),
  zero: 0,
  unavailable: null,
  defaults: floatLiteral,
  optionalItem: true,
}
