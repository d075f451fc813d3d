import { expect, test } from 'vitest'
import type { ByteBuffer } from '#bytes'
import { BatchBuilder } from '../../../../src/broker/record/batch-builder.ts'
import { isTransactional, readBatchHeader } from '../../../../src/broker/record/batch-header.ts'
import { sealBatch, verifyBatch } from '../../../../src/broker/record/batch-seal.ts'
import { withoutHeaders } from '../../../../src/broker/record/headers.ts'

function batchOf(value: string): Buffer {
  const builder = new BatchBuilder()
  const source = {
    writeValue: (out: ByteBuffer) => {
      out.appendText(value)
      return true
    },
  }
  builder.append(1, Buffer.alloc(0), -1, source, withoutHeaders, 1000)
  return Buffer.from(builder.finish())
}

test('a sealed batch says who made it and where it belongs, and its checksum covers that', () => {
  const batch = batchOf('x')
  sealBatch(batch, { producerId: 4711n, epoch: 3, sequence: 99, transactional: true })
  const header = readBatchHeader(batch)
  expect(header.producerId).toBe(4711n)
  expect([batch.readInt16BE(51), batch.readInt32BE(53)]).toEqual([3, 99])
  expect(isTransactional(header)).toBe(true)
  verifyBatch(batch, header)
  for (let at = 21; at < batch.length; at++) {
    const damaged = Buffer.from(batch)
    damaged[at] = (damaged[at] as number) ^ 1
    expect(() => verifyBatch(damaged, header)).toThrow(/checksum/)
  }
  expect(isTransactional(readBatchHeader(batchOf('y')))).toBe(false)
})
