import { expect, test } from 'vitest'
import type { ByteBuffer } from '#bytes'
import type { OutgoingRecord } from '#broker'
import { BufferPool } from '../../../../src/broker/batching/buffer-pool.ts'
import { Outbox, type OutboxOptions, type OutboxTopic } from '../../../../src/broker/batching/outbox.ts'
import { decodeBatches } from '../../../../src/broker/record/batch-reader.ts'
import { withoutHeaders } from '../../../../src/broker/record/headers.ts'

const topic = {
  topic: 't',
  partitions: [10, 11],
  compacted: false,
  maxMessageBytes: 3_000_000,
  compression: 'producer' as const,
}

function outboxOf(handle: OutboxTopic<number> = topic, options: OutboxOptions = {}): Outbox<number> {
  const outbox = new Outbox<number>(new BufferPool(), options)
  outbox.learn(handle)
  return outbox
}

function record(
  value: string | (() => string),
  more: Partial<OutgoingRecord> & { key?: string } = {},
): OutgoingRecord {
  const { key, ...rest } = more
  return {
    ...{ topic: 't', partition: null, timestamp: 5n, headers: withoutHeaders },
    writeKey: (out: ByteBuffer) => {
      if (key !== undefined) out.appendText(key)
      return key !== undefined
    },
    writeValue: (out: ByteBuffer) => {
      out.appendText(typeof value === 'string' ? value : value())
      return true
    },
    ...rest,
  }
}

const taken = (outbox: Outbox<number>) =>
  outbox.take().map(({ partition, memory, length, count }) => {
    const records = decodeBatches('t', 0, new Uint8Array(memory, 0, length))
    expect(records).toHaveLength(count)
    return [partition, ...records.map(({ value }) => value?.toString())]
  })

test('one batch per partition, keyless records in turn, nothing left behind', () => {
  const outbox = outboxOf()
  for (const value of ['a', 'b', 'c']) expect(outbox.add(record(value))).toBe(true)
  expect(outbox.bytes).toBeGreaterThan(0)
  expect(taken(outbox)).toEqual([
    [10, 'a', 'c'],
    [11, 'b'],
  ])
  expect(outbox.bytes).toBe(0)
  expect(taken(outbox)).toEqual([])
  expect(outbox.add(record('x', { topic: 'unknown' }))).toBe(false)
})

test('a full batch is closed and the next one begins with the record that did not fit', () => {
  const outbox = outboxOf()
  for (let i = 0; i < 5; i++) outbox.add(record(`${i}`.padEnd(400_000, '.'), { partition: 0 }))
  const batches = outbox.take()
  expect(batches.map(({ count }) => count)).toEqual([2, 2, 1])
  expect(batches.every(({ length }) => length <= 1_000_000)).toBe(true)
})

test('what a topic does not take is refused, and the rest goes on', () => {
  const outbox = outboxOf()
  outbox.add(record('a', { partition: 0 }))
  expect(() => outbox.add(record('x'.repeat(3_000_001), { partition: 0 }))).toThrow(
    /max\.message\.bytes is 3000000/,
  )
  expect(() => outbox.add(record('x', { partition: 2 }))).toThrow(/no partition 2, only 2/)
  expect(() => outbox.add(record('x', { timestamp: -1n }))).toThrow(/timestamp -1/)
  const failing = record(() => {
    throw new Error('cannot write')
  })
  expect(() => outbox.add({ ...failing, partition: 0 })).toThrow('cannot write')
  outbox.add(record('b', { partition: 0 }))
  expect(taken(outbox)).toEqual([
    [10, 'a'],
    [10, 'b'],
  ])
})

test('max.request.size bounds a record, and compacted topics want keys', () => {
  expect(() => outboxOf(topic, { maxRequestBytes: 1000 }).add(record('x'.repeat(1000)))).toThrow(
    /max\.request\.size is 1000/,
  )
  const compacted = outboxOf({ ...topic, compacted: true })
  expect(() => compacted.add(record('x'))).toThrow(/compacted, and the record has no key/)
  expect(compacted.add(record('x', { key: '' }))).toBe(true)
})

test.each([
  ['producer', undefined, true],
  ['producer', 'zstd', true],
  ['producer', 'none', false],
  ['zstd', 'none', true],
  ['none', 'zstd', false],
] as const)('a topic of compression %s and a producer of %s: compressed is %s', (ofTopic, of, compressed) => {
  const outbox = outboxOf({ ...topic, compression: ofTopic }, of === undefined ? {} : { compression: of })
  outbox.add(record('again and again '.repeat(1000)))
  const [batch] = outbox.take()
  expect((batch?.length ?? 0) < 1000).toBe(compressed)
})

test('a topic that was made anew takes the place of the one before', () => {
  const outbox = outboxOf()
  outbox.add(record('a', { partition: 0 }))
  outbox.learn({ ...topic, partitions: [20, 21] })
  outbox.add(record('b', { partition: 0 }))
  expect(taken(outbox)).toEqual([
    [10, 'a'],
    [20, 'b'],
  ])
})

test('what is discarded leaves nothing behind', () => {
  const outbox = outboxOf()
  for (let i = 0; i < 4; i++) outbox.add(record(`${i}`.padEnd(400_000, '.'), { partition: 0 }))
  outbox.discard()
  expect(outbox.bytes).toBe(0)
  outbox.add(record('b', { partition: 0 }))
  expect(taken(outbox)).toEqual([[10, 'b']])
})

test('memory that comes back is used again, within a bound', () => {
  const pool = new BufferPool()
  const first = pool.take(100_000)
  expect(first.length).toBe(131_072)
  pool.give(first.buffer as ArrayBuffer)
  expect(pool.take(70_000).buffer).toBe(first.buffer)
  expect(pool.take(70_000).buffer).not.toBe(first.buffer)
  const many = [...Array(20).keys()].map(() => pool.take(1 << 20).buffer)
  for (const each of many) pool.give(each as ArrayBuffer)
  const again = new Set([...Array(20).keys()].map(() => pool.take(1 << 20).buffer))
  expect(many.filter((each) => again.has(each))).toHaveLength(2)
})
