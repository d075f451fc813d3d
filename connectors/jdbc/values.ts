/** Connect values in the exact text or bytes that databases take, shared by the dialects. */
import { Decimal, Struct } from '#data'
import { DataError } from '#errors'

/** Debezium's stand-in for a TOASTed value that the log did not carry. */
const placeholder = '__debezium_unavailable_value'
const placeholderBytes = Buffer.from(placeholder)

/**
 * Whether a value is the stand-in, in one of the forms in which Debezium writes it: text, bytes, or a list or map of
 * it. (Lists of numbers hold the text's bytes.)
 */
export function isUnavailable(value: unknown): boolean {
  if (typeof value === 'string') return value.length === placeholder.length && value === placeholder
  if (value === null || typeof value !== 'object') return false
  if (value instanceof Uint8Array)
    return value.length === placeholder.length && placeholderBytes.equals(value)
  if (Array.isArray(value)) {
    if (value.length === 1) return isUnavailable(value[0])
    return (
      value.length === placeholder.length && value.every((item, i) => Number(item) === placeholderBytes[i])
    )
  }
  return value instanceof Map && value.size === 1 && value.has(placeholder)
}

/** Decimal, number or numeric text to plain digits. */
export function decimalText(value: unknown): string {
  if (value instanceof Decimal) return value.toString()
  if (typeof value === 'bigint' || typeof value === 'number') return String(value)
  throw new DataError('A Decimal was expected.')
}

/** `io.debezium.data.VariableScaleDecimal`: {scale, value}, the value an unscaled two's complement number. */
export function variableDecimalText(value: unknown): string {
  if (!(value instanceof Struct))
    throw new DataError('A VariableScaleDecimal must be a struct of scale and value.')
  const bytes = value.raw('value')
  if (!(bytes instanceof Uint8Array)) throw new DataError('A VariableScaleDecimal has no value.')
  return new Decimal(signed(bytes), Number(value.raw('scale') ?? 0)).toString()
}

function signed(bytes: Uint8Array): bigint {
  if (bytes.length === 0) return 0n
  return BigInt.asIntN(bytes.length * 8, BigInt(`0x${hexOf(bytes)}`))
}

export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')
}

export function bytesOf(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value
  throw new DataError('Bytes were expected.')
}

/** `io.debezium.data.Bits`: least significant byte first. As digits, most significant first. */
export function bitsText(value: unknown, length: number): string {
  const bytes = bytesOf(value)
  let text = ''
  for (let i = bytes.length - 1; i >= 0; i--) text += (bytes[i] ?? 0).toString(2).padStart(8, '0')
  return text.length >= length ? text.slice(text.length - length) : text.padStart(length, '0')
}

/** Well-known binary with its reference system, of the structs Geometry, Geography and Point. */
export function geometryOf(value: unknown): { wkb: Uint8Array; srid: number | null; x: number; y: number } {
  if (!(value instanceof Struct)) throw new DataError('A geometry must be a struct of wkb and srid.')
  const srid = value.raw('srid')
  const [x, y] = [Number(value.raw('x') ?? Number.NaN), Number(value.raw('y') ?? Number.NaN)]
  const wkb = value.raw('wkb')
  return {
    wkb: wkb instanceof Uint8Array ? wkb : pointWkb(x, y),
    srid: typeof srid === 'number' ? srid : null,
    x,
    y,
  }
}

function pointWkb(x: number, y: number): Uint8Array {
  const bytes = Buffer.alloc(21)
  bytes.writeUInt8(1, 0)
  bytes.writeUInt32LE(1, 1)
  bytes.writeDoubleLE(x, 5)
  bytes.writeDoubleLE(y, 13)
  return bytes
}

/** Well-known binary with the reference system inside, as PostGIS reads it. */
export function extendedWkb(wkb: Uint8Array, srid: number | null): string {
  if (srid === null || srid === 0) return hexOf(wkb)
  const bytes = Buffer.from(wkb)
  const little = bytes[0] === 1
  const type = little ? bytes.readUInt32LE(1) : bytes.readUInt32BE(1)
  const head = Buffer.alloc(9)
  head[0] = bytes[0] ?? 0
  if (little) {
    head.writeUInt32LE((type | 0x20000000) >>> 0, 1)
    head.writeUInt32LE(srid, 5)
  } else {
    head.writeUInt32BE((type | 0x20000000) >>> 0, 1)
    head.writeUInt32BE(srid, 5)
  }
  const hasSrid = (type & 0x20000000) !== 0
  return Buffer.concat([head, bytes.subarray(hasSrid ? 9 : 5)]).toString('hex')
}

/** An array or a vector struct as `[1,2,3]`, pgvector's text form. */
export function vectorText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.join(',')}]`
  if (value instanceof Struct) {
    const entries = value.raw('vector')
    if (entries instanceof Map)
      return `{${[...entries].map(([index, item]) => `${index}:${item}`).join(',')}}/${value.raw('dimensions')}`
  }
  throw new DataError('A vector must be a list of numbers.')
}
