/**
 * TINYINT to BIGINT, and BOOLEAN: little-endian in the log, decimal digits in text, with leading
 * zeros where ZEROFILL puts them. BIGINT UNSIGNED by bigint.unsigned.handling.mode.
 */
import { latin1 } from '#bytes'
import type { CellReader } from '#cdc'
import { Decimal, scalar, type Schema, type ValueWriter } from '#data'
import { columnTypes as T } from '../decode/log-columns.ts'
import type { DefaultLiteral } from './default-literal.ts'
import { roundedInteger } from './decimals.ts'
import type { TypeOptions } from './options.ts'
import { misread, type ValueType } from './value-type.ts'

interface IntegerKind {
  readonly logType: number
  readonly signed: Schema
  readonly unsigned: Schema
}

const [int16, int32, int64] = [scalar('int16'), scalar('int32'), scalar('int64')]

const kinds = new Map<string, IntegerKind>([
  ['TINYINT', { logType: T.TINY, signed: int16, unsigned: int16 }],
  ['SMALLINT', { logType: T.SHORT, signed: int16, unsigned: int32 }],
  ['MEDIUMINT', { logType: T.INT24, signed: int32, unsigned: int32 }],
  ['INT', { logType: T.LONG, signed: int32, unsigned: int64 }],
  ['BIGINT', { logType: T.LONGLONG, signed: int64, unsigned: int64 }],
])

const readInt8: CellReader = (bytes, from, _to, writer) =>
  writer.integer(((bytes[from] as number) << 24) >> 24)
const readUint8: CellReader = (bytes, from, _to, writer) => writer.integer(bytes[from] as number)
const readInt16: CellReader = (bytes, from, _to, writer) =>
  writer.integer((((bytes[from] as number) | ((bytes[from + 1] as number) << 8)) << 16) >> 16)
const readUint16: CellReader = (bytes, from, _to, writer) =>
  writer.integer((bytes[from] as number) | ((bytes[from + 1] as number) << 8))
const readInt24: CellReader = (bytes, from, _to, writer) =>
  writer.integer(
    (((bytes[from] as number) << 8) |
      ((bytes[from + 1] as number) << 16) |
      ((bytes[from + 2] as number) << 24)) >>
      8,
  )
const readUint24: CellReader = (bytes, from, _to, writer) =>
  writer.integer(
    (bytes[from] as number) | ((bytes[from + 1] as number) << 8) | ((bytes[from + 2] as number) << 16),
  )
const readInt32: CellReader = (bytes, from, _to, writer) => writer.integer(int32At(bytes, from))
const readUint32: CellReader = (bytes, from, _to, writer) => writer.integer(int32At(bytes, from) >>> 0)

export function int32At(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  )
}

/** Halves whose 64-bit number is a safe integer. */
const safeHigh = 2 ** 21

const readInt64: CellReader = (bytes, from, _to, writer) => {
  const low = int32At(bytes, from) >>> 0
  const high = int32At(bytes, from + 4)
  if (high >= -safeHigh && high < safeHigh) writer.integer(high * 4294967296 + low)
  else writer.int64((BigInt(high) << 32n) | BigInt(low))
}

const readUint64Precise: CellReader = (bytes, from, _to, writer) => {
  const low = int32At(bytes, from) >>> 0
  const high = int32At(bytes, from + 4) >>> 0
  if (high < safeHigh) writer.decimalSafe(high * 4294967296 + low, 0)
  else writer.decimal((BigInt(high) << 32n) | BigInt(low), 0)
}

/** Signed and unsigned, by the log's type. */
const logReaders = new Map<number, readonly [CellReader, CellReader]>([
  [T.TINY, [readInt8, readUint8]],
  [T.SHORT, [readInt16, readUint16]],
  [T.INT24, [readInt24, readUint24]],
  [T.LONG, [readInt32, readUint32]],
  // Above 2^63 numbers wrap, as in Java's long.
  [T.LONGLONG, [readInt64, readInt64]],
])

/** Where the digits begin that are not leading zeros; throws unless all are digits. */
function firstDigit(bytes: Uint8Array, from: number, to: number): number {
  for (let i = from; i < to; i++)
    if (!((bytes[i] as number) >= 0x30 && (bytes[i] as number) <= 0x39)) throw misread('an integer')
  if (from >= to) throw misread('an integer')
  let at = from
  while (at < to - 1 && bytes[at] === 0x30) at++
  return at
}

const readDigits: CellReader = (bytes, from, to, writer) => {
  const negative = bytes[from] === 0x2d
  const first = firstDigit(bytes, negative ? from + 1 : from, to)
  writer.integerText(bytes, negative ? from : first, to)
}

const readWrapping: CellReader = (bytes, from, to, writer) => {
  const first = firstDigit(bytes, from, to)
  if (to - first < 19) writer.integerText(bytes, first, to)
  else writer.int64(BigInt.asIntN(64, BigInt(latin1(bytes, first, to))))
}

const readPreciseDigits: CellReader = (bytes, from, to, writer: ValueWriter) => {
  const first = firstDigit(bytes, from, to)
  if (to - first < 16) writer.decimalSafe(Number(latin1(bytes, first, to)), 0)
  else writer.decimal(BigInt(latin1(bytes, first, to)), 0)
}

const preciseSchema = scalar('bytes', {
  name: 'org.apache.kafka.connect.data.Decimal',
  version: 1,
  parameters: { scale: '0', 'connect.decimal.precision': '20' },
})

/** Null if the type is none of these. */
export function integerType(type: string, unsigned: boolean, options: TypeOptions): ValueType | null {
  const kind = kinds.get(type)
  if (kind === undefined) return null
  const isWide = type === 'BIGINT' && unsigned
  const precise = isWide && options.bigintUnsigned === 'precise'
  const schema = precise ? preciseSchema : unsigned ? kind.unsigned : kind.signed
  const reader = logReaders.get(kind.logType)?.[unsigned ? 1 : 0] ?? null
  return {
    schema,
    readText: precise ? readPreciseDigits : isWide ? readWrapping : readDigits,
    readLog: (column) => {
      const contradicts = column.unsigned !== null && column.unsigned !== unsigned
      if (column.type !== kind.logType || contradicts) return null
      return precise ? readUint64Precise : reader
    },
    zero: precise ? new Decimal(0n, 0) : schema.type === 'int64' ? 0n : 0,
    unavailable: null,
    defaultOf: (literal) => {
      const value = roundedInteger(literal)
      if (value === undefined) return undefined
      if (precise) return new Decimal(value, 0)
      return schema.type === 'int64' ? BigInt.asIntN(64, value) : Number(value)
    },
  }
}

/** BOOLEAN where a definition says so; a server shows it as TINYINT(1). */
export const booleanType: ValueType = {
  schema: scalar('boolean'),
  readText: (bytes, from, to, writer) => writer.boolean(to - from !== 1 || bytes[from] !== 0x30),
  readLog: (column) =>
    column.type === T.TINY ? (bytes, from, _to, writer) => writer.boolean(bytes[from] !== 0) : null,
  zero: false,
  unavailable: null,
  defaultOf: (literal: DefaultLiteral) => {
    const value = roundedInteger(literal)
    return value === undefined ? undefined : value !== 0n
  },
}
