/**
 * numeric and money, by decimal.handling.mode.
 *
 *   numeric := '-'? digit+ ('.' digit+)? | 'NaN' | '-'? 'Infinity'
 *   money   := '-'? '$' digit (digit | ',')* ('.' digit+)?          lc_monetary = C
 *
 * Up to 15 digits are read as a number; longer ones as a bigint.
 */
import { latin1 } from '#bytes'
import type { CellReader } from '#cdc'
import { Decimal, scalar, Struct, struct, type ValueWriter } from '#data'
import { parseFloat64 } from './floats.ts'
import type { TypeOptions } from './options.ts'
import { twosComplement, writeTwosComplement } from './two-complement.ts'
import { misread, type Refuse, type ValueType } from './value-type.ts'

const variableScale = struct(
  [
    ['scale', scalar('int32')],
    ['value', scalar('bytes')],
  ],
  { name: 'io.debezium.data.VariableScaleDecimal', version: 1, doc: 'Variable scaled decimal' },
)

const powersOfTen = Float64Array.from({ length: 16 }, (_, power) => 10 ** power)

/** Digits and scale of the number that `parseDigits` read last. */
const parsed = { unscaled: 0, scale: 0 }

/** Reads up to 15 digits with at most one point into `parsed`; false: longer, or no plain number. */
function parseDigits(bytes: Uint8Array, from: number, to: number): boolean {
  const negative = bytes[from] === 0x2d
  const start = negative ? from + 1 : from
  let unscaled = 0
  let point = -1
  for (let i = start; i < to; i++) {
    const digit = (bytes[i] as number) - 0x30
    if (digit >= 0 && digit <= 9) unscaled = unscaled * 10 + digit
    else if (digit === -2 && point < 0) point = i
    else return false
  }
  const digits = to - start - (point < 0 ? 0 : 1)
  if (digits > 15 || digits < 1) return false
  parsed.unscaled = negative && unscaled !== 0 ? -unscaled : unscaled
  parsed.scale = point < 0 ? 0 : to - point - 1
  return true
}

/** The slow way, for any length; null for NaN and the infinities. */
function parseLong(bytes: Uint8Array, from: number, to: number): Decimal | null {
  const text = latin1(bytes, from, to)
  if (text === 'NaN' || text === 'Infinity' || text === '-Infinity') return null
  if (!/^-?\d+(\.\d+)?$/.test(text)) throw misread('a numeric')
  return Decimal.parse(text)
}

/** numeric(p,s): a Decimal of exactly that scale. */
function readScaled(scale: number, refuse: Refuse): CellReader {
  return (bytes, from, to, writer) => {
    if (to - from <= 17 && parseDigits(bytes, from, to)) {
      const missing = scale - parsed.scale
      if (missing === 0) return writer.decimalSafe(parsed.unscaled, scale)
      if (missing > 0 && missing <= 15) {
        const unscaled = parsed.unscaled * (powersOfTen[missing] as number)
        if (Number.isSafeInteger(unscaled)) return writer.decimalSafe(unscaled, scale)
      }
    }
    const value = parseLong(bytes, from, to)
    if (value === null) return refuse(writer, 'NaN or an infinity')
    if (value.scale > scale) throw misread(`a numeric of scale ${scale}`)
    writer.decimal(value.withScale(scale).unscaled, scale)
  }
}

const scratch = Buffer.alloc(8)

/** numeric: scale and digits of each value, without trailing zeros after the point. */
function readVariable(refuse: Refuse): CellReader {
  return (bytes, from, to, writer) => {
    if (to - from <= 17 && parseDigits(bytes, from, to)) {
      let { unscaled, scale } = parsed
      while (scale > 0 && unscaled % 10 === 0) {
        unscaled /= 10
        scale--
      }
      return writeVariable(writer, scale, scratch, writeTwosComplement(scratch, unscaled))
    }
    const value = parseLong(bytes, from, to)
    if (value === null) return refuse(writer, 'NaN or an infinity')
    let { unscaled, scale } = value
    while (scale > 0 && unscaled % 10n === 0n) {
      unscaled /= 10n
      scale--
    }
    const digits = twosComplement(unscaled)
    writeVariable(writer, scale, digits, digits.length)
  }
}

function writeVariable(writer: ValueWriter, scale: number, digits: Uint8Array, size: number): void {
  writer.beginStruct(variableScale)
  writer.field(0)
  writer.integer(scale)
  writer.field(1)
  writer.bytes(digits, 0, size)
  writer.endStruct()
}

const specialNames: Readonly<Record<string, string>> = {
  NaN: 'NAN',
  Infinity: 'POSITIVE_INFINITY',
  '-Infinity': 'NEGATIVE_INFINITY',
}

/** The server's digits as they are; NaN and the infinities by the names of Debezium's SpecialValueDecimal. */
const readAsText: CellReader = (bytes, from, to, writer) => {
  const last = bytes[to - 1] as number
  if (last >= 0x30 && last <= 0x39) writer.text(bytes, from, to)
  else {
    const name = specialNames[latin1(bytes, from, to)]
    if (name === undefined) throw misread('a numeric')
    writer.string(name)
  }
}

const plainNumber = /^-?\d+(\.\d+)?$/

/** Brings a default to the column's scale, as its values have it. */
function scaledLiteral(literal: string, scale: number | null): string | null {
  if (!plainNumber.test(literal)) return null
  if (scale === null) return literal
  try {
    return Decimal.parse(literal).withScale(scale).toString()
  } catch {
    return null
  }
}

export function numericType(modifier: number, options: TypeOptions, refuse: Refuse): ValueType {
  const precision = modifier < 4 ? null : ((modifier - 4) >> 16) & 0xffff
  // Eleven bits, taken as unsigned as Debezium does: numeric(5,-2) has the scale 2046.
  const scale = precision === null ? null : (modifier - 4) & 0x7ff
  const common = { optionalItem: true, unavailable: null }
  const defaults = {
    computed: scaledLiteral('0.0', scale),
    cell: (literal: string) => scaledLiteral(literal, scale),
  }
  if (options.decimals === 'double') {
    const read: CellReader = (bytes, from, to, writer) => writer.float64(parseFloat64(bytes, from, to))
    return { ...common, schema: scalar('float64'), read, zero: 0, defaults }
  }
  if (options.decimals === 'string') {
    const zero = new Decimal(0n, scale ?? 0).withScale(scale ?? 0).toString()
    const unavailable = Buffer.from(options.placeholder).toString()
    return { schema: scalar('string'), read: readAsText, zero, unavailable, defaults, optionalItem: true }
  }
  if (scale === null || precision === null) {
    const zero = new Struct(variableScale, [0, Buffer.of(0)])
    return { ...common, schema: variableScale, read: readVariable(refuse), zero, defaults: null }
  }
  const schema = decimalSchema(scale, precision)
  return { ...common, schema, read: readScaled(scale, refuse), zero: new Decimal(0n, scale), defaults }
}

function decimalSchema(scale: number, precision: number | null) {
  const parameters: Record<string, string> = { scale: `${scale}` }
  if (precision !== null) parameters['connect.decimal.precision'] = `${precision}`
  return scalar('bytes', { name: 'org.apache.kafka.connect.data.Decimal', version: 1, parameters })
}

/** The plain number in a text of money. */
function moneyText(bytes: Uint8Array, from: number, to: number): string {
  const match = /^(-?)\$(\d[\d,]*(?:\.\d+)?)$/.exec(latin1(bytes, from, to))
  if (match === null) throw misread('money')
  return `${match[1]}${(match[2] as string).replaceAll(',', '')}`
}

export function moneyType(options: TypeOptions): ValueType {
  const digits = options.moneyFractionDigits
  const zero = new Decimal(0n, digits)
  const common = { unavailable: null, defaults: null }
  switch (options.decimals) {
    case 'double': {
      const read: CellReader = (bytes, from, to, writer) => writer.float64(Number(moneyText(bytes, from, to)))
      return { ...common, schema: scalar('float64'), read, zero: 0 }
    }
    case 'string': {
      const read: CellReader = (bytes, from, to, writer) => writer.string(moneyText(bytes, from, to))
      return { ...common, schema: scalar('string'), read, zero: zero.toString() }
    }
    case 'precise': {
      const read: CellReader = (bytes, from, to, writer) =>
        writer.decimal(roundHalfUp(Decimal.parse(moneyText(bytes, from, to)), digits), digits)
      return { ...common, schema: decimalSchema(digits, null), read, zero }
    }
  }
}

/** The unscaled value at another scale; what is cut off rounds away from zero from one half on. */
function roundHalfUp(value: Decimal, scale: number): bigint {
  if (scale >= value.scale) return value.withScale(scale).unscaled
  const divisor = 10n ** BigInt(value.scale - scale)
  const half = value.unscaled < 0n ? -(divisor / 2n) : divisor / 2n
  return (value.unscaled + half) / divisor
}
