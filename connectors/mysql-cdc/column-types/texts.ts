/** CHAR to LONGTEXT: in the log in the column's character set, in text in UTF-8. */
import type { CellReader } from '#cdc'
import { scalar, type Schema } from '#data'
import { charsetOfCollation } from '../charsets/collations.ts'
import { decoderOf } from '../charsets/decoder.ts'
import { columnTypes as T } from '../decode/log-columns.ts'
import type { LogColumn } from '../decode/table-map.ts'
import { decompressedReader } from './compressed-columns.ts'
import type { DefaultLiteral } from './default-literal.ts'
import type { TypeOptions } from './options.ts'
import type { ValueType } from './value-type.ts'

export const readUtf8: CellReader = (bytes, from, to, writer) => writer.text(bytes, from, to)

/** What the log says of the column's character set, otherwise what its definition says. */
export function charsetOf(column: LogColumn, declared: string | null): string {
  const logged = column.collation === null ? null : charsetOfCollation(column.collation)
  return logged ?? declared ?? 'utf8mb4'
}

/** Reads cells of characters; null if the column has none. */
export function characterReader(column: LogColumn, declared: string | null): CellReader | null {
  const decoder = decoderOf(charsetOf(column, declared))
  switch (column.type) {
    case T.STRING:
    case T.VARCHAR:
    case T.BLOB:
      return decoder.write
    case T.VARCHAR_COMPRESSED:
    case T.BLOB_COMPRESSED:
      return decompressedReader(decoder.write)
    default:
      return null
  }
}

const plain = scalar('string')

export function textType(charset: string | null, options: TypeOptions, schema: Schema = plain): ValueType {
  return {
    schema,
    readText: readUtf8,
    readLog: (column) => characterReader(column, charset),
    zero: '',
    unavailable: Buffer.from(options.placeholder).toString(),
    defaultOf: (literal) => literalText(literal, charset),
  }
}

/** The text of any literal; bytes are text in the column's character set. */
export function literalText(literal: DefaultLiteral, charset: string | null): string {
  switch (literal.kind) {
    case 'bytes':
      return decoderOf(charset ?? 'utf8mb4').text(literal.bytes, 0, literal.bytes.length)
    case 'bits':
      return literalText({ kind: 'bytes', bytes: bitsBytes(literal.digits) }, charset)
    default:
      return literal.text
  }
}

/** The bytes of a bit literal, as many as its digits need. */
export function bitsBytes(digits: string): Buffer {
  const size = (digits.length + 7) >> 3
  const hex = BigInt(`0b0${digits}`).toString(16)
  return Buffer.from(hex.padStart(size * 2, '0').slice(-size * 2), 'hex')
}
