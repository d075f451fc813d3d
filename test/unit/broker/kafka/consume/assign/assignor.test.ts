/** Assignors: every partition to exactly one member that wants it, evenly, and where it was. */
import { describe, expect, test } from 'vitest'
import {
  assign,
  type Assignment,
  type Subscriber,
  subscribersOf,
  userData,
} from '../../../../../../src/broker/kafka/consume/assign/assignor.ts'
import { encodeSubscription } from '../../../../../../src/broker/kafka/wire/consumer-protocol.ts'

const assignors = ['range', 'roundrobin', 'sticky', 'cooperative-sticky'] as const
type Topics = readonly { readonly topic: string; readonly partitions: number }[]

function subscriber(member: string, topics: string, had = '', generation = 1): Subscriber {
  const partitions = had === '' ? [] : had.split(' ').map(place)
  return { member, topics: new Set(topics.split(' ')), former: { partitions, generation } }
}

function place(name: string) {
  return { topic: name.slice(0, 1), partition: Number(name.slice(1)) }
}

function shown(assignment: Assignment): Record<string, string> {
  return Object.fromEntries(
    [...assignment].map(([member, places]) => [
      member,
      places
        .map(({ topic, partition }) => `${topic}${partition}`)
        .sort()
        .join(' '),
    ]),
  )
}

const ab: Topics = [
  { topic: 'a', partitions: 3 },
  { topic: 'b', partitions: 3 },
]

test('range: each topic in runs', () => {
  const members = [subscriber('m1', 'a b'), subscriber('m2', 'a b')]
  expect(shown(assign('range', members, ab))).toEqual({ m1: 'a0 a1 b0 b1', m2: 'a2 b2' })
})

test('round robin: all topics in one turn, past those who do not want them', () => {
  const members = [subscriber('m1', 'a b'), subscriber('m2', 'a b')]
  expect(shown(assign('roundrobin', members, ab))).toEqual({ m1: 'a0 a2 b1', m2: 'a1 b0 b2' })
  const uneven = [subscriber('m1', 'a'), subscriber('m2', 'b'), subscriber('m3', 'a b')]
  expect(shown(assign('roundrobin', uneven, ab))).toEqual({ m1: 'a0 a2', m2: 'b0 b2', m3: 'a1 b1' })
})

test('sticky: what was there stays, the new member gets its share and no more moves than must', () => {
  const members = [
    subscriber('m1', 'a', 'a0 a1 a2'),
    subscriber('m2', 'a', 'a3 a4 a5'),
    subscriber('m3', 'a'),
  ]
  const after = shown(assign('sticky', members, [{ topic: 'a', partitions: 6 }]))
  expect(after['m1']?.split(' ').every((each) => 'a0 a1 a2'.includes(each))).toBe(true)
  expect(after['m2']?.split(' ').every((each) => 'a3 a4 a5'.includes(each))).toBe(true)
  expect(Object.values(after).map((each) => each.split(' ').length)).toEqual([2, 2, 2])
})

test('sticky: of two who claim a partition the newer generation has it, of the same generation neither', () => {
  const topics = [{ topic: 'a', partitions: 2 }]
  const newer = [subscriber('m1', 'a', 'a0 a1', 3), subscriber('m2', 'a', 'a0', 4)]
  expect(shown(assign('sticky', newer, topics))).toEqual({ m1: 'a1', m2: 'a0' })
  const same = [
    subscriber('m1', 'a', 'a0 a1', 4),
    subscriber('m2', 'a', 'a0 a1', 4),
    subscriber('m3', 'a', 'a1', 1),
  ]
  const counts = [...assign('sticky', same, topics).values()].map(({ length }) => length)
  expect(counts.reduce((sum, each) => sum + each)).toBe(2)
})

test('cooperative: what would move is given to nobody until it was given back', () => {
  const topics = [{ topic: 'a', partitions: 4 }]
  const first = [subscriber('m1', 'a', 'a0 a1 a2 a3'), subscriber('m2', 'a')]
  const between = shown(assign('cooperative-sticky', first, topics))
  expect([between['m1']?.split(' ').length, between['m2']]).toEqual([2, ''])
  const second = [subscriber('m1', 'a', between['m1'] ?? '', 2), subscriber('m2', 'a', '', 2)]
  const after = shown(assign('cooperative-sticky', second, topics))
  expect(after['m1']).toBe(between['m1'])
  expect(`${after['m1']} ${after['m2']}`.split(' ').sort()).toEqual(['a0', 'a1', 'a2', 'a3'])
})

test('what a member had comes from its subscription, or for the eager sticky assignor from its user data', () => {
  const former = { partitions: [place('a1')], generation: 7 }
  const metadata = (assignor: (typeof assignors)[number]) =>
    encodeSubscription({
      ...{ topics: ['a'], owned: [place('a0')], generation: -1, rack: null },
      userData: userData(assignor, former),
    })
  const found = (assignor: (typeof assignors)[number]) =>
    subscribersOf(assignor, [{ member: 'm', instance: null, metadata: metadata(assignor) }])[0]?.former
  expect(found('sticky')).toEqual(former)
  expect(found('cooperative-sticky')).toEqual({ partitions: [place('a0')], generation: 7 })
  expect(found('range')).toEqual({ partitions: [place('a0')], generation: -1 })
})

test('static members come first, by their own names', () => {
  const metadata = encodeSubscription({
    topics: ['a'],
    owned: [],
    generation: -1,
    rack: null,
    userData: null,
  })
  const members = [
    { member: 'a', instance: null, metadata },
    { member: 'z', instance: 'one', metadata },
    { member: 'b', instance: 'two', metadata },
  ]
  expect(subscribersOf('range', members.reverse()).map(({ member }) => member)).toEqual(['z', 'b', 'a'])
})

/** Numbers that look random and are the same each time. */
function* numbers(seed: number): Generator<number, never> {
  let state = seed
  for (;;) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    yield state >>> 8
  }
}

describe.for(assignors)('%s, of many groups', (assignor) => {
  test.for([...Array(60).keys()])('group %i', (seed) => {
    const random = numbers(seed + 1)
    const upTo = (most: number) => random.next().value % (most + 1)
    const topics = [...'abcde'].slice(0, 1 + upTo(4)).map((topic) => ({ topic, partitions: 1 + upTo(12) }))
    const alike = seed % 2 === 0
    const wish = () =>
      alike ? 'a b c d e' : [...'abcde'].filter((topic) => topic === 'a' || upTo(1) === 1).join(' ')
    let members = [...Array(1 + upTo(6)).keys()].map((i) => subscriber(`m${i}`, wish()))
    for (let generation = 2; generation < 6; generation++) {
      const assignment = assign(assignor, members, topics)
      checkOnce(members, topics, assignment, assignor === 'cooperative-sticky')
      if (assignor === 'sticky') checkBalance(members, assignment)
      members = members.map((each) => ({
        ...each,
        former: { partitions: assignment.get(each.member) ?? [], generation },
      }))
      if (assignor === 'sticky') expect(shown(assign(assignor, members, topics))).toEqual(shown(assignment))
      if (upTo(2) === 0 && members.length > 1) members = members.toSpliced(upTo(members.length - 1), 1)
      else members = [...members, subscriber(`n${generation}`, wish())]
    }
  })
})

function checkOnce(members: readonly Subscriber[], topics: Topics, assignment: Assignment, mayWait: boolean) {
  const given = [...assignment.values()].flat().map(({ topic, partition }) => `${topic}${partition}`)
  expect(new Set(given).size).toBe(given.length)
  for (const [member, places] of assignment) {
    const wanted = members.find((each) => each.member === member)?.topics
    expect(places.every(({ topic }) => wanted?.has(topic))).toBe(true)
  }
  const wanted = topics
    .filter(({ topic }) => members.some((each) => each.topics.has(topic)))
    .flatMap(({ topic, partitions }) => [...Array(partitions).keys()].map((i) => `${topic}${i}`))
  if (mayWait) expect(given.every((each) => wanted.includes(each))).toBe(true)
  else expect(given.sort()).toEqual(wanted.sort())
}

/** Nobody has two more than another who wants one of them. */
function checkBalance(members: readonly Subscriber[], assignment: Assignment) {
  for (const [, places] of assignment)
    for (const other of members)
      if (places.length - (assignment.get(other.member)?.length ?? 0) >= 2)
        expect(places.some(({ topic }) => other.topics.has(topic))).toBe(false)
}
