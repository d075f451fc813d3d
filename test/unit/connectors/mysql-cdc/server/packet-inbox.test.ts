import { expect, test } from 'vitest'
import { PacketInbox } from '../../../../../connectors/mysql-cdc/server/packet-inbox.ts'
import { packet } from './packets.ts'

const sizes = [1, 0, 70_000, 3, 40_000, 250, 2_000_000, 5]
const bodies = sizes.map((size, i) => Buffer.alloc(size, i + 1))

/** What `next` has found, as long as there is something. */
function* packetsIn(inbox: PacketInbox): Generator<Buffer> {
  while (inbox.ready) {
    expect(inbox.next()).toBe(true)
    yield inbox.slab.bytes.subarray(inbox.from, inbox.to)
  }
  expect(inbox.next()).toBe(false)
}

test.each([1, 7, 1000, 65_536, 10_000_000])('packets come out whole, from reads of %i bytes', (size) => {
  const sent = size === 1 ? bodies.slice(3) : bodies
  const stream = Buffer.concat((size === 1 ? sent.filter((each) => each.length < 1000) : sent).map(packet))
  const inbox = new PacketInbox()
  for (let at = 0; at < stream.length; at += size) inbox.receive(stream.subarray(at, at + size))
  expect(inbox.waiting).toBe(stream.length)
  const found = [...packetsIn(inbox)].map((body) => [body.length, body[0]])
  const expected = size === 1 ? sent.filter((each) => each.length < 1000) : sent
  expect(found).toEqual(expected.map((body) => [body.length, body[0]]))
  expect(inbox.waiting).toBe(0)
})

test('reads that end anywhere, read out in between', () => {
  const stream = Buffer.concat(Array.from({ length: 300 }, (_, i) => packet(Buffer.alloc(i * 7, i))))
  const inbox = new PacketInbox()
  let next = 0
  for (let at = 0, step = 1; at < stream.length; at += step, step = (step * 31) % 4099) {
    inbox.receive(stream.subarray(at, at + step))
    for (const body of packetsIn(inbox)) {
      expect(body.equals(Buffer.alloc(next * 7, next))).toBe(true)
      next++
    }
  }
  expect(next).toBe(300)
})

test.each([0xffffff - 1, 0xffffff, 0xffffff + 1, 2 * 0xffffff, 2 * 0xffffff + 12_345])(
  'the parts of a packet of %i bytes are put together',
  (size) => {
    const body = Buffer.alloc(size)
    for (let at = 0; at + 4 <= size; at += 4096) body.writeUInt32LE(at, at)
    const stream = Buffer.concat([packet(Buffer.from('before')), packet(body), packet(Buffer.from('behind'))])
    for (const known of [size, 0]) {
      const inbox = new PacketInbox(() => known)
      const found: Buffer[] = []
      for (let at = 0; at < stream.length; at += 1_000_000) {
        inbox.receive(stream.subarray(at, at + 1_000_000))
        found.push(...packetsIn(inbox))
      }
      expect(found.map((each) => each.length)).toEqual([6, size, 6])
      expect(found[1]?.equals(body)).toBe(true)
      expect(found[2]?.toString()).toBe('behind')
    }
  },
)

test('a packet of several parts whose size is told gets a chunk of about that size, once', () => {
  const body = Buffer.alloc(3 * 0xffffff + 5, 7)
  const inbox = new PacketInbox(() => body.length)
  const stream = packet(body)
  for (let at = 0; at < stream.length; at += 65_536) inbox.receive(stream.subarray(at, at + 65_536))
  expect(inbox.next()).toBe(true)
  expect(inbox.slab.bytes.length).toBeLessThan(body.length + 1_000_000)
})

test('what was found stays as it is when more comes', () => {
  const inbox = new PacketInbox()
  inbox.receive(packet(Buffer.from('first')))
  inbox.next()
  const { slab, from, to } = inbox
  for (let i = 0; i < 100; i++) {
    inbox.receive(packet(Buffer.alloc(30_000, i)))
    inbox.next()
  }
  expect(slab.bytes.toString('latin1', from, to)).toBe('first')
})
