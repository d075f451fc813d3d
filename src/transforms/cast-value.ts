/** One value as another type, by the rules of `Cast`. */
import { Decimal, type Schema } from '#data'
import { DataError } from '#errors'
import { isTemporal, javaClassOf, simpleText } from '#plugin'

const castTypes = ['int8', 'int16', 'int32', 'int64', 'float32', 'float64', 'boolean', 'string'] as const
export type CastType = (typeof castTypes)[number]

export function isCastType(text: string): text is CastType {
  return (castTypes as readonly string[]).includes(text)
}

export function castValue(value: unknown, schema: Schema | null, type: CastType): unknown {
  if (type === 'string') return textOf(value, schema)
  if (value instanceof Uint8Array || (typeof value === 'object' && !(value instanceof Decimal)))
    throw unexpected(value, schema)
  if (type === 'boolean') return toBoolean(value)
  if (type === 'float32' || type === 'float64') {
    const number = toReal(value, type)
    return type === 'float32' ? Math.fround(number) : number
  }
  const whole = toWhole(value, type)
  const bits = Number(type.slice(3))
  if (BigInt.asIntN(bits, whole) !== whole) throw outOfRange(type)
  return bits === 64 ? whole : Number(whole)
}

function outOfRange(type: CastType): DataError {
  return new DataError(`Value was out of range for requested data type ${type.toUpperCase()}`)
}

function unexpected(value: unknown, schema: Schema | null): DataError {
  return new DataError(`Unexpected type in Cast transformation: class ${javaClassOf(value, schema)}`)
}

function textOf(value: unknown, schema: Schema | null): string {
  if (typeof value === 'object' && !(value instanceof Decimal) && !(value instanceof Uint8Array))
    throw unexpected(value, schema)
  return isTemporal(schema) || typeof value !== 'string' ? simpleText(value, schema) : value
}

function toBoolean(value: unknown): boolean {
  if (typeof value === 'string') return value.toLowerCase() === 'true'
  if (typeof value === 'boolean') return value
  return value instanceof Decimal ? value.unscaled !== 0n : Number(value) !== 0
}

function toReal(value: unknown, type: CastType): number {
  if (typeof value === 'string') return realOf(value, type)
  if (typeof value === 'boolean') return value ? 1 : 0
  return Number(value instanceof Decimal ? value.toString() : value)
}

/** Java's `Double.parseDouble`: blanks around, an ending `d` or `f`, and hexadecimal floats are fine. */
function realOf(text: string, type: CastType): number {
  const trimmed = text.trim()
  const special = /^([-+]?)(NaN|Infinity)$/.exec(trimmed)
  if (special !== null) return Number(`${special[1] === '-' ? '-' : ''}${special[2]}`)
  const decimal = /^([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)[dDfF]?$/.exec(trimmed)
  if (decimal !== null) return Number(decimal[1])
  const hex = /^([-+]?)0[xX]([0-9a-fA-F]*)\.?([0-9a-fA-F]*)[pP]([-+]?\d+)[dDfF]?$/.exec(trimmed)
  const digits = `${hex?.[2] ?? ''}${hex?.[3] ?? ''}`
  if (hex === null || digits === '') throw outOfRange(type)
  const magnitude = Number.parseInt(digits, 16) * 2 ** (Number(hex[4]) - 4 * (hex[3] ?? '').length)
  return hex[1] === '-' ? -magnitude : magnitude
}

function toWhole(value: unknown, type: CastType): bigint {
  if (typeof value === 'bigint') return value
  if (typeof value === 'boolean') return value ? 1n : 0n
  if (typeof value === 'string') {
    if (!/^[-+]?\d+$/.test(value)) throw outOfRange(type)
    return BigInt(value.replace(/^\+/, ''))
  }
  if (value instanceof Decimal)
    return value.scale <= 0 ? value.withScale(0).unscaled : value.unscaled / 10n ** BigInt(value.scale)
  const number = Number(value)
  if (!Number.isFinite(number)) throw outOfRange(type)
  return BigInt(Math.trunc(number))
}
