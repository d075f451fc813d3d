/**
 * bit and varbit: texts of 0 and 1. One bit is a boolean; more are bytes in little-endian order, as many as the
 * highest set bit needs (none for zero).
 */
import type { CellReader } from '#cdc'
import { scalar } from '#data'
import { literals, misread, type Refuse, type ValueType } from './value-type.ts'

let scratch = Buffer.alloc(64)

const readBits: CellReader = (bytes, from, to, writer) => {
  const size = (to - from + 7) >> 3
  if (scratch.length < size) scratch = Buffer.alloc(size * 2)
  scratch.fill(0, 0, size)
  let used = 0
  for (let i = to - 1, bit = 0; i >= from; i--, bit++) {
    const byte = bytes[i]
    if (byte === 0x31) {
      used = (bit >> 3) + 1
      scratch[used - 1] = (scratch[used - 1] as number) | (1 << (bit & 7))
    } else if (byte !== 0x30) throw misread('a bit string')
  }
  writer.bytes(scratch, 0, used)
}

const readBit: CellReader = (bytes, from, to, writer) => {
  const byte = bytes[to - 1]
  if (to === from) return writer.boolean(false)
  if (byte !== 0x30 && byte !== 0x31) throw misread('a bit string')
  writer.boolean(byte === 0x31)
}

const bitDefaults = literals('0', /^[01]+$/)

/** `modifier` is the declared length; an unlimited varbit has none. */
export function bitType(modifier: number): ValueType {
  const length = modifier === -1 ? 2147483647 : modifier
  if (length === 1) {
    return { schema: scalar('boolean'), read: readBit, zero: false, unavailable: null, defaults: bitDefaults }
  }
  const schema = scalar('bytes', {
    name: 'io.debezium.data.Bits',
    version: 1,
    parameters: { length: `${length}` },
  })
  return { schema, read: readBits, zero: Buffer.alloc(0), unavailable: null, defaults: bitDefaults }
}

/** bit(n)[] is announced like bit(n), as Debezium does, and so can hold no array: its values are refused. */
export function bitArrayType(modifier: number, refuse: Refuse): ValueType {
  const read: CellReader = (_bytes, _from, _to, writer) => refuse(writer, 'an array of bit strings')
  return { ...bitType(modifier), read, defaults: null }
}
