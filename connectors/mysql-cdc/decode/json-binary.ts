/**
 * MySQL's binary form of JSON documents, as far as walking in it goes.
 *
 *   document := type:1 value
 *   type     := 0 | 1 object | 2 | 3 array | 4 literal | 5 | 6 int16 | 7 | 8 int32 | 9 | 10 int64 (second: unsigned)
 *             | 11 double | 12 string | 15 opaque                first of 0 | 1 and 2 | 3: small, second: large
 *   value    := object | array | number | string | opaque | literal:1 (0 null, 1 true, 2 false)
 *   array    := count size entry{count} value*                    count, size, offset: 2 bytes if small, else 4
 *   object   := count size (keyOffset keyLength:2){count} entry{count} key* value*
 *   entry    := type:1 (offset | value)      the value itself if it is a literal or fits: 2 bytes if small, else 4
 *   string   := length text                  length: seven bits per byte, lowest first, highest bit: more follow
 *   opaque   := columnType:1 length bytes
 *
 * Offsets count from the beginning of the container's value.
 */
import { DataError } from '#errors'

export const jsonTypes = {
  SMALL_OBJECT: 0,
  LARGE_OBJECT: 1,
  SMALL_ARRAY: 2,
  LARGE_ARRAY: 3,
  LITERAL: 4,
  INT16: 5,
  UINT16: 6,
  INT32: 7,
  UINT32: 8,
  INT64: 9,
  UINT64: 10,
  DOUBLE: 11,
  STRING: 12,
  OPAQUE: 15,
} as const

const J = jsonTypes

/** One container: where its entries are. All positions count from the beginning of the bytes. */
export interface JsonContainer {
  readonly isObject: boolean
  /** Bytes of a count, size or offset. */
  readonly width: 2 | 4
  readonly count: number
  readonly from: number
  readonly end: number
  /** Where the first entry is. */
  readonly entries: number
}

export function malformedJson(): DataError {
  return new DataError('A value does not have the form of a binary JSON document.')
}

/** Servers do not nest deeper. */
export const deepest = 100

/** Bytes of the document that nothing was read from yet. */
let unread = 0

/** To be called before a document of that size is read. */
export function beginDocument(size: number): void {
  if (size < 2) throw malformedJson()
  unread = size
}

/** Nothing of a document stands in two places: whoever reads more than there is goes in circles. */
function spend(size: number): void {
  unread -= size
  if (unread < 0) throw malformedJson()
}

function number(bytes: Uint8Array, at: number, size: 2 | 4): number {
  const low = (bytes[at] as number) | ((bytes[at + 1] as number) << 8)
  return size === 2
    ? low
    : (low | ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24)) >>> 0
}

/** Opens the container whose value begins at `from`; nothing of it lies at or behind `to`. */
export function openContainer(bytes: Uint8Array, type: number, from: number, to: number): JsonContainer {
  const width = type === J.LARGE_OBJECT || type === J.LARGE_ARRAY ? 4 : 2
  const isObject = type === J.SMALL_OBJECT || type === J.LARGE_OBJECT
  if (from + 2 * width > to) throw malformedJson()
  const count = number(bytes, from, width)
  const end = from + number(bytes, from + width, width)
  const entries = from + 2 * width + (isObject ? count * (width + 2) : 0)
  const entriesEnd = entries + count * (width + 1)
  if (end > to || entriesEnd > end) throw malformedJson()
  spend(entriesEnd - from)
  return { isObject, width, count, from, end, entries }
}

/** Where the key of member `i` is: begin and end, put into `keyRead`. */
export function readKey(bytes: Uint8Array, container: JsonContainer, i: number): void {
  const { width, from, end } = container
  const at = from + 2 * width + i * (width + 2)
  const key = from + number(bytes, at, width)
  keyRead.from = key
  keyRead.to = key + number(bytes, at + width, 2)
  if (keyRead.to > end) throw malformedJson()
  spend(keyRead.to - key)
}

export const keyRead = { from: 0, to: 0 }

export function valueType(bytes: Uint8Array, { width, entries }: JsonContainer, i: number): number {
  return bytes[entries + i * (width + 1)] as number
}

/** Where the value of entry `i` is. */
export function valueAt(bytes: Uint8Array, container: JsonContainer, i: number): number {
  const { width, from, end, entries } = container
  const at = entries + i * (width + 1)
  const value = isInlined(bytes[at] as number, width === 4) ? at + 1 : from + number(bytes, at + 1, width)
  if (value >= end) throw malformedJson()
  return value
}

export function isInlined(type: number, isLarge: boolean): boolean {
  if (type === J.LITERAL || type === J.INT16 || type === J.UINT16) return true
  return isLarge && (type === J.INT32 || type === J.UINT32)
}

export function isContainer(type: number): boolean {
  return type <= J.LARGE_ARRAY
}

/** What `readLength` read last: the number, and where it ends. */
export const lengthRead = { length: 0, end: 0 }

/** Reads the length of a string or opaque value and makes sure that so many bytes are there. */
export function readLength(bytes: Uint8Array, from: number, to: number): void {
  let length = 0
  let unit = 1
  for (let at = from; at < to && at < from + 5; at++, unit *= 128) {
    const byte = bytes[at] as number
    length += (byte & 0x7f) * unit
    if (byte >= 0x80) continue
    lengthRead.length = length
    lengthRead.end = at + 1
    if (at + 1 + length > to) break
    spend(length)
    return
  }
  throw malformedJson()
}

/** Bytes of a value that is no container, which begins at `from`. */
export function scalarSize(bytes: Uint8Array, type: number, from: number, to: number): number {
  let size: number
  switch (type) {
    case J.LITERAL:
      size = 1
      break
    case J.INT16:
    case J.UINT16:
      size = 2
      break
    case J.INT32:
    case J.UINT32:
      size = 4
      break
    case J.INT64:
    case J.UINT64:
    case J.DOUBLE:
      size = 8
      break
    case J.STRING:
      readLength(bytes, from, to)
      return lengthRead.end + lengthRead.length - from
    case J.OPAQUE:
      readLength(bytes, from + 1, to)
      return lengthRead.end + lengthRead.length - from
    default:
      throw malformedJson()
  }
  if (from + size > to) throw malformedJson()
  return size
}
