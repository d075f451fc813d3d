/**
 * MariaDB's UUID, INET4 and INET6: 16, 4 and 16 bytes in the log, without the zeros at their end; in text as the server
 * prints them.
 */
import type { CellReader } from '#cdc'
import { scalar, type Schema } from '#data'
import { columnTypes as T } from '../decode/log-columns.ts'
import type { TypeOptions } from './options.ts'
import { literalText, readUtf8 } from './texts.ts'
import { misread, noDefault, type ValueType } from './value-type.ts'

const scratch = Buffer.alloc(16)

/** Reads an address of so many bytes, which `print` turns into text. */
function readLog(size: number, print: (address: Buffer) => string): CellReader {
  return (bytes, from, to, writer) => {
    if (to - from > size) throw misread(`${size} bytes`)
    scratch.fill(0)
    scratch.set(bytes.subarray(from, to))
    writer.string(print(scratch))
  }
}

function addressType(
  schema: Schema,
  size: number,
  print: (address: Buffer) => string,
  options: TypeOptions,
): ValueType {
  const read = readLog(size, print)
  return {
    schema,
    readText: readUtf8,
    readLog: (column) => (column.type === T.STRING && column.size === size ? read : null),
    zero: '',
    unavailable: Buffer.from(options.placeholder).toString(),
    defaultOf: noDefault,
  }
}

function printUuid(address: Buffer): string {
  return address.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

function printInet4(address: Buffer): string {
  return address.subarray(0, 4).join('.')
}

/** As the server: the longest run of zeros is left out; addresses of IPv4 within end in their four numbers. */
function printInet6(address: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, i) => address.readUInt16BE(i * 2))
  const isZero = (from: number, to: number) => groups.slice(from, to).every((group) => group === 0)
  const v4 = address.subarray(12).join('.')
  if (isZero(0, 5) && groups[5] === 0xffff) return `::ffff:${v4}`
  if (isZero(0, 6) && groups[6] !== 0) return `::${v4}`
  const [from, length] = longestGap(groups)
  const hex = (start: number, end: number) =>
    groups
      .slice(start, end)
      .map((group) => group.toString(16))
      .join(':')
  return length === 0 ? hex(0, 8) : `${hex(0, from)}::${hex(from + length, 8)}`
}

/** The first of the longest runs of zeros, which may be of one. */
function longestGap(groups: readonly number[]): [from: number, length: number] {
  let [best, bestLength] = [0, 0]
  for (let from = 0; from < 8; from++) {
    let length = 0
    while (from + length < 8 && groups[from + length] === 0) length++
    if (length > bestLength) [best, bestLength] = [from, length]
    from += length
  }
  return [best, bestLength]
}

const uuidSchema = scalar('string', { name: 'io.debezium.data.Uuid', version: 1 })
const plain = scalar('string')

export function uuidType(options: TypeOptions): ValueType {
  return addressType(uuidSchema, 16, printUuid, options)
}

/** Addresses are plain text: Debezium stops at them. */
export function inet4Type(options: TypeOptions): ValueType {
  return { ...addressType(plain, 4, printInet4, options), defaultOf: (literal) => literalText(literal, null) }
}

export function inet6Type(options: TypeOptions): ValueType {
  return {
    ...addressType(plain, 16, printInet6, options),
    defaultOf: (literal) => literalText(literal, null),
  }
}
