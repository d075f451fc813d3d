import { expect, test } from 'vitest'
import { Inbox, type InboxEvents, KEEPALIVE, LOG_DATA } from '../../../../connectors/postgres-cdc/inbox.ts'
import { keepalive, logData, serverMessage } from '../../../support/log-stream.ts'

const quiet: InboxEvents = { keepalive: () => {}, other: () => {} }

const sizes = [0, 1, 70_000, 3, 40_000, 40_000, 2_000_000, 5]
const messages = [
  ...sizes.map((size, i) => logData(0x1_0000_0000n + BigInt(i), Buffer.alloc(size, i))),
  keepalive(99n),
]

function mustHaveAll(inbox: Inbox): void {
  expect(inbox.messages).toBe(messages.length)
  for (const [i, size] of sizes.entries()) {
    const frame = inbox.next()
    expect([frame?.kind, frame?.lsn]).toEqual([LOG_DATA, 0x1_0000_0000 + i])
    const payload = frame?.slab.bytes.subarray(frame.from, frame.to)
    expect(payload?.equals(Buffer.alloc(size, i))).toBe(true)
  }
  const last = inbox.next()
  expect([last?.kind, last?.lsn]).toEqual([KEEPALIVE, 99])
  expect([inbox.next(), inbox.messages, inbox.bytes]).toEqual([null, 0, 0])
}

test.each([1, 7, 1000, 65_536, 10_000_000])(
  'messages come out as they went in, in reads of %i bytes',
  (size) => {
    const stream = Buffer.concat(size === 1 ? messages.slice(-2) : messages)
    const inbox = new Inbox()
    for (let at = 0; at < stream.length; at += size) inbox.receive(stream.subarray(at, at + size), quiet)
    if (size > 1) return mustHaveAll(inbox)
    expect(inbox.next()?.lsn).toBe(0x1_0000_0007)
    expect(inbox.next()?.lsn).toBe(99)
  },
)

test('reads that end anywhere in a message, read out in between', () => {
  const stream = Buffer.concat(
    Array.from({ length: 300 }, (_, i) => logData(BigInt(i), Buffer.alloc(i * 7, i))),
  )
  const inbox = new Inbox()
  let next = 0
  for (let at = 0, step = 1; at < stream.length; at += step, step = (step * 31) % 4099) {
    inbox.receive(stream.subarray(at, at + step), quiet)
    for (let frame = inbox.next(); frame !== null; frame = inbox.next()) {
      expect(frame.lsn).toBe(next)
      expect(frame.slab.bytes.subarray(frame.from, frame.to).equals(Buffer.alloc(next * 7, next))).toBe(true)
      next++
    }
  }
  expect(next).toBe(300)
})

test('keepalives are told at once; what is not of the log is handed on whole and in order', () => {
  const heard: unknown[] = []
  const events: InboxEvents = {
    keepalive: (lsn, mustReply) => heard.push([lsn, mustReply]),
    other: (message) => heard.push(message.toString('latin1')),
  }
  const notice = serverMessage('N', Buffer.from('beware'))
  const done = serverMessage('c', Buffer.alloc(0))
  const stream = [notice, logData(1n, Buffer.from('a')), keepalive(7n, true), keepalive(8n), done]
  const inbox = new Inbox()
  for (const byte of Buffer.concat(stream)) inbox.receive(Buffer.from([byte]), events)
  expect(heard).toEqual([notice.toString('latin1'), [7, true], [8, false], done.toString('latin1')])
  expect([inbox.messages, inbox.next()?.lsn, inbox.next()?.lsn, inbox.next()?.lsn, inbox.next()]).toEqual([
    ...[3, 1, 7, 8, null],
  ])
})

test('bytes of a chunk stay as they are while more is appended: records point into them', () => {
  const inbox = new Inbox()
  inbox.receive(logData(1n, Buffer.from('first')), quiet)
  const frame = inbox.next()
  const [bytes, from, to] = [frame?.slab.bytes, frame?.from, frame?.to]
  for (let i = 0; i < 10_000; i++) inbox.receive(logData(2n, Buffer.from('further')), quiet)
  expect(bytes?.subarray(from, to).toString()).toBe('first')
})
