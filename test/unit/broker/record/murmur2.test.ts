import { expect, test } from 'vitest'
import { murmur2, partitionOf } from '../../../../src/broker/record/murmur2.ts'

// The values that Apache Kafka's own test of its Java implementation expects.
test.each([
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
])('murmur2 of %s', (text, hash) => {
  expect(murmur2(Buffer.from(text))).toBe(hash)
})

test('only the given range counts', () => {
  const padded = Buffer.from('xxfoobaryy')
  expect(murmur2(padded, 2, 8)).toBe(murmur2(Buffer.from('foobar')))
})

test('a partition is the positive hash modulo the count', () => {
  const key = Buffer.from('foobar')
  expect(partitionOf(key, key.length, 25)).toBe((-790332482 & 0x7fffffff) % 25)
  for (let count = 1; count < 40; count++) expect(partitionOf(key, key.length, count)).toBeLessThan(count)
})
