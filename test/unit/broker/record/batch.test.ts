import { expect, test } from 'vitest'
import type { ByteBuffer } from '#bytes'
import { BatchBuilder } from '../../../../src/broker/record/batch-builder.ts'
import { filterBatch } from '../../../../src/broker/record/batch-filter.ts'
import { decodeBatches } from '../../../../src/broker/record/batch-reader.ts'
import { encodeHeaders, withoutHeaders } from '../../../../src/broker/record/headers.ts'

interface Plain {
  readonly timestamp: number
  readonly key: Buffer | null
  readonly value: Buffer | null
}

const unlimited = Number.POSITIVE_INFINITY
const none = Buffer.alloc(0)

function add(
  builder: BatchBuilder,
  { timestamp, key, value }: Plain,
  headers = withoutHeaders,
  limit = unlimited,
) {
  const source = {
    writeValue: (out: ByteBuffer) => {
      if (value !== null) out.append(value)
      return value !== null
    },
  }
  return builder.append(timestamp, key ?? none, key?.length ?? -1, source, headers, limit)
}

function random(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

const sizes = [
  0, 1, 20, 50, 61, 62, 63, 64, 65, 127, 128, 1000, 8100, 8190, 8191, 8192, 8193, 20_000, 1_048_600,
]

test('records of any size, in any order of sizes, come back as they went in', () => {
  const pick = random(7)
  const size = () => sizes[pick(sizes.length)] ?? 0
  for (let round = 0; round < 20; round++) {
    const builder = new BatchBuilder()
    builder.reset(Buffer.allocUnsafeSlow(16))
    const records: Plain[] = [...Array(30).keys()].map(() => ({
      timestamp: 1_700_000_000_000 + pick(1_000_000) - 500_000,
      key: pick(4) === 0 ? null : Buffer.alloc(Math.min(size(), 9000), pick(256)),
      value:
        pick(5) === 0 ? null : Buffer.alloc(pick(10) === 0 ? size() : Math.min(size(), 20_000), pick(256)),
    }))
    let length = 61
    for (const record of records) length += add(builder, record)
    const batch = Buffer.from(builder.finish())
    expect(batch.length).toBe(length)
    expect(batch.length).toBe(builder.size)
    const read = decodeBatches('t', 3, batch)
    expect(read.map(({ offset }) => Number(offset))).toEqual([...records.keys()])
    records.forEach((record, i) => {
      expect(Number(read[i]?.timestamp)).toBe(record.timestamp)
      expect(
        read[i]?.key === null ? null : Buffer.compare(read[i]?.key ?? none, record.key ?? Buffer.of(1)),
      ).toBe(record.key === null ? null : 0)
      expect(
        read[i]?.value === null ? null : Buffer.compare(read[i]?.value ?? none, record.value ?? Buffer.of(1)),
      ).toBe(record.value === null ? null : 0)
    })
  }
})

// Made by MemoryRecords.builder of kafka-clients 4.3.0 with the five records below; the checksum is set to 0.
const javas = Buffer.from(
  [
    ...['0000000000000000', '00002413', 'ffffffff', '02', '00000000', '0000', '00000004'],
    ...['0000018bcfe56800', '0000018bd5db4900', 'ffffffffffffffff', 'ffff', 'ffffffff', '00000005'],
    ...[
      '4a000000',
      '107b226964223a317d',
      '0a6669727374',
      '06',
      '02680276',
      '086e6f6e6501',
      '0c77c3a4726d6500',
    ],
    '0c000a02010100',
    ...['ea01', '00', '9f9c01', '04', '107b226964223a327d', 'c801', '78'.repeat(100), '00'],
    ...['12', '00', '8084af5f', '06', '00', '00', '00'],
    ...['e28c01', '00', '02', '08', '026b', 'd08c01', '79'.repeat(9000), '00'],
  ].join(''),
  'hex',
)

test('a batch is what the Java client makes of the same records, byte for byte', () => {
  const headers = encodeHeaders([
    { key: 'h', value: Buffer.from('v') },
    { key: 'none', value: null },
    { key: 'wärme', value: none },
  ])
  const records: Plain[] = [
    { timestamp: 1_700_000_000_000, key: Buffer.from('{"id":1}'), value: Buffer.from('first') },
    { timestamp: 1_700_000_000_005, key: null, value: null },
    { timestamp: 1_699_999_990_000, key: Buffer.from('{"id":2}'), value: Buffer.alloc(100, 'x') },
    { timestamp: 1_700_100_000_000, key: none, value: none },
    { timestamp: 1_700_000_000_001, key: Buffer.from('k'), value: Buffer.alloc(9000, 'y') },
  ]
  const builder = new BatchBuilder()
  builder.reset(Buffer.alloc(256))
  for (const [i, record] of records.entries()) add(builder, record, i === 0 ? headers : withoutHeaders)
  expect(builder.finish().toString('hex')).toBe(javas.toString('hex'))
  const read = decodeBatches('t', 0, javas)
  expect(read.map(({ timestamp }) => Number(timestamp))).toEqual(records.map(({ timestamp }) => timestamp))
  expect(read.map(({ value }) => value?.length)).toEqual([5, undefined, 100, 0, 9000])
  expect(read[0]?.headers.map(({ key, value }) => [key, value?.toString()])).toEqual([
    ...[
      ['h', 'v'],
      ['none', undefined],
      ['wärme', ''],
    ],
  ])
})

test('what exceeds the limit is not taken in, but the first record always is', () => {
  const builder = new BatchBuilder()
  builder.reset(Buffer.alloc(16))
  const record = { timestamp: 1, key: null, value: Buffer.alloc(100, 'x') }
  expect(add(builder, record, withoutHeaders, 50)).toBeGreaterThan(100)
  expect(add(builder, record, withoutHeaders, 200)).toBe(-1)
  expect(add(builder, { ...record, value: Buffer.of(1) }, withoutHeaders, 200)).toBeGreaterThan(0)
  expect(decodeBatches('t', 0, builder.finish()).map(({ value }) => value?.length)).toEqual([100, 1])
})

test('a value that fails while it is written leaves the batch as it was', () => {
  const builder = new BatchBuilder()
  builder.reset(Buffer.alloc(16))
  add(builder, { timestamp: 1, key: null, value: Buffer.from('a') })
  const failing = {
    writeValue: (out: ByteBuffer): boolean => {
      out.append(Buffer.alloc(500))
      throw new Error('no such value')
    },
  }
  expect(() => builder.append(2, none, -1, failing, withoutHeaders, unlimited)).toThrow('no such value')
  add(builder, { timestamp: 3, key: null, value: Buffer.from('b') })
  expect(decodeBatches('t', 0, builder.finish()).map(({ value }) => value?.toString())).toEqual(['a', 'b'])
})

test('batches one behind the other are read as one; cut or foreign bytes are a DecodeError', () => {
  const builder = new BatchBuilder()
  builder.reset(Buffer.alloc(256))
  for (const value of ['a', 'b'])
    add(builder, { timestamp: 5, key: Buffer.from('k'), value: Buffer.from(value) })
  const first = Buffer.from(builder.finish())
  const second = Buffer.from(first)
  second.writeBigInt64BE(40n, 0)
  const both = Buffer.concat([first, second])
  expect(decodeBatches('t', 0, both).map(({ offset }) => offset)).toEqual([0n, 1n, 40n, 41n])
  for (let end = 1; end < both.length; end++)
    if (end !== first.length)
      expect(() => decodeBatches('t', 0, both.subarray(0, end)), String(end)).toThrow()
  const old = Buffer.from(first)
  old[16] = 1
  expect(() => decodeBatches('t', 0, old)).toThrow(/format 1/)
  const packed = Buffer.from(first)
  packed.writeInt16BE(6, 21)
  expect(() => decodeBatches('t', 0, packed)).toThrow(/codec 6/)
})

test('control batches hold no records', () => {
  const builder = new BatchBuilder()
  builder.reset(Buffer.alloc(256))
  add(builder, { timestamp: 5, key: Buffer.of(0, 0, 0, 1), value: Buffer.alloc(6) })
  const control = Buffer.from(builder.finish())
  control.writeInt16BE(0x30, 21)
  expect(decodeBatches('t', 0, control)).toEqual([])
})

test('a filtered batch keeps offsets and timestamps of what is left', () => {
  const builder = new BatchBuilder()
  builder.reset(Buffer.alloc(256))
  for (let i = 0; i < 6; i++)
    add(builder, {
      timestamp: 100 + i,
      key: i === 2 ? null : Buffer.from(`k${i}`),
      value: i === 3 ? null : Buffer.from(`${i}`),
    })
  const batch = Buffer.from(builder.finish())
  batch.writeBigInt64BE(1000n, 0)
  const seen: unknown[] = []
  const kept = filterBatch(batch, (place) => {
    seen.push([
      place.offset,
      place.keyFrom < 0 ? null : batch.toString('latin1', place.keyFrom, place.keyTo),
      place.tombstone,
    ])
    return place.offset >= 1002 && place.offset !== 1004
  })
  expect(seen).toEqual([
    ...[
      [1000, 'k0', false],
      [1001, 'k1', false],
      [1002, null, false],
    ],
    ...[
      [1003, 'k3', true],
      [1004, 'k4', false],
      [1005, 'k5', false],
    ],
  ])
  const left = decodeBatches('t', 0, kept ?? none)
  expect(left.map(({ offset, timestamp }) => [offset, timestamp])).toEqual([
    [1002n, 102n],
    [1003n, 103n],
    [1005n, 105n],
  ])
  expect(filterBatch(batch, () => true)).toBe(batch)
  expect(filterBatch(batch, () => false)).toBeNull()
})
