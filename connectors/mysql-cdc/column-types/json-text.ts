/**
 * JSON: from its binary form to the text that Debezium makes of it, which differs from the server's: no blanks; a
 * double in plain notation with all its digits wherever Java would write an exponent; dates and times without trailing
 * zeros of their fraction; other values of SQL types as base64.
 */
import { ByteBuffer, writeInteger } from '#bytes'
import { moment, printClock, printDate } from '#cdc'
import { Decimal, javaDouble } from '#data'
import { columnTypes as T } from '../decode/log-columns.ts'
import {
  deepest,
  isContainer,
  jsonTypes as J,
  keyRead,
  lengthRead,
  malformedJson,
  openContainer,
  readKey,
  scalarSize,
  valueAt,
  valueType,
} from '../decode/json-binary.ts'
import { decimalLayout, unscaledBigint } from './decimals.ts'
import { float64At } from './floats.ts'
import { int32At } from './integers.ts'

/** The text printed last, valid until the next document. */
export const jsonText = new ByteBuffer(4096)

/** Values that may still come: no document has more of them than bytes. */
let budget = 0

/** Prints the document in `bytes[from, to)` into `jsonText`. */
export function printJson(bytes: Uint8Array, from: number, to: number): void {
  jsonText.clear()
  budget = to - from
  if (to - from < 2) throw malformedJson()
  printValue(bytes, bytes[from] as number, from + 1, to, 0)
}

function printValue(bytes: Uint8Array, type: number, from: number, to: number, depth: number): void {
  if (--budget < 0) throw malformedJson()
  if (isContainer(type)) return printContainer(bytes, type, from, to, depth)
  scalarSize(bytes, type, from, to)
  switch (type) {
    case J.LITERAL:
      return printLiteral(bytes[from] as number)
    case J.STRING:
      return printString(bytes, lengthRead.end, lengthRead.end + lengthRead.length)
    case J.OPAQUE:
      return printOpaque(bytes, bytes[from] as number, lengthRead.end, lengthRead.end + lengthRead.length)
    case J.DOUBLE:
      return printAscii(doubleText(float64At(bytes, from)))
    default:
      return printNumber(bytes, type, from)
  }
}

function printContainer(bytes: Uint8Array, type: number, from: number, to: number, depth: number): void {
  if (depth > deepest) throw malformedJson()
  const container = openContainer(bytes, type, from, to)
  const { isObject, count } = container
  jsonText.appendByte(isObject ? 0x7b : 0x5b)
  for (let i = 0; i < count; i++) {
    if (i > 0) jsonText.appendByte(0x2c)
    if (isObject) {
      readKey(bytes, container, i)
      printString(bytes, keyRead.from, keyRead.to)
      jsonText.appendByte(0x3a)
    }
    printValue(bytes, valueType(bytes, container, i), valueAt(bytes, container, i), to, depth + 1)
  }
  jsonText.appendByte(isObject ? 0x7d : 0x5d)
}

function printLiteral(value: number): void {
  if (value > 2) throw malformedJson()
  printAscii(value === 0 ? 'null' : value === 1 ? 'true' : 'false')
}

function printAscii(text: string): void {
  jsonText.reserve(text.length)
  const { bytes, length } = jsonText
  for (let i = 0; i < text.length; i++) bytes[length + i] = text.charCodeAt(i)
  jsonText.length = length + text.length
}

const shortEscapes: Readonly<Record<number, number>> = {
  8: 0x62,
  9: 0x74,
  10: 0x6e,
  12: 0x66,
  13: 0x72,
  34: 0x22,
  92: 0x5c,
}
const hexDigits = Buffer.from('0123456789ABCDEF')

function printString(text: Uint8Array, from: number, to: number): void {
  jsonText.reserve((to - from) * 6 + 2)
  const { bytes } = jsonText
  let at = jsonText.length
  bytes[at++] = 0x22
  for (let i = from; i < to; i++) {
    const byte = text[i] as number
    if (byte >= 0x20 && byte !== 0x22 && byte !== 0x5c) {
      bytes[at++] = byte
      continue
    }
    bytes[at++] = 0x5c
    const short = shortEscapes[byte]
    if (short !== undefined) bytes[at++] = short
    else {
      bytes.write('u00', at, 'latin1')
      bytes[at + 3] = hexDigits[byte >> 4] as number
      bytes[at + 4] = hexDigits[byte & 15] as number
      at += 5
    }
  }
  bytes[at++] = 0x22
  jsonText.length = at
}

function printNumber(bytes: Uint8Array, type: number, from: number): void {
  const low = (bytes[from] as number) | ((bytes[from + 1] as number) << 8)
  switch (type) {
    case J.INT16:
      return printInteger((low << 16) >> 16)
    case J.UINT16:
      return printInteger(low)
    case J.INT32:
      return printInteger(int32At(bytes, from))
    case J.UINT32:
      return printInteger(int32At(bytes, from) >>> 0)
    default: {
      const high = int32At(bytes, from + 4)
      const bits = (BigInt(high) << 32n) | BigInt(int32At(bytes, from) >>> 0)
      return printAscii(`${type === J.INT64 ? bits : BigInt.asUintN(64, bits)}`)
    }
  }
}

function printInteger(value: number): void {
  jsonText.reserve(24)
  jsonText.length = writeInteger(jsonText.view, jsonText.length, value)
}

/** Java's text of the double, or all its digits where that has an exponent. */
function doubleText(value: number): string {
  const text = javaDouble(value)
  return text.includes('E') ? exactText(value) : text
}

const parts = new DataView(new ArrayBuffer(8))

/** The exact value of a double in plain notation, as of Java's `new BigDecimal(value).toPlainString()`. */
export function exactText(value: number): string {
  parts.setFloat64(0, value)
  const bits = parts.getBigUint64(0)
  const biased = Number((bits >> 52n) & 0x7ffn)
  const fraction = bits & 0xfffffffffffffn
  let significand = biased === 0 ? fraction : fraction | 0x10000000000000n
  if (significand === 0n) return '0'
  let exponent = (biased === 0 ? 1 : biased) - 1075
  while ((significand & 1n) === 0n) {
    significand >>= 1n
    exponent++
  }
  const sign = value < 0 ? -1n : 1n
  if (exponent >= 0) return `${sign * (significand << BigInt(exponent))}`
  return new Decimal(sign * significand * 5n ** BigInt(-exponent), -exponent).toString()
}

/** A value of an SQL type. */
function printOpaque(bytes: Uint8Array, type: number, from: number, to: number): void {
  switch (type) {
    case T.DECIMAL:
    case T.NEWDECIMAL:
      return printDecimal(bytes, from, to)
    case T.DATE:
    case T.TIME:
    case T.DATETIME:
    case T.TIMESTAMP:
      if (to - from !== 8) throw malformedJson()
      return printTemporal(bytes, type, from)
    default: {
      const view = Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from)
      return jsonText.appendText(`"${view.toString('base64')}"`)
    }
  }
}

/** Servers fill the digits before the point up to a multiple of nine, beyond the 65 of a column. */
const widestDecimal = 81

/** Precision and scale, then the binary form. */
function printDecimal(bytes: Uint8Array, from: number, to: number): void {
  const [precision = 0, scale = 0] = [bytes[from], bytes[from + 1]]
  if (to - from < 3 || precision < 1 || precision > widestDecimal || scale > precision) throw malformedJson()
  const layout = decimalLayout(precision, scale)
  if (layout.size !== to - from - 2) throw malformedJson()
  jsonText.appendText(new Decimal(unscaledBigint(bytes, from + 2, layout), scale).toString())
}

/**
 *   date, datetime := (yearMonth × 32 + day) × 2^17 + clock, × 2^24 + micros         yearMonth = year × 13 + month
 *   time           := clock × 2^24 + micros, negated where negative
 *   clock          := hour × 2^12 + minute × 2^6 + second
 */
function printTemporal(bytes: Uint8Array, type: number, from: number): void {
  const packed = Buffer.from(bytes.buffer, bytes.byteOffset + from, 8).readBigInt64LE(0)
  const magnitude = packed < 0n ? -packed : packed
  const micros = Number(magnitude & 0xffffffn)
  const whole = Number(magnitude >> 24n)
  const clock = type === T.TIME ? whole : whole % 131_072
  moment.seconds = Math.floor(clock / 4096) * 3600 + (Math.floor(clock / 64) % 64) * 60 + (clock % 64)
  moment.micros = micros
  jsonText.reserve(64)
  const { bytes: out } = jsonText
  let at = jsonText.length
  out[at++] = 0x22
  if (type === T.TIME) {
    if (packed < 0n) out[at++] = 0x2d
    at = printHours(out, at)
  } else {
    const days = Math.floor(whole / 131_072)
    const yearMonth = Math.floor(days / 32)
    moment.year = Math.floor(yearMonth / 13)
    moment.month = yearMonth % 13
    moment.day = days % 32
    at = printDate(out, at)
    if (type !== T.DATE) {
      out[at++] = 0x20
      at = printClock(out, at, -1)
    }
  }
  out[at++] = 0x22
  jsonText.length = at
}

/** A time of up to 838 hours. */
function printHours(out: Uint8Array, at: number): number {
  const hundreds = Math.floor(moment.seconds / 360_000)
  moment.seconds %= 360_000
  if (hundreds > 0) out[at] = 0x30 + hundreds
  return printClock(out, hundreds > 0 ? at + 1 : at, -1)
}
