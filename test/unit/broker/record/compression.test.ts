import { expect, test } from 'vitest'
import { decodeBatches, withoutHeaders } from '#broker'
import { BatchBuilder } from '../../../../src/broker/record/batch-builder.ts'
import { compressBatch, unpackBatch } from '../../../../src/broker/record/compression.ts'

function batchOf(values: readonly string[]): Buffer {
  const builder = new BatchBuilder()
  builder.reset(Buffer.alloc(1024))
  for (const value of values) {
    const record = {
      ...{ topic: 't', partition: null, timestamp: null, headers: withoutHeaders },
      writeKey: () => false,
      writeValue: (out: import('#bytes').ByteBuffer) => {
        out.appendText(value)
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
  const packed = compressBatch(batch)
  if (packed === null) throw new Error('it was not compressed')
  expect(packed.length).toBeLessThan(batch.length / 4)
  expect(unpackBatch(packed)).toEqual(batch)
  const read = decodeBatches('t', 0, Buffer.concat([packed, batch]))
  expect(read.map(({ value }) => Buffer.from(value ?? []).toString())).toEqual([...values, ...values])
})

test('small batches and those that do not shrink stay as they are', () => {
  expect(compressBatch(batchOf(['a']))).toBeNull()
  const noise = Array.from(
    { length: 300 },
    (_, i) => String((Math.sin(i + 1) * 1e16) % 1e15) + Math.sqrt(i + 2),
  )
  const packed = compressBatch(batchOf(noise))
  if (packed !== null) expect(packed.length).toBeLessThan(batchOf(noise).length * 0.9)
})

test('damaged and unknown compression is a DecodeError', () => {
  const packed = compressBatch(batchOf(values)) as Buffer
  const damaged = Buffer.from(packed)
  damaged.fill(0xff, 61, 80)
  expect(() => unpackBatch(damaged)).toThrow('its bytes are damaged')
  const other = Buffer.from(packed)
  other.writeInt16BE(2, 21)
  expect(() => unpackBatch(other)).toThrow('codec 2')
})
