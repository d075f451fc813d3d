/**
 * Arrays of one dimension, by the reader of their items; and oidvector and int2vector, whose items stand between
 * blanks.
 *
 *   array := ('[' bounds ']' '=')? '{' (item (',' item)*)? '}'
 *   item  := 'NULL' | array | '"' (byte | '\' byte)* '"' | byte+
 *
 * The announced schema has one dimension, so an item that is an array itself cannot be held: among texts it stands as
 * its own text, among all else it becomes null, as with Debezium. Where items may not be null, a NULL among them makes
 * the whole value null.
 */
import type { CellReader } from '#cdc'
import { array, type Schema } from '#data'
import { misread, type Refuse, type ValueType } from './value-type.ts'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN = 0x7b
const CLOSE = 0x7d
const COMMA = 0x2c

/** What an array consists of, as far as it decides how it is written. */
const outline = { items: 0, nulls: 0, nested: 0 }

/** Where the item at `at` ends. Nested arrays are passed over whole. */
function endOfItem(bytes: Uint8Array, at: number, to: number, delimiter: number): number {
  let depth = 0
  let position = at
  while (position < to) {
    const byte = bytes[position]
    if (byte === QUOTE) position = endOfQuoted(bytes, position, to) - 1
    else if (byte === OPEN) depth++
    else if (byte === CLOSE && depth-- === 0) return position
    else if (byte === delimiter && depth === 0) return position
    position++
  }
  throw misread('an array')
}

function endOfQuoted(bytes: Uint8Array, at: number, to: number): number {
  for (let position = at + 1; position < to; position++) {
    if (bytes[position] === BACKSLASH) position++
    else if (bytes[position] === QUOTE) return position + 1
  }
  throw misread('an array')
}

function isNull(bytes: Uint8Array, from: number, to: number): boolean {
  return (
    to - from === 4 &&
    bytes[from] === 0x4e &&
    bytes[from + 1] === 0x55 &&
    bytes[from + 2] === 0x4c &&
    bytes[from + 3] === 0x4c
  )
}

/** Checks the form and fills `outline`; returns where the first item begins. */
function survey(bytes: Uint8Array, from: number, to: number, delimiter: number): number {
  outline.items = outline.nulls = outline.nested = 0
  const open = bytes.indexOf(OPEN, from)
  const bounded = bytes[from] === 0x5b && bytes[open - 1] === 0x3d
  if (open < 0 || open >= to || (open > from && !bounded) || bytes[to - 1] !== CLOSE)
    throw misread('an array')
  if (open + 2 === to) return open + 1
  for (let at = open + 1; ; ) {
    const end = endOfItem(bytes, at, to, delimiter)
    if (end === at) throw misread('an array')
    outline.items++
    if (bytes[at] === OPEN) outline.nested++
    else if (isNull(bytes, at, end)) outline.nulls++
    if (bytes[end] === CLOSE) {
      if (end !== to - 1) throw misread('an array')
      return open + 1
    }
    at = end + 1
  }
}

let scratch = Buffer.alloc(256)

/** Takes quotes and backslashes off the item at `from`, into `scratch`; returns its size. */
function unquote(bytes: Uint8Array, from: number, to: number): number {
  if (scratch.length < to - from) scratch = Buffer.alloc((to - from) * 2)
  let size = 0
  for (let at = from + 1; at < to - 1; at++) {
    if (bytes[at] === BACKSLASH) at++
    scratch[size++] = bytes[at] as number
  }
  return size
}

export interface ArrayOptions {
  readonly item: ValueType
  /** What of a value that the items' schema cannot hold. */
  readonly refuseItem: Refuse
  readonly refuse: Refuse
  /** Between items: a comma for all types but box. */
  readonly delimiter?: number
  /** The placeholder for an unchanged TOAST value, if the schema can hold one. */
  readonly unavailable?: unknown
}

export function arrayType(options: ArrayOptions): ValueType {
  const { item, unavailable = null } = options
  const optional = item.optionalItem === true
  const schema = array(optional ? item.schema.with({ optional }) : item.schema)
  return { schema, read: arrayReader(schema, options), zero: [], unavailable, defaults: null }
}

function arrayReader(schema: Schema, options: ArrayOptions): CellReader {
  const { item, refuse, refuseItem, delimiter = COMMA } = options
  const nullable = item.optionalItem === true
  const textual = item.schema.type === 'string' && item.schema.name === null
  return (bytes, from, to, writer) => {
    let at = survey(bytes, from, to, delimiter)
    const { items, nulls, nested } = outline
    if (nulls > 0 && !nullable) return refuse(writer, 'an array with a NULL among items that may not be null')
    if (nested > 0 && !nullable) return refuse(writer, 'an array of several dimensions')
    writer.beginArray(schema, items)
    for (let i = 0; i < items; i++) {
      const end = endOfItem(bytes, at, to, delimiter)
      writer.element(i)
      if (bytes[at] === QUOTE) item.read(scratch, 0, unquote(bytes, at, end), writer)
      else if (nulls > 0 && isNull(bytes, at, end)) writer.null()
      else if (nested > 0 && !textual) refuseItem(writer, 'an array of several dimensions')
      else item.read(bytes, at, end, writer)
      at = end + 1
    }
    writer.endArray()
  }
}

/** oidvector, int2vector. */
export function spacedVectorType(item: ValueType): ValueType {
  const schema = array(item.schema)
  const read: CellReader = (bytes, from, to, writer) => {
    let items = from === to ? 0 : 1
    for (let at = from; at < to; at++) if (bytes[at] === 0x20) items++
    writer.beginArray(schema, items)
    let at = from
    for (let i = 0; i < items; i++) {
      const blank = bytes.indexOf(0x20, at)
      const end = blank < 0 || blank > to ? to : blank
      writer.element(i)
      item.read(bytes, at, end, writer)
      at = end + 1
    }
    writer.endArray()
  }
  return { schema, read, zero: [], unavailable: null, defaults: null }
}
