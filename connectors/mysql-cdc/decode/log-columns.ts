/**
 * Column types as row events number them, and how many bytes their cells take.
 *
 *   metadata := FLOAT, DOUBLE, BLOB, JSON, GEOMETRY, VECTOR, TIMESTAMP2, DATETIME2, TIME2: 1 byte
 *             | VARCHAR, VAR_STRING, BIT, NEWDECIMAL, STRING, ENUM, SET: 2 bytes
 *
 * STRING stands for CHAR, BINARY, ENUM and SET: its first byte says which, with the two high bits of a CHAR's size
 * hidden in bits 4 and 5, inverted.
 */
import type { EventReader } from './event-reader.ts'

export const columnTypes = {
  DECIMAL: 0,
  TINY: 1,
  SHORT: 2,
  LONG: 3,
  FLOAT: 4,
  DOUBLE: 5,
  NULL: 6,
  TIMESTAMP: 7,
  LONGLONG: 8,
  INT24: 9,
  DATE: 10,
  TIME: 11,
  DATETIME: 12,
  YEAR: 13,
  VARCHAR: 15,
  BIT: 16,
  TIMESTAMP2: 17,
  DATETIME2: 18,
  TIME2: 19,
  BLOB_COMPRESSED: 140,
  VARCHAR_COMPRESSED: 141,
  VECTOR: 242,
  JSON: 245,
  NEWDECIMAL: 246,
  ENUM: 247,
  SET: 248,
  BLOB: 252,
  VAR_STRING: 253,
  STRING: 254,
  GEOMETRY: 255,
} as const

export interface ColumnLayout {
  /** One of `columnTypes`; ENUM and SET are told from STRING. */
  readonly type: number
  /** Digits of a fraction, bytes of an enum or set, size of a CHAR, VARCHAR or BIT; a decimal's digits. */
  readonly size: number
  /** A decimal's digits behind the point. */
  readonly scale: number
  /** Bytes of its cells; negative: bytes of the length before them. */
  readonly width: number
}

const T = columnTypes

const fixedWidths = new Map<number, number>([
  [T.TINY, 1],
  [T.SHORT, 2],
  [T.INT24, 3],
  [T.LONG, 4],
  [T.LONGLONG, 8],
  [T.YEAR, 1],
  [T.DATE, 3],
  [T.TIME, 3],
  [T.TIMESTAMP, 4],
  [T.DATETIME, 8],
  [T.NULL, 0],
])

/** Of the parts of a decimal: bytes for so many digits, nine of which take four bytes. */
const digitBytes = [0, 1, 1, 2, 2, 3, 3, 4, 4, 4] as const

export function decimalBytes(precision: number, scale: number): number {
  const part = (digits: number) => Math.floor(digits / 9) * 4 + (digitBytes[digits % 9] as number)
  return part(precision - scale) + part(scale)
}

/** Bytes of a fraction of a second with so many digits. */
export function fractionBytes(digits: number): number {
  return (digits + 1) >> 1
}

/** Reads the metadata of one column; null if the type is none of row events. */
export function columnLayout(type: number, metadata: EventReader): ColumnLayout | null {
  const fixed = fixedWidths.get(type)
  if (fixed !== undefined) return { type, size: 0, scale: 0, width: fixed }
  switch (type) {
    case T.FLOAT:
    case T.DOUBLE: {
      const size = metadata.uint8()
      if (size !== 4 && size !== 8) throw metadata.expected('the size of a float, 4 or 8')
      return { type: size === 4 ? T.FLOAT : T.DOUBLE, size, scale: 0, width: size }
    }
    case T.TIMESTAMP2:
    case T.DATETIME2:
    case T.TIME2: {
      const size = metadata.uint8()
      if (size > 6) throw metadata.expected('at most 6 digits of a second')
      const base = type === T.TIMESTAMP2 ? 4 : type === T.DATETIME2 ? 5 : 3
      return { type, size, scale: 0, width: base + fractionBytes(size) }
    }
    case T.BLOB:
    case T.BLOB_COMPRESSED:
    case T.JSON:
    case T.GEOMETRY:
    case T.VECTOR: {
      const size = metadata.uint8()
      if (size < 1 || size > 4) throw metadata.expected('a length of 1 to 4 bytes')
      return { type, size, scale: 0, width: -size }
    }
    case T.VARCHAR:
    case T.VARCHAR_COMPRESSED:
    case T.VAR_STRING: {
      const size = metadata.uint16()
      return { type: type === T.VAR_STRING ? T.VARCHAR : type, size, scale: 0, width: size > 255 ? -2 : -1 }
    }
    case T.BIT: {
      const bits = metadata.uint8()
      const bytes = metadata.uint8()
      return { type, size: bytes * 8 + bits, scale: 0, width: bytes + (bits > 0 ? 1 : 0) }
    }
    case T.NEWDECIMAL: {
      const size = metadata.uint8()
      const scale = metadata.uint8()
      if (size < 1 || size > 65 || scale > size) throw metadata.expected('a precision and a scale')
      return { type, size, scale, width: decimalBytes(size, scale) }
    }
    case T.STRING:
    case T.ENUM:
    case T.SET:
      return stringLayout(metadata)
    default:
      return null
  }
}

function stringLayout(metadata: EventReader): ColumnLayout {
  const first = metadata.uint8()
  const second = metadata.uint8()
  if (first === T.ENUM || first === T.SET) return { type: first, size: second, scale: 0, width: second }
  if ((first | 0x30) !== T.STRING) throw metadata.expected('a string, an enum or a set')
  const size = second | (((first & 0x30) ^ 0x30) << 4)
  return { type: T.STRING, size, scale: 0, width: size > 255 ? -2 : -1 }
}

/** Types that SIGNEDNESS speaks of. */
export function isNumeric(type: number): boolean {
  switch (type) {
    case T.TINY:
    case T.SHORT:
    case T.INT24:
    case T.LONG:
    case T.LONGLONG:
    case T.NEWDECIMAL:
    case T.FLOAT:
    case T.DOUBLE:
    case T.YEAR:
      return true
    default:
      return false
  }
}

/** Types that have a collation in the metadata; `binary` for bytes. The servers differ in those that never have text. */
export function isCharacter(type: number, mariadb: boolean): boolean {
  switch (type) {
    case T.STRING:
    case T.VARCHAR:
    case T.BLOB:
    case T.BLOB_COMPRESSED:
    case T.VARCHAR_COMPRESSED:
      return true
    case T.GEOMETRY:
      return mariadb
    case T.VECTOR:
      return !mariadb
    default:
      return false
  }
}

const typeNames = new Map<number, string>(Object.entries(columnTypes).map(([name, type]) => [type, name]))

/** For messages: the type as rows have it. */
export function eventColumnName({ type, size, scale }: ColumnLayout): string {
  const name = typeNames.get(type) ?? `type ${type}`
  if (type === columnTypes.NEWDECIMAL) return `${name}(${size},${scale})`
  return size > 0 ? `${name}(${size})` : name
}
