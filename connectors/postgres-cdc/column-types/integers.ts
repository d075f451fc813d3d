/** int2, int4, int8, oid, and bool: their texts are canonical already. */
import type { CellReader } from '#cdc'
import { scalar } from '#data'
import { literals, misread, type ValueType } from './value-type.ts'

const readInteger: CellReader = (bytes, from, to, writer) => writer.integerText(bytes, from, to)

const wholeNumber = literals('0', /^-?\d+$/)
const base = { read: readInteger, unavailable: null, optionalItem: true } as const

export const int2: ValueType = { ...base, schema: scalar('int16'), zero: 0, defaults: wholeNumber }
export const int4: ValueType = { ...base, schema: scalar('int32'), zero: 0, defaults: wholeNumber }
export const int8: ValueType = { ...base, schema: scalar('int64'), zero: 0n, defaults: wholeNumber }
export const oid: ValueType = { ...base, schema: scalar('int64'), zero: 0n, defaults: null }

export const bool: ValueType = {
  schema: scalar('boolean'),
  read: (bytes, from, to, writer) => {
    const byte = bytes[from]
    if (to - from !== 1 || (byte !== 0x74 && byte !== 0x66)) throw misread('a boolean, t or f')
    writer.boolean(byte === 0x74)
  },
  zero: false,
  unavailable: null,
  defaults: {
    computed: 'f',
    cell: (literal) => (literal === 'true' ? 't' : literal === 'false' ? 'f' : null),
  },
  optionalItem: true,
}
