import { expect, test } from 'vitest'
import { Inbox, KEEPALIVE, LOG_DATA } from '../../../../connectors/postgres-cdc/inbox.ts'

function lsn(value: bigint): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(value)
  return bytes
}

test('messages come out as they went in, across chunks and larger than one', () => {
  const inbox = new Inbox()
  const sizes = [0, 1, 70_000, 3, 40_000, 40_000, 2_000_000, 5]
  for (const [i, size] of sizes.entries())
    inbox.append(LOG_DATA, lsn(0x1_0000_0000n + BigInt(i)), 0, Buffer.alloc(size, i))
  inbox.append(KEEPALIVE, lsn(99n), 0, null)
  expect(inbox.messages).toBe(sizes.length + 1)
  for (const [i, size] of sizes.entries()) {
    const frame = inbox.next()
    expect([frame?.kind, frame?.lsn]).toEqual([LOG_DATA, 0x1_0000_0000 + i])
    const payload = frame?.slab.bytes.subarray(frame.from, frame.to)
    expect(payload?.equals(Buffer.alloc(size, i))).toBe(true)
  }
  const last = inbox.next()
  expect([last?.kind, last?.lsn]).toEqual([KEEPALIVE, 99])
  expect([inbox.next(), inbox.messages, inbox.bytes]).toEqual([null, 0, 0])
})

test('bytes of a chunk stay as they are while more is appended: records point into them', () => {
  const inbox = new Inbox()
  inbox.append(LOG_DATA, lsn(1n), 0, Buffer.from('first'))
  const frame = inbox.next()
  const [bytes, from, to] = [frame?.slab.bytes, frame?.from, frame?.to]
  for (let i = 0; i < 10_000; i++) inbox.append(LOG_DATA, lsn(2n), 0, Buffer.from('further'))
  expect(bytes?.subarray(from, to).toString()).toBe('first')
})
