import { expect, test } from 'vitest'
import type { FinishedBatch } from '../../../../../src/broker/batching/outbox.ts'
import { PartitionQueue, type SealedBatch } from '../../../../../src/broker/kafka/produce/partition-queue.ts'
import { BatchBuilder } from '../../../../../src/broker/record/batch-builder.ts'
import { withoutHeaders } from '../../../../../src/broker/record/headers.ts'

const sealing = { producerId: 7n, epoch: 0, transactional: false }
const nothing = { writeValue: () => false }

function batchOf(count: number, partition: PartitionQueue): FinishedBatch<PartitionQueue> {
  const builder = new BatchBuilder()
  for (let i = 0; i < count; i++) builder.append(1, Buffer.alloc(0), -1, nothing, withoutHeaders, 10_000)
  const bytes = builder.finish()
  const { length } = bytes
  const memory = bytes.buffer as ArrayBuffer
  return { partition, memory, length, count, maxTimestamp: 1, recordBytes: length - 61 }
}

function queueOf(first: number, ...counts: number[]): { queue: PartitionQueue; batches: SealedBatch[] } {
  const queue = new PartitionQueue('t', 0, first)
  queue.leader = 1
  const batches = counts.map((count, order) =>
    queue.add(batchOf(count, queue), sealing, { order, deadline: 0 }),
  )
  return { queue, batches }
}

test('sequence numbers count records, and begin again after 2^31 - 1', () => {
  const { batches } = queueOf(2 ** 31 - 5, 3, 4, 2)
  expect(batches.map(({ sequence }) => sequence)).toEqual([2 ** 31 - 5, 2 ** 31 - 2, 2])
  expect(batches[1]?.bytes.readInt32BE(53)).toBe(2 ** 31 - 2)
})

test.each([0, 2 ** 31 - 7])(
  'what comes back takes its place again, in whatever order (from %i on)',
  (first) => {
    const { queue, batches } = queueOf(first, 3, 3, 3, 3)
    const [a, b, c] = [queue.depart(), queue.depart(), queue.depart()]
    for (const each of [b, c, a]) queue.comeBack(each)
    const left: SealedBatch[] = []
    while (queue.head !== null) left.push(queue.depart())
    expect(left).toEqual(batches)
  },
)

test('until the first is acknowledged nothing follows it: the leader would take any sequence number', () => {
  const { queue } = queueOf(0, 1, 1, 1)
  const a = queue.depart()
  expect(queue.sendable(0)).toBe(false)
  queue.comeBack(a)
  expect(queue.sendable(0)).toBe(true)
  queue.depart()
  expect(queue.sendable(0)).toBe(false)
  queue.acknowledged(a)
  queue.depart()
  expect(queue.sendable(0)).toBe(true)
})

test('after one came back nothing goes until all are answered', () => {
  const { queue } = queueOf(0, 1, 1, 1, 1)
  queue.acknowledged(queue.depart())
  const [a, b] = [queue.depart(), queue.depart()]
  expect(queue.sendable(0)).toBe(true)
  expect(queue.isFirst(b)).toBe(false)
  queue.comeBack(a)
  expect(queue.sendable(0)).toBe(false)
  queue.comeBack(b)
  expect(queue.sendable(0)).toBe(true)
  expect(queue.depart()).toBe(a)
  expect(queue.isFirst(a)).toBe(true)
})

test('nothing goes to a new leader before the old one has answered', () => {
  const { queue } = queueOf(0, 1, 1)
  const a = queue.depart()
  queue.leader = 2
  expect(queue.sendable(0)).toBe(false)
  queue.acknowledged(a)
  expect(queue.sendable(0)).toBe(true)
  queue.leader = -1
  expect(queue.sendable(0)).toBe(false)
})
