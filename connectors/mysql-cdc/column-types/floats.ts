/** FLOAT, DOUBLE and REAL: IEEE 754, little-endian; in text the digits that the server prints. */
import { latin1 } from '#bytes'
import type { CellReader } from '#cdc'
import { scalar } from '#data'
import { columnTypes as T } from '../decode/log-columns.ts'
import { parseNumber } from './decimals.ts'
import { misread, type ValueType } from './value-type.ts'

const cell = new Uint8Array(8)
const single = new Float32Array(cell.buffer)
const double = new Float64Array(cell.buffer)

export function float32At(bytes: Uint8Array, at: number): number {
  cell[0] = bytes[at] as number
  cell[1] = bytes[at + 1] as number
  cell[2] = bytes[at + 2] as number
  cell[3] = bytes[at + 3] as number
  return single[0] as number
}

export function float64At(bytes: Uint8Array, at: number): number {
  for (let i = 0; i < 8; i++) cell[i] = bytes[at + i] as number
  return double[0] as number
}

function numberOf(bytes: Uint8Array, from: number, to: number): number {
  const value = Number(latin1(bytes, from, to))
  if (from === to || Number.isNaN(value)) throw misread('a floating-point number')
  return value
}

const floatReaders: Readonly<Record<'float32' | 'float64', Readonly<Record<number, CellReader>>>> = {
  float32: {
    [T.FLOAT]: (bytes, from, _to, writer) => writer.float32(float32At(bytes, from)),
    [T.DOUBLE]: (bytes, from, _to, writer) => writer.float32(Math.fround(float64At(bytes, from))),
  },
  float64: {
    [T.FLOAT]: (bytes, from, _to, writer) => writer.float64(float32At(bytes, from)),
    [T.DOUBLE]: (bytes, from, _to, writer) => writer.float64(float64At(bytes, from)),
  },
}

function floatingType(type: 'float32' | 'float64', isFloat: boolean): ValueType {
  const round = isFloat ? Math.fround : (value: number) => value
  return {
    schema: scalar(type),
    readText: (bytes, from, to, writer) => {
      const value = round(numberOf(bytes, from, to))
      if (type === 'float32') writer.float32(Math.fround(value))
      else writer.float64(value)
    },
    readLog: (column) => floatReaders[type][column.type] ?? null,
    zero: 0,
    unavailable: null,
    defaultOf: (literal) => {
      const value = parseNumber(literal)
      if (value === undefined) return undefined
      const number = Number(value.toString())
      return type === 'float32' ? Math.fround(number) : number
    },
  }
}

/** FLOAT with more digits than a 32-bit float has is a double; so is one with digits behind the point announced. */
export function floatType(length: number | null, scale: number | null): ValueType {
  const isWide = scale !== null || (length !== null && length > 24)
  return isWide ? floatingType('float64', scale !== null) : floatingType('float32', true)
}

export const doubleType = floatingType('float64', false)
/** REAL is a double on the server; Debezium announces it as a 32-bit float where a definition says REAL. */
export const realType = floatingType('float32', false)
