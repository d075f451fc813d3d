/** bytea (`\x` and hexadecimal digits), and types of unknown form as the bytes of their text; by binary.handling.mode. */
import type { CellReader } from '#cdc'
import { scalar, type ValueWriter } from '#data'
import type { TypeOptions } from './options.ts'
import { misread, type ValueType } from './value-type.ts'

type BinaryMode = TypeOptions['binary']

/** The value of each hexadecimal digit; 255 for all other bytes. */
const digitValue = new Uint8Array(256).fill(255)
for (let i = 0; i < 16; i++) {
  digitValue['0123456789abcdef'.charCodeAt(i)] = i
  digitValue['0123456789ABCDEF'.charCodeAt(i)] = i
}

let scratch = Buffer.alloc(1024)

/** Decodes the hexadecimal digits in `bytes[from, to)` into a buffer that is valid until the next call. */
export function decodeHex(bytes: Uint8Array, from: number, to: number): Buffer {
  const size = (to - from) >> 1
  if (scratch.length < size) scratch = Buffer.alloc(size * 2)
  const out = scratch
  let invalid = (to - from) & 1
  for (let i = 0, at = from; i < size; i++, at += 2) {
    const high = digitValue[bytes[at] as number] as number
    const low = digitValue[bytes[at + 1] as number] as number
    invalid |= (high | low) & 0xf0
    out[i] = (high << 4) | low
  }
  if (invalid !== 0) throw misread('hexadecimal digits')
  return out.subarray(0, size)
}

/** Writes bytes in the form that the mode announces. */
function writeBinary(
  mode: BinaryMode,
  bytes: Uint8Array,
  from: number,
  to: number,
  writer: ValueWriter,
): void {
  if (mode === 'bytes') writer.bytes(bytes, from, to)
  else writer.string(encoded(mode, Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from)))
}

function encoded(mode: BinaryMode, bytes: Buffer): string {
  if (mode === 'hex') return bytes.toString('hex')
  const base64 = bytes.toString('base64')
  // Java's URL encoder keeps the padding.
  return mode === 'base64' ? base64 : base64.replaceAll('+', '-').replaceAll('/', '_')
}

function readHex(mode: BinaryMode): CellReader {
  return (bytes, from, to, writer) => {
    if (to - from < 2 || bytes[from] !== 0x5c || bytes[from + 1] !== 0x78)
      throw misread('bytea in hex format')
    if (mode === 'hex') return writer.text(bytes, from + 2, to)
    const decoded = decodeHex(bytes, from + 2, to)
    writeBinary(mode, decoded, 0, decoded.length, writer)
  }
}

/** The placeholder in the form of the mode; in hex mode it is the plain text. */
function placeholder(options: TypeOptions): unknown {
  const bytes = Buffer.from(options.placeholder)
  if (options.binary === 'bytes') return bytes
  return options.binary === 'hex' ? bytes.toString() : encoded(options.binary, bytes)
}

function binaryType(options: TypeOptions, read: CellReader): ValueType {
  const asBytes = options.binary === 'bytes'
  return {
    schema: scalar(asBytes ? 'bytes' : 'string'),
    read,
    zero: asBytes ? Buffer.alloc(0) : '',
    unavailable: placeholder(options),
    defaults: null,
  }
}

export function byteaType(options: TypeOptions): ValueType {
  return { ...binaryType(options, readHex(options.binary)), optionalItem: true }
}

/** A type that has no mapping, for include.unknown.datatypes: the bytes of its text, after `render`. */
export function unknownType(options: TypeOptions, render: ((text: string) => string) | null): ValueType {
  const mode = options.binary
  return binaryType(options, (bytes, from, to, writer) => {
    if (render === null) return writeBinary(mode, bytes, from, to, writer)
    const text = Buffer.from(render(Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString()))
    writeBinary(mode, text, 0, text.length, writer)
  })
}
