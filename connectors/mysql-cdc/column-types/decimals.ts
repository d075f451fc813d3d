/**
 * DECIMAL by decimal.handling.mode, and its binary form, which JSON documents have too.
 *
 *   decimal := group*           big-endian; nine digits take four bytes, fewer as many as they need
 *
 * The digits before the point fill their groups from the right, those behind it from the left. The highest bit is
 * inverted; a negative number has all its other bits inverted too.
 */
import { latin1, viewOf, writeInteger } from '#bytes'
import type { CellReader } from '#cdc'
import { Decimal, scalar } from '#data'
import { columnTypes as T, decimalBytes } from '../decode/log-columns.ts'
import type { DefaultLiteral } from './default-literal.ts'
import type { TypeOptions } from './options.ts'
import { misread, type ValueType } from './value-type.ts'

const powersOfTen = Float64Array.from({ length: 23 }, (_, power) => 10 ** power)
const digitBytes = [0, 1, 1, 2, 2, 3, 3, 4, 4, 4] as const

export interface DecimalLayout {
  readonly size: number
  readonly scale: number
  /** Bytes and 10^digits of each group. */
  readonly bytes: Uint8Array
  readonly powers: Float64Array
}

export function decimalLayout(precision: number, scale: number): DecimalLayout {
  const groups: number[] = []
  const whole = precision - scale
  if (whole % 9 > 0) groups.push(whole % 9)
  for (let i = 0; i < Math.floor(whole / 9) + Math.floor(scale / 9); i++) groups.push(9)
  if (scale % 9 > 0) groups.push(scale % 9)
  return {
    size: decimalBytes(precision, scale),
    scale,
    bytes: Uint8Array.from(groups, (digits) => digitBytes[digits] as number),
    powers: Float64Array.from(groups, (digits) => 10 ** digits),
  }
}

/** The unscaled value as far as it is a safe integer; otherwise something outside ±2^53. */
export function unscaledNumber(bytes: Uint8Array, from: number, layout: DecimalLayout): number {
  const { bytes: sizes, powers } = layout
  const negative = (bytes[from] as number) < 0x80
  const mask = negative ? 0xff : 0
  let value = 0
  let at = from
  for (let i = 0; i < sizes.length; i++) {
    let group = 0
    for (const end = at + (sizes[i] as number); at < end; at++) {
      const byte = (bytes[at] as number) ^ mask
      group = group * 256 + (at === from ? byte & 0x7f : byte)
    }
    value = value * (powers[i] as number) + group
  }
  return negative && value !== 0 ? -value : value
}

export function unscaledBigint(bytes: Uint8Array, from: number, layout: DecimalLayout): bigint {
  const { bytes: sizes, powers } = layout
  const negative = (bytes[from] as number) < 0x80
  const mask = negative ? 0xff : 0
  let value = 0n
  let at = from
  for (let i = 0; i < sizes.length; i++) {
    let group = 0
    for (const end = at + (sizes[i] as number); at < end; at++) {
      const byte = (bytes[at] as number) ^ mask
      group = group * 256 + (at === from ? byte & 0x7f : byte)
    }
    value = value * BigInt(powers[i] as number) + BigInt(group)
  }
  return negative ? -value : value
}

function isSafe(value: number): boolean {
  return value <= Number.MAX_SAFE_INTEGER && value >= -Number.MAX_SAFE_INTEGER
}

const scratch = Buffer.alloc(128)
const scratchView = viewOf(scratch)

/** Prints a safe unscaled value in plain notation; returns where it ends in `scratch`. */
function printPlain(unscaled: number, scale: number): number {
  if (scale === 0) return writeInteger(scratchView, 0, unscaled)
  // Digits first, behind room for a sign and a point, then moved to their places.
  const digitsFrom = 64
  const digitsTo = writeInteger(scratchView, digitsFrom, Math.abs(unscaled))
  let end = 0
  if (unscaled < 0) scratch[end++] = 0x2d
  const whole = digitsTo - digitsFrom - scale
  if (whole <= 0) scratch[end++] = 0x30
  for (let i = 0; i < whole; i++) scratch[end++] = scratch[digitsFrom + i] as number
  scratch[end++] = 0x2e
  for (let i = whole; i < 0; i++) scratch[end++] = 0x30
  for (let i = Math.max(whole, 0); digitsFrom + i < digitsTo; i++)
    scratch[end++] = scratch[digitsFrom + i] as number
  return end
}

function toDouble(unscaled: number, scale: number): number {
  return unscaled / (powersOfTen[scale] as number)
}

function logReader(layout: DecimalLayout, mode: TypeOptions['decimals']): CellReader {
  const { scale } = layout
  if (mode === 'precise')
    return (bytes, from, _to, writer) => {
      const value = unscaledNumber(bytes, from, layout)
      if (isSafe(value)) writer.decimalSafe(value, scale)
      else writer.decimal(unscaledBigint(bytes, from, layout), scale)
    }
  if (mode === 'string')
    return (bytes, from, _to, writer) => {
      const value = unscaledNumber(bytes, from, layout)
      if (isSafe(value)) writer.text(scratch, 0, printPlain(value, scale))
      else writer.string(new Decimal(unscaledBigint(bytes, from, layout), scale).toString())
    }
  return (bytes, from, _to, writer) => {
    const value = unscaledNumber(bytes, from, layout)
    if (isSafe(value) && scale <= 22) writer.float64(toDouble(value, scale))
    else writer.float64(Number(new Decimal(unscaledBigint(bytes, from, layout), scale).toString()))
  }
}

/** The unscaled value of text with exactly `scale` digits behind the point; bigint where it is not safe. */
function textUnscaled(bytes: Uint8Array, from: number, to: number, scale: number): number | bigint {
  const negative = bytes[from] === 0x2d
  const point = scale === 0 ? to : to - scale - 1
  let value = 0
  for (let i = negative ? from + 1 : from; i < to; i++) {
    const digit = (bytes[i] as number) - 0x30
    if (i === point ? digit !== -2 : !(digit >= 0 && digit <= 9)) throw misread('a decimal of its scale')
    if (i !== point) value = value * 10 + digit
  }
  if (isSafe(value)) return negative && value !== 0 ? -value : value
  return Decimal.parse(latin1(bytes, from, to)).unscaled
}

function textReader(scale: number, mode: TypeOptions['decimals']): CellReader {
  return (bytes, from, to, writer) => {
    const value = textUnscaled(bytes, from, to, scale)
    if (typeof value === 'number') {
      if (mode === 'precise') writer.decimalSafe(value, scale)
      else if (mode === 'string') writer.text(scratch, 0, printPlain(value, scale))
      else writer.float64(scale <= 22 ? toDouble(value, scale) : Number(latin1(bytes, from, to)))
    } else if (mode === 'precise') writer.decimal(value, scale)
    else if (mode === 'string') writer.string(new Decimal(value, scale).toString())
    else writer.float64(Number(latin1(bytes, from, to)))
  }
}

export function decimalType(precision: number, scale: number, options: TypeOptions): ValueType {
  const mode = options.decimals
  const zero = new Decimal(0n, scale)
  const placeholder = Buffer.from(options.placeholder).toString()
  const schema =
    mode === 'double'
      ? scalar('float64')
      : mode === 'string'
        ? scalar('string')
        : scalar('bytes', {
            name: 'org.apache.kafka.connect.data.Decimal',
            version: 1,
            parameters: { scale: `${scale}`, 'connect.decimal.precision': `${precision}` },
          })
  const inMode = (value: Decimal) =>
    mode === 'precise' ? value : mode === 'string' ? value.toString() : Number(value.toString())
  return {
    schema,
    readText: textReader(scale, mode),
    readLog: (column) => {
      if (column.type !== T.NEWDECIMAL || column.size !== precision || column.scale !== scale) return null
      return logReader(decimalLayout(precision, scale), mode)
    },
    zero: inMode(zero),
    unavailable: mode === 'string' ? placeholder : null,
    defaultOf: (literal) => {
      const value = parseNumber(literal)
      return value === undefined ? undefined : inMode(new Decimal(roundHalfUp(value, scale), scale))
    },
  }
}

/** The number that a literal stands for; undefined if it is none. */
export function parseNumber(literal: DefaultLiteral): Decimal | undefined {
  switch (literal.kind) {
    case 'bytes':
      return new Decimal(BigInt(`0x0${literal.bytes.toString('hex')}`), 0)
    case 'bits':
      return new Decimal(BigInt(`0b0${literal.digits}`), 0)
    default:
      // As the history has them.
      if (/^(true|false)$/i.test(literal.text)) return new Decimal(literal.text.length === 4 ? 1n : 0n, 0)
      try {
        return Decimal.parse(literal.text.trim())
      } catch {
        return undefined
      }
  }
}

export function roundedInteger(literal: DefaultLiteral): bigint | undefined {
  const value = parseNumber(literal)
  return value === undefined ? undefined : roundHalfUp(value, 0)
}

/** The unscaled value at another scale; what is cut off rounds away from zero from one half on. */
function roundHalfUp(value: Decimal, scale: number): bigint {
  if (scale >= value.scale) return value.withScale(scale).unscaled
  const divisor = 10n ** BigInt(value.scale - scale)
  const half = value.unscaled < 0n ? -(divisor / 2n) : divisor / 2n
  return (value.unscaled + half) / divisor
}
