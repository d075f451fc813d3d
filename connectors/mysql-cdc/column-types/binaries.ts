/** BINARY to LONGBLOB, by binary.handling.mode. The log leaves out the zeros at the end of BINARY. */
import type { CellReader } from '#cdc'
import { scalar, type ValueWriter } from '#data'
import { columnTypes as T } from '../decode/log-columns.ts'
import { decompressedReader } from './compressed-columns.ts'
import type { DefaultLiteral } from './default-literal.ts'
import type { TypeOptions } from './options.ts'
import { bitsBytes } from './texts.ts'
import type { ValueType } from './value-type.ts'

type BinaryMode = TypeOptions['binary']

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

const scratch = Buffer.alloc(256)

/** `size`: bytes that each value has at least. */
function binaryReader(mode: BinaryMode, size: number): CellReader {
  return (bytes, from, to, writer) => {
    const given = to - from
    if (given >= size) return writeBinary(mode, bytes, from, to, writer)
    scratch.set(bytes.subarray(from, to))
    scratch.fill(0, given, size)
    writeBinary(mode, scratch, 0, size, writer)
  }
}

/** `length`: of BINARY; 0 for types that are not padded. */
export function binaryType(length: number, options: TypeOptions): ValueType {
  const mode = options.binary
  const asBytes = mode === 'bytes'
  const read = binaryReader(mode, Math.min(length, scratch.length))
  const inMode = (bytes: Buffer) => (asBytes ? bytes : encoded(mode, bytes))
  const placeholder = Buffer.from(options.placeholder)
  return {
    schema: scalar(asBytes ? 'bytes' : 'string'),
    readText: read,
    readLog: (column) => {
      switch (column.type) {
        case T.STRING:
        case T.VARCHAR:
        case T.BLOB:
          return read
        case T.VARCHAR_COMPRESSED:
        case T.BLOB_COMPRESSED:
          return decompressedReader(read)
        default:
          return null
      }
    },
    zero: inMode(Buffer.alloc(0)),
    // In hex mode it is the plain text.
    unavailable: mode === 'hex' ? placeholder.toString() : inMode(placeholder),
    defaultOf: (literal) => {
      const bytes = literalBytes(literal)
      return inMode(Buffer.concat([bytes, Buffer.alloc(Math.max(length - bytes.length, 0))]))
    },
  }
}

function literalBytes(literal: DefaultLiteral): Buffer {
  if (literal.kind === 'bytes') return literal.bytes
  return literal.kind === 'bits' ? bitsBytes(literal.digits) : Buffer.from(literal.text)
}
