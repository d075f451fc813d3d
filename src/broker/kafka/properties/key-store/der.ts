/**
 * ASN.1 in DER, as far as key stores need it:
 *
 *   value := tag byte | length | content
 *   length := one byte below 0x80, or 0x80 + how many bytes of big-endian length follow
 */
import { StoreUnreadable } from './store.ts'

export interface DerValue {
  readonly tag: number
  readonly content: Buffer
}

export const derTag = { integer: 0x02, octets: 0x04, oid: 0x06, sequence: 0x30 } as const

/** The values that stand in these bytes one after the other. */
export function readDer(bytes: Buffer): DerValue[] {
  const values: DerValue[] = []
  for (let at = 0; at < bytes.length; ) {
    const { tag, from, to } = header(bytes, at)
    values.push({ tag, content: bytes.subarray(from, to) })
    at = to
  }
  return values
}

function header(bytes: Buffer, at: number): { tag: number; from: number; to: number } {
  const [tag, first] = [bytes[at], bytes[at + 1]]
  if (tag === undefined || first === undefined) throw damaged()
  if (first === 0x80 || first > 0x84) throw damaged() // BER without a length, or one beyond 4 GB
  const more = first < 0x80 ? 0 : first - 0x80
  const from = at + 2 + more
  if (from > bytes.length) throw damaged()
  const to = from + (more === 0 ? first : bytes.readUIntBE(at + 2, more))
  if (to > bytes.length) throw damaged()
  return { tag, from, to }
}

/** The values within a constructed one. */
export function inside(value: DerValue | undefined): DerValue[] {
  if (value === undefined || (value.tag & 0x20) === 0) throw damaged()
  return readDer(value.content)
}

export function octets(value: DerValue | undefined): Buffer {
  if (value?.tag !== derTag.octets) throw damaged()
  return value.content
}

export function integer(value: DerValue | undefined): number {
  if (value?.tag !== derTag.integer || value.content.length > 6) throw damaged()
  return value.content.readIntBE(0, value.content.length)
}

/** Dotted, as standards print it. */
export function oid(value: DerValue | undefined): string {
  if (value?.tag !== derTag.oid) throw damaged()
  const arcs: number[] = []
  let arc = 0
  for (const byte of value.content) {
    arc = arc * 128 + (byte & 0x7f)
    if (byte < 0x80) {
      arcs.push(arc)
      arc = 0
    }
  }
  const [first = 0, ...rest] = arcs
  const top = Math.min(2, Math.floor(first / 40))
  return [top, first - top * 40, ...rest].join('.')
}

function damaged(): StoreUnreadable {
  return new StoreUnreadable('its bytes are damaged, or not in DER')
}
