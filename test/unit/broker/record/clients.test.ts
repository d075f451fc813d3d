/** Batches that other clients have made and a real Kafka has stored. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { DecodeError } from '#errors'
import { isControl, isTransactional, readBatchHeader } from '../../../../src/broker/record/batch-header.ts'
import { BatchReader, type BatchReading, controlType } from '../../../../src/broker/record/batch-reader.ts'
import { compressionOf } from '../../../../src/broker/record/compression.ts'

interface Golden {
  readonly compressed: readonly { readonly client: string; readonly codec: string; readonly bytes: string }[]
  readonly plain: string
  readonly appendTime: string
  readonly transactions: string
}

const file = new URL('../../../golden/kafka/record-batches.json', import.meta.url)
const golden = JSON.parse(readFileSync(file, 'utf8')) as Golden
const bytesOf = (text: string): Buffer => Buffer.from(text, 'base64')

const lines = [...Array(120).keys()].map((n) => `line ${n} of a text that repeats itself, wärme and all`)

function read(bytes: Buffer, reading: BatchReading = {}) {
  const reader = new BatchReader('t', 0, bytes, { verify: true, ...reading })
  const records = []
  for (let record = reader.next(); record !== null; record = reader.next()) records.push(record)
  return { records, next: reader.nextOffset }
}

const text = (bytes: Uint8Array | null): string | undefined => bytes?.toString()

test.each(golden.compressed)('$codec of $client is read, its checksum verified', ({ codec, bytes }) => {
  const segment = bytesOf(bytes)
  const last = readBatchHeader(segment).size < segment.length ? readBatchHeader(segment).size : 0
  expect(compressionOf(segment.subarray(last))).toBe(codec)
  const { records, next } = read(segment)
  expect(records.map(({ value }) => text(value))).toEqual(lines)
  expect(records.map(({ key }) => text(key))).toEqual(lines.map((_, n) => `k${n % 5}`))
  expect(next).toBe(120n)
})

test.each(golden.compressed)('a changed bit of $codec of $client is found', ({ bytes }) => {
  const segment = bytesOf(bytes)
  segment[segment.length - 9] = (segment[segment.length - 9] as number) ^ 1
  expect(() => read(segment)).toThrow(/checksum/)
})

test('uncompressed records of kafkajs, with headers and timestamps', () => {
  const { records } = read(bytesOf(golden.plain))
  expect(records.map(({ value, timestamp }) => [text(value), Number(timestamp)])).toEqual(
    lines.slice(0, 3).map((line, n) => [line, 1_700_000_000_000 + n]),
  )
  expect(records[0]?.headers.map(({ key, value }) => [key, text(value)])).toEqual([['h', 'v']])
})

test('with LogAppendTime the batch says the time of its records', () => {
  const segment = bytesOf(golden.appendTime)
  const { records } = read(segment)
  const { maxTimestamp, baseTimestamp } = readBatchHeader(segment)
  expect(records.map(({ timestamp }) => timestamp)).toEqual(Array(3).fill(maxTimestamp))
  expect(baseTimestamp).toBe(1000n)
})

test('transactional batches and control batches are shown, and can be passed over', () => {
  const segment = bytesOf(golden.transactions)
  const seen: unknown[] = []
  const { records, next } = read(segment, {
    wants: (header, batch) => {
      expect(isTransactional(header)).toBe(true)
      expect(header.producerId).toBeGreaterThanOrEqual(0n)
      seen.push([Number(header.baseOffset), isControl(header) ? controlType(batch) : 'records'])
      return header.baseOffset > 1n
    },
  })
  expect(seen).toEqual([
    [0, 'records'],
    [1, 'abort'],
    [2, 'records'],
    [3, 'commit'],
  ])
  expect(records.map(({ value, offset }) => [text(value), offset])).toEqual([['commit', 2n]])
  expect(next).toBe(4n)
})

test('a batch that is cut off ends the reading without an error where it may', () => {
  const segment = bytesOf(golden.transactions)
  const ends: number[] = []
  for (let at = 0; at < segment.length; at += readBatchHeader(segment, at).size)
    ends.push(at + readBatchHeader(segment, at).size)
  const [size = 0] = ends
  for (let end = 0; end <= segment.length; end++) {
    const whole = ends.filter((each) => each <= end).length
    const { records, next } = read(segment.subarray(0, end), { cutOff: true })
    expect(next).toBe(BigInt(whole))
    expect(records).toHaveLength(Math.ceil(whole / 2)) // every second one is a control batch
  }
  expect(() => read(segment.subarray(0, size - 1))).toThrow(DecodeError)
})

test('records before the offset asked for are passed over, and reading goes on behind compacted ones', () => {
  const { compressed } = golden
  const segment = bytesOf(compressed[0]?.bytes ?? '')
  const { records } = read(segment, { from: 100n })
  expect(records[0]?.offset).toBe(100n)
  expect(records).toHaveLength(20)
  const sparse = Buffer.from(bytesOf(golden.plain))
  sparse.writeInt32BE(9, 23)
  expect(read(sparse, { verify: false }).next).toBe(10n)
})
