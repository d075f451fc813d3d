/** What of fetched bytes counts. */
import { expect, test } from 'vitest'
import { committedOnly, offsetBehind } from '../../../../../src/broker/kafka/consume/batches.ts'
import { headerSize, writeBatchHeader } from '../../../../../src/broker/record/batch-header.ts'
import { BatchReader } from '../../../../../src/broker/record/batch-reader.ts'

const [transactional, control] = [0x10, 0x30]

interface Made {
  readonly attributes?: number
  readonly producer?: number
  readonly value?: string
  readonly marker?: 'commit' | 'abort'
  readonly last?: number
}

/** A batch of one record. */
function batch(
  offset: number,
  { attributes = 0, producer = -1, value = '', marker, last = 0 }: Made,
): Buffer {
  const key = marker === undefined ? null : Buffer.from([0, 0, 0, marker === 'commit' ? 1 : 0])
  const body = [
    0,
    0,
    0,
    ...(key === null ? [1] : [key.length * 2, ...key]),
    value.length * 2,
    ...Buffer.from(value),
    0,
  ]
  const record = Buffer.from([body.length * 2, ...body])
  const bytes = Buffer.alloc(headerSize + record.length)
  writeBatchHeader(bytes, bytes.length, {
    ...{ baseOffset: BigInt(offset), attributes: marker === undefined ? attributes : control, count: 1 },
    ...{ lastOffsetDelta: last, baseTimestamp: 0n, maxTimestamp: 0n },
  })
  bytes.writeBigInt64BE(BigInt(producer), 43)
  record.copy(bytes, headerSize)
  return bytes
}

test('the position moves over whole batches, whatever they hold, and stops before one that is cut off', () => {
  const bytes = Buffer.concat([
    batch(5, { value: 'a', last: 3 }),
    batch(20, { marker: 'commit', producer: 1 }),
    batch(21, { value: 'b' }),
  ])
  expect(offsetBehind(bytes)).toBe(22n)
  expect(offsetBehind(bytes.subarray(0, bytes.length - 1))).toBe(21n)
  expect(offsetBehind(bytes.subarray(0, 68))).toBe(null)
  expect(offsetBehind(bytes.subarray(0, 5))).toBe(null)
  expect(offsetBehind(Buffer.alloc(0))).toBe(null)
})

test('aborted transactions are left out up to their markers, beside others that are committed', () => {
  const bytes = Buffer.concat([
    batch(0, { attributes: transactional, producer: 1, value: 'no' }),
    batch(1, { attributes: transactional, producer: 2, value: 'yes' }),
    batch(2, { attributes: 0, producer: 1, value: 'plain' }),
    batch(3, { attributes: transactional, producer: 1, value: 'no' }),
    batch(4, { marker: 'abort', producer: 1 }),
    batch(5, { attributes: transactional, producer: 1, value: 'again' }),
    batch(6, { marker: 'commit', producer: 1 }),
    batch(7, { attributes: transactional, producer: 2, value: 'too' }),
    batch(8, { marker: 'commit', producer: 2 }),
    batch(9, { attributes: transactional, producer: 2, value: 'later no' }),
  ])
  const wants = committedOnly([
    { producerId: 2n, firstOffset: 9n },
    { producerId: 1n, firstOffset: 0n },
  ])
  const reader = new BatchReader('t', 0, bytes, { wants })
  const values: string[] = []
  for (let record = reader.next(); record !== null; record = reader.next())
    values.push(Buffer.from(record.value ?? []).toString())
  expect(values).toEqual(['yes', 'plain', 'again', 'too'])
})
