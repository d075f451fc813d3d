/** The headers of a record: a count, then per header its name and its value, each behind its length (-1: null). */
import { ByteBuffer, utf8 } from '#bytes'
import type { RawHeader } from '../broker.ts'
import { putVarint, type VarintCursor } from './varint.ts'

/** The encoding of no headers at all. */
export const withoutHeaders: Uint8Array = Uint8Array.of(0)

const none: readonly RawHeader[] = []

/** Count and entries, as `OutgoingRecord.headers` wants them. */
export function encodeHeaders(entries: readonly RawHeader[]): Uint8Array {
  if (entries.length === 0) return withoutHeaders
  const out = new ByteBuffer(64)
  appendVarint(out, entries.length)
  for (const { key, value } of entries) {
    appendVarint(out, Buffer.byteLength(key))
    out.appendText(key)
    appendVarint(out, value === null ? -1 : value.length)
    if (value !== null) out.append(value)
  }
  return out.copy()
}

export function decodeHeaders(cursor: VarintCursor): readonly RawHeader[] {
  const count = cursor.next()
  if (count === 0) return none
  const headers: RawHeader[] = []
  for (let i = 0; i < count; i++) {
    const name = cursor.take(cursor.next())
    const length = cursor.next()
    headers.push({ key: utf8(name, 0, name.length), value: length < 0 ? null : cursor.take(length) })
  }
  return headers
}

function appendVarint(out: ByteBuffer, value: number): void {
  out.reserve(5)
  out.length = putVarint(out.bytes, out.length, value)
}
