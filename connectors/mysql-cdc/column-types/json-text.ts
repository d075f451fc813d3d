/**
 * JSON: from its binary form to the text that Debezium makes of it, which differs from the server's: no blanks; a
 * double in plain notation with all its digits wherever Java would write an exponent; dates and times without trailing
 * zeros of their fraction; other values of SQL types as base64.
 */
import { viewOf, writeInteger } from '#bytes'
import { moment, printClock, printDate } from '#cdc'
import { Decimal, javaDouble } from '#data'
import { columnTypes as T } from '../decode/log-columns.ts'
import {
  beginDocument,
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

/** The text printed last, valid until the next document. It may be another buffer then. */
export let jsonText: Buffer = Buffer.alloc(4096)
let view = viewOf(jsonText)

/** Bytes that every printer leaves free behind what it printed, for the characters between values. */
const slack = 8

/** Makes room for so many bytes and the slack. */
function room(at: number, count: number): void {
  if (at + count + slack <= jsonText.length) return
  const grown = Buffer.alloc(Math.max(at + count + slack, jsonText.length * 2))
  jsonText.copy(grown, 0, 0, at)
  jsonText = grown
  view = viewOf(grown)
}

/** Prints the document in `bytes[from, to)` into `jsonText`; returns how long its text is. */
export function printJson(bytes: Uint8Array, from: number, to: number): number {
  beginDocument(to - from)
  return printValue(bytes, bytes[from] as number, from + 1, to, 0, 0)
}

/** All printers print at `at` and return where their text ends. */
function printValue(
  bytes: Uint8Array,
  type: number,
  from: number,
  to: number,
  depth: number,
  at: number,
): number {
  if (isContainer(type)) return printContainer(bytes, type, from, to, depth, at)
  scalarSize(bytes, type, from, to)
  switch (type) {
    case J.LITERAL:
      return printLiteral(bytes[from] as number, at)
    case J.STRING:
      return printString(bytes, lengthRead.end, lengthRead.end + lengthRead.length, at)
    case J.OPAQUE:
      return printOpaque(bytes, bytes[from] as number, lengthRead.end, lengthRead.end + lengthRead.length, at)
    case J.DOUBLE:
      return printAscii(doubleText(float64At(bytes, from)), at)
    default:
      return printNumber(bytes, type, from, at)
  }
}

function printContainer(
  bytes: Uint8Array,
  type: number,
  from: number,
  to: number,
  depth: number,
  at: number,
): number {
  if (depth > deepest) throw malformedJson()
  const container = openContainer(bytes, type, from, to)
  const { isObject, count } = container
  room(at, 1)
  let end = at
  jsonText[end++] = isObject ? 0x7b : 0x5b
  for (let i = 0; i < count; i++) {
    if (i > 0) jsonText[end++] = 0x2c
    if (isObject) {
      readKey(bytes, container, i)
      end = printString(bytes, keyRead.from, keyRead.to, end)
      jsonText[end++] = 0x3a
    }
    end = printValue(bytes, valueType(bytes, container, i), valueAt(bytes, container, i), to, depth + 1, end)
  }
  room(end, 1)
  jsonText[end] = isObject ? 0x7d : 0x5d
  return end + 1
}

function printLiteral(value: number, at: number): number {
  if (value > 2) throw malformedJson()
  return printAscii(value === 0 ? 'null' : value === 1 ? 'true' : 'false', at)
}

function printAscii(text: string, at: number): number {
  room(at, text.length)
  for (let i = 0; i < text.length; i++) jsonText[at + i] = text.charCodeAt(i)
  return at + text.length
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

function printString(text: Uint8Array, from: number, to: number, start: number): number {
  room(start, (to - from) * 6 + 2)
  const out = jsonText
  let at = start
  out[at++] = 0x22
  for (let i = from; i < to; i++) {
    const byte = text[i] as number
    if (byte >= 0x20 && byte !== 0x22 && byte !== 0x5c) out[at++] = byte
    else at = printEscape(byte, out, at)
  }
  out[at++] = 0x22
  return at
}

function printEscape(byte: number, out: Buffer, start: number): number {
  let at = start
  out[at++] = 0x5c
  const short = shortEscapes[byte]
  if (short !== undefined) {
    out[at++] = short
    return at
  }
  out[at++] = 0x75
  out[at++] = 0x30
  out[at++] = 0x30
  out[at++] = hexDigits[byte >> 4] as number
  out[at++] = hexDigits[byte & 15] as number
  return at
}

function printNumber(bytes: Uint8Array, type: number, from: number, at: number): number {
  const low = (bytes[from] as number) | ((bytes[from + 1] as number) << 8)
  switch (type) {
    case J.INT16:
      return printInteger((low << 16) >> 16, at)
    case J.UINT16:
      return printInteger(low, at)
    case J.INT32:
      return printInteger(int32At(bytes, from), at)
    case J.UINT32:
      return printInteger(int32At(bytes, from) >>> 0, at)
    default: {
      const high = int32At(bytes, from + 4)
      const bits = (BigInt(high) << 32n) | BigInt(int32At(bytes, from) >>> 0)
      return printAscii(`${type === J.INT64 ? bits : BigInt.asUintN(64, bits)}`, at)
    }
  }
}

function printInteger(value: number, at: number): number {
  room(at, 24)
  return writeInteger(view, at, value)
}

/** Java's text of the double, or all its digits where that has an exponent. */
function doubleText(value: number): string {
  if (!Number.isFinite(value)) throw malformedJson()
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
function printOpaque(bytes: Uint8Array, type: number, from: number, to: number, at: number): number {
  switch (type) {
    case T.DECIMAL:
    case T.NEWDECIMAL:
      return printDecimal(bytes, from, to, at)
    case T.DATE:
    case T.TIME:
    case T.DATETIME:
    case T.TIMESTAMP:
      if (to - from !== 8) throw malformedJson()
      return printTemporal(bytes, type, from, at)
    default: {
      const value = Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from)
      return printAscii(`"${value.toString('base64')}"`, at)
    }
  }
}

/** Servers fill the digits before the point up to a multiple of nine, beyond the 65 of a column. */
const widestDecimal = 81

/** Precision and scale, then the binary form. */
function printDecimal(bytes: Uint8Array, from: number, to: number, at: number): number {
  const [precision = 0, scale = 0] = [bytes[from], bytes[from + 1]]
  if (to - from < 3 || precision < 1 || precision > widestDecimal || scale > precision) throw malformedJson()
  const layout = decimalLayout(precision, scale)
  if (layout.size !== to - from - 2) throw malformedJson()
  return printAscii(new Decimal(unscaledBigint(bytes, from + 2, layout), scale).toString(), at)
}

/**
 *   date, datetime := (yearMonth × 32 + day) × 2^17 + clock, × 2^24 + micros         yearMonth = year × 13 + month
 *   time           := clock × 2^24 + micros, negated where negative
 *   clock          := hour × 2^12 + minute × 2^6 + second
 */
function printTemporal(bytes: Uint8Array, type: number, from: number, start: number): number {
  const packed = Buffer.from(bytes.buffer, bytes.byteOffset + from, 8).readBigInt64LE(0)
  const magnitude = packed < 0n ? -packed : packed
  const whole = Number(magnitude >> 24n)
  const clock = type === T.TIME ? whole : whole % 131_072
  readClock(clock, Number(magnitude & 0xffffffn), type === T.TIME ? 838 : 23)
  room(start, 64)
  let at = start
  jsonText[at++] = 0x22
  if (type === T.TIME) {
    if (packed < 0n) jsonText[at++] = 0x2d
    at = printHours(jsonText, at)
  } else {
    const days = Math.floor(whole / 131_072)
    const yearMonth = Math.floor(days / 32)
    moment.year = Math.floor(yearMonth / 13)
    moment.month = yearMonth % 13
    moment.day = days % 32
    if (packed < 0n || moment.year > 9999) throw malformedJson()
    at = printDate(jsonText, at)
    if (type !== T.DATE) {
      jsonText[at++] = 0x20
      at = printClock(jsonText, at, -1)
    }
  }
  jsonText[at] = 0x22
  return at + 1
}

function readClock(clock: number, micros: number, mostHours: number): void {
  const [hours, minutes, seconds] = [Math.floor(clock / 4096), Math.floor(clock / 64) % 64, clock % 64]
  if (hours > mostHours || minutes > 59 || seconds > 59 || micros > 999_999) throw malformedJson()
  moment.seconds = hours * 3600 + minutes * 60 + seconds
  moment.micros = micros
}

/** A time of up to 838 hours. */
function printHours(out: Uint8Array, at: number): number {
  const hundreds = Math.floor(moment.seconds / 360_000)
  moment.seconds %= 360_000
  if (hundreds > 0) out[at] = 0x30 + hundreds
  return printClock(out, hundreds > 0 ? at + 1 : at, -1)
}
