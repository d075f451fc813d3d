import { randomBytes } from 'node:crypto'
import { zstdCompressSync } from 'node:zlib'
import { compressFrameSync } from 'lz4-napi'
import { compressSync as snappyCompress } from 'snappy'
import { expect, test } from 'vitest'
import type { ByteBuffer } from '#bytes'
import { DecodeError } from '#errors'
import { decodeBatches, withoutHeaders } from '#broker'
import { BatchBuilder } from '../../../../src/broker/record/batch-builder.ts'
import { visitRecords } from '../../../../src/broker/record/batch-filter.ts'
import {
  compressBatch,
  compressionOf,
  mostUnpacked,
  unpackBatch,
} from '../../../../src/broker/record/compression.ts'
import { putVarint } from '../../../../src/broker/record/varint.ts'

function batchOf(values: readonly (string | Buffer)[]): Buffer {
  const builder = new BatchBuilder()
  builder.reset(Buffer.alloc(1024))
  for (const value of values) {
    const record = {
      ...{ topic: 't', partition: null, timestamp: null, headers: withoutHeaders },
      writeKey: () => false,
      writeValue: (out: ByteBuffer) => {
        out.append(Buffer.from(value))
        return true
      },
    }
    builder.append(1, Buffer.alloc(0), -1, record, withoutHeaders, 1 << 20)
  }
  return Buffer.from(builder.finish())
}

const values = Array.from({ length: 200 }, (_, i) => `{"id":${i},"name":"a name that repeats"}`)

test('a compressed batch holds the same records in a fraction of the bytes', () => {
  const batch = batchOf(values)
  const packed = compressBatch(batch, 'zstd')
  if (packed === null) throw new Error('it was not compressed')
  expect(packed.length).toBeLessThan(batch.length / 4)
  expect(unpackBatch(packed)).toEqual(batch)
  const read = decodeBatches('t', 0, Buffer.concat([packed, batch]))
  expect(read.map(({ value }) => Buffer.from(value ?? []).toString())).toEqual([...values, ...values])
})

test.each(['gzip', 'snappy', 'lz4', 'zstd'] as const)(
  '%s: packed and unpacked again, within the bound',
  (codec) => {
    const batch = batchOf(Array.from({ length: 15_000 }, (_, i) => values[i % 200] ?? ''))
    const packed = compressBatch(batch, codec)
    if (packed === null) throw new Error('it was not compressed')
    expect(compressionOf(packed)).toBe(codec)
    expect(unpackBatch(packed)).toEqual(batch)
    expect(unpackBatch(packed, 0, 4 << 20)).toEqual(batch)
    expect(() => unpackBatch(packed, 0, batch.length >> 1)).toThrow(/would become more than/)
    for (const end of [62, 70, packed.length >> 1, packed.length - 1]) {
      const cut = Buffer.from(packed.subarray(0, end))
      cut.writeInt32BE(end - 12, 8)
      expect(() => unpackBatch(cut), `${end}`).toThrow(DecodeError)
    }
  },
)

test('a level is passed on to the codec', () => {
  const noisy = batchOf(
    Array.from({ length: 2000 }, (_, i) => `order ${(i * 7919) % 10_007} of ${(i * 31) % 97}: ${i % 13}`),
  )
  for (const codec of ['gzip', 'zstd'] as const) {
    const [fast, slow] = [compressBatch(noisy, codec, 1), compressBatch(noisy, codec, 9)]
    expect(slow?.length).not.toBe(fast?.length)
    expect(unpackBatch(slow as Buffer)).toEqual(noisy)
  }
})

test('a bare snappy block, as librdkafka writes it, and blocks of any size in a frame', () => {
  const batch = batchOf(values)
  const bare = recompressed(batch, 2, snappyCompress(batch.subarray(61)))
  expect(unpackBatch(bare)).toEqual(batch)
  const lying = recompressed(batch, 2, Buffer.from('ffffffff0f00', 'hex'))
  expect(() => unpackBatch(lying)).toThrow(/would become more than/)
})

test.each([
  ['one frame', {}],
  ['block checksums', { blockChecksums: true }],
  ['a content checksum', { contentChecksum: true }],
  ['both checksums', { blockChecksums: true, contentChecksum: true }],
])('lz4 with %s, alone and as several frames', (_, options) => {
  const batch = batchOf(values)
  const records = batch.subarray(61)
  const frames = [0, 3000, 7000].map((from, i, all) => records.subarray(from, all[i + 1] ?? records.length))
  const packed = [
    compressFrameSync(records, options),
    ...[frames.map((each) => compressFrameSync(each, options))],
  ]
  for (const each of packed) {
    const bytes = Array.isArray(each) ? Buffer.concat(each) : each
    expect(unpackBatch(recompressed(batch, 3, bytes))).toEqual(batch)
    const damaged = Buffer.from(bytes)
    damaged[0] = 0
    expect(() => unpackBatch(recompressed(batch, 3, damaged))).toThrow(/lz4 bytes are damaged/)
  }
})

function recompressed(batch: Buffer, codec: number, records: Buffer): Buffer {
  const made = Buffer.concat([batch.subarray(0, 61), records])
  made.writeInt32BE(made.length - 12, 8)
  made.writeInt16BE(codec, 21)
  return made
}

test('small batches and those that do not shrink stay as they are', () => {
  expect(compressBatch(batchOf(['a']), 'zstd')).toBeNull()
  const noise = randomBytes(8192)
  expect(compressBatch(batchOf([noise]), 'zstd')).toBeNull()
})

test('nothing unpacks to more than its bound, and what is larger is not compressed', () => {
  const large = batchOf(['x'.repeat(mostUnpacked)])
  expect(compressBatch(large, 'zstd')).toBeNull()
  const frame = zstdCompressSync(Buffer.alloc(mostUnpacked + 1))
  const bomb = Buffer.concat([(compressBatch(batchOf(values), 'zstd') as Buffer).subarray(0, 61), frame])
  bomb.writeInt32BE(bomb.length - 12, 8)
  expect(() => unpackBatch(bomb)).toThrow(`more than ${mostUnpacked} bytes`)
})

test('a changed bit is found, unless it means nothing', () => {
  const batch = batchOf(values)
  const packed = compressBatch(batch, 'zstd') as Buffer
  let found = 0
  for (let at = 61; at < packed.length; at++) {
    const damaged = Buffer.from(packed)
    damaged[at] = (damaged[at] as number) ^ 4
    try {
      expect(unpackBatch(damaged)).toEqual(batch)
    } catch (error) {
      expect(error).toBeInstanceOf(DecodeError)
      found++
    }
  }
  expect(found).toBeGreaterThan((packed.length - 61) * 0.9)
})

test.each([-5, 0, 4_000_000])('a record that claims a length of %i is a DecodeError', (length) => {
  const batch = batchOf(['a', 'b'])
  const out = Buffer.alloc(batch.length + 8)
  batch.copy(out)
  putVarint(out, 61, length)
  expect(() => decodeBatches('t', 0, out)).toThrow('outside of its batch')
  expect(() => visitRecords(out, () => {})).toThrow('outside of its batch')
})

test('damaged and unknown compression is a DecodeError', () => {
  const packed = compressBatch(batchOf(values), 'zstd') as Buffer
  const damaged = Buffer.from(packed)
  damaged.fill(0xff, 61, 80)
  expect(() => unpackBatch(damaged)).toThrow('its zstd bytes are damaged')
  const other = Buffer.from(packed)
  other.writeInt16BE(5, 21)
  expect(() => unpackBatch(other)).toThrow('codec 5')
})
