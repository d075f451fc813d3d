import { expect, test } from 'vitest'
import { assignRanges } from '../../../../../src/broker/embedded/store/assignment.ts'

const all = (member: string) => ({ member, wants: () => true })
const numbers = (places: readonly { topic: string; partition: number }[] = []) =>
  places.map(({ topic, partition }) => `${topic}${partition}`)

test('partitions are dealt in runs, the first members get the odd ones', () => {
  const assigned = assignRanges([all('a'), all('b'), all('c')], [{ name: 't', partitions: 7 }])
  expect(numbers(assigned.get('a'))).toEqual(['t0', 't1', 't2'])
  expect(numbers(assigned.get('b'))).toEqual(['t3', 't4'])
  expect(numbers(assigned.get('c'))).toEqual(['t5', 't6'])
})

test('each topic is dealt by itself, among those that want it', () => {
  const only = { member: 'b', wants: (topic: string) => topic === 'u' }
  const assigned = assignRanges(
    [all('a'), only],
    [
      { name: 't', partitions: 2 },
      { name: 'u', partitions: 3 },
    ],
  )
  expect(numbers(assigned.get('a'))).toEqual(['t0', 't1', 'u0', 'u1'])
  expect(numbers(assigned.get('b'))).toEqual(['u2'])
})

test('more members than partitions leaves some without; nobody at all is no error', () => {
  const assigned = assignRanges([all('a'), all('b')], [{ name: 't', partitions: 1 }])
  expect([numbers(assigned.get('a')), numbers(assigned.get('b'))]).toEqual([['t0'], []])
  expect(assignRanges([], [{ name: 't', partitions: 1 }]).size).toBe(0)
})
