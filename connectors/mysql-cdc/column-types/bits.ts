/** BIT: big-endian, in text and log alike. One bit is a boolean; more are bytes in little-endian order. */
import type { CellReader } from '#cdc'
import { scalar } from '#data'
import { columnTypes as T } from '../decode/log-columns.ts'
import type { DefaultLiteral } from './default-literal.ts'
import type { ValueType } from './value-type.ts'

const scratch = Buffer.alloc(8)

const readBit: CellReader = (bytes, from, to, writer) =>
  writer.boolean(to > from && ((bytes[to - 1] as number) & 1) === 1)

function readBits(size: number): CellReader {
  return (bytes, from, to, writer) => {
    for (let i = 0; i < size; i++) scratch[i] = to - 1 - i >= from ? (bytes[to - 1 - i] as number) : 0
    writer.bytes(scratch, 0, size)
  }
}

export function bitType(length: number): ValueType {
  const isOne = length === 1
  const size = (length + 7) >> 3
  const read = isOne ? readBit : readBits(size)
  return {
    schema: isOne
      ? scalar('boolean')
      : scalar('bytes', { name: 'io.debezium.data.Bits', version: 1, parameters: { length: `${length}` } }),
    readText: read,
    readLog: (column) => (column.type === T.BIT && column.size === length ? read : null),
    zero: isOne ? false : Buffer.alloc(0),
    unavailable: null,
    defaultOf: (literal) => (isOne ? oneBit(literal) : manyBits(literal, size)),
  }
}

function oneBit(literal: DefaultLiteral): boolean | undefined {
  switch (literal.kind) {
    case 'bits':
      return literal.digits.includes('1')
    case 'bytes':
      return literal.bytes.some((byte) => byte !== 0)
    default:
      if (/^(1|true)$/i.test(literal.text)) return true
      return /^(0|false)$/i.test(literal.text) ? false : undefined
  }
}

/** As Debezium, of a number no default is announced. */
function manyBits(literal: DefaultLiteral, size: number): Buffer | undefined {
  if (literal.kind !== 'bits') return undefined
  const bytes = Buffer.alloc(size)
  let rest = BigInt(`0b0${literal.digits}`)
  for (let i = 0; i < size; i++, rest >>= 8n) bytes[i] = Number(rest & 0xffn)
  return bytes
}
