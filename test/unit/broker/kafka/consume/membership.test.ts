/** A member of a group whose coordinator answers as it is told. */
import { expect, test } from 'vitest'
import { KafkaUnreachableError } from '../../../../../src/broker/kafka/transport/connection-error.ts'
import {
  decodeSubscription,
  encodeAssignment,
} from '../../../../../src/broker/kafka/wire/consumer-protocol.ts'
import { ResponseReader } from '../../../../../src/broker/kafka/wire/response-reader.ts'
import { at, ScriptedCluster, scriptedMember } from './scripted-cluster.ts'

const [loading, notCoordinator, illegalGeneration, unknownMember, rebalancing] = [14, 16, 22, 25, 27]
const [notAuthorized, memberIdRequired, fenced] = [30, 79, 82]
const never = new AbortController().signal
const unreachable = new KafkaUnreachableError('The Kafka broker at nowhere does not answer.')

/** The member id in a JoinGroup, and the names of the protocols with their subscriptions. */
function joinIn(body: Buffer) {
  const request = new ResponseReader(body)
  request.string()
  request.int32()
  request.int32()
  const member = request.string()
  request.nullableString()
  request.string()
  const protocols = request.array(() => ({
    name: request.string(),
    subscription: decodeSubscription(request.bytes() ?? Buffer.alloc(0)),
  }))
  return { member, protocols }
}

test('it joins with the id that the broker gives it, and offers what it can', async () => {
  const script = new ScriptedCluster()
  const joins: ReturnType<typeof joinIn>[] = []
  script.next(
    'JoinGroup',
    (body: Buffer) => {
      joins.push(joinIn(body))
      return { ...script.joined(memberIdRequired), member: 'given' }
    },
    (body: Buffer) => {
      joins.push(joinIn(body))
      script.member = 'given'
    },
  )
  const { consumer, events, until } = scriptedMember(script)
  await until(1)
  expect(joins.map(({ member }) => member)).toEqual(['', 'given'])
  expect(joins[0]?.protocols.map(({ name }) => name)).toEqual(['range', 'cooperative-sticky'])
  expect(joins[0]?.protocols[0]?.subscription.topics).toEqual(['t'])
  await consumer[Symbol.asyncDispose]()
  expect(events).toEqual(['assigned 0,1', 'revoked 0,1'])
  expect(script.heard.at(-1)).toBe('LeaveGroup')
})

test('a topic that is made while the member joins is subscribed to at once, not when topics are looked at again', async () => {
  const script = new ScriptedCluster()
  script.looksInVain = 1
  const subscribed: (readonly string[])[] = []
  const listen = (body: Buffer) => {
    subscribed.push(joinIn(body).protocols[0]?.subscription.topics ?? [])
  }
  script.next('JoinGroup', listen, listen)
  script.next('SyncGroup', { error: 0, assignment: encodeAssignment([]) })
  const { consumer, events, until } = scriptedMember(script, {}, undefined, /t/)
  await until(1)
  expect(subscribed).toEqual([[], ['t']])
  expect(events).toEqual(['assigned 0,1'])
  await consumer[Symbol.asyncDispose]()
})

test('a rebalance: partitions are given back first, with time to commit in the old generation', async () => {
  const script = new ScriptedCluster()
  const generations: number[] = []
  const { consumer, events, until } = scriptedMember(script, {}, (each) =>
    each.commit([{ ...at(0), offset: 5n }]),
  )
  await until(1)
  script.gets = [at(1), at(2)]
  script.next('OffsetCommit', (body: Buffer) => {
    const request = new ResponseReader(body)
    request.string()
    generations.push(request.int32())
  })
  script.next('Heartbeat', rebalancing)
  await until(3)
  expect(events).toEqual(['assigned 0,1', 'revoked 0,1', 'assigned 1,2'])
  expect(generations).toEqual([1])
  expect(script.heard.indexOf('OffsetCommit')).toBeLessThan(script.heard.lastIndexOf('JoinGroup'))
  await consumer[Symbol.asyncDispose]()
})

test('cooperative: only what goes is given back, after the rebalance, and then it joins again', async () => {
  const script = new ScriptedCluster()
  const owned: number[][] = []
  const strategy = { 'partition.assignment.strategy': 'CooperativeStickyAssignor' }
  const listen = (body: Buffer) => {
    const [first] = joinIn(body).protocols
    owned.push(first?.subscription.owned.map(({ partition }) => partition) ?? [])
    return { ...script.joined(), protocol: 'cooperative-sticky' }
  }
  script.next('JoinGroup', listen, listen, listen)
  const { consumer, events, until } = scriptedMember(script, strategy)
  await until(1)
  const gets = (...partitions: number[]) => ({ error: 0, assignment: encodeAssignment(partitions.map(at)) })
  script.next('SyncGroup', gets(1), gets(1, 3))
  script.next('Heartbeat', rebalancing)
  await until(3)
  expect(events).toEqual(['assigned 0,1', 'revoked 0', 'assigned 3'])
  expect(owned).toEqual([[], [0, 1], [1]])
  expect(consumer.assignment()).toEqual([at(1), at(3)])
  await consumer[Symbol.asyncDispose]()
})

test.for([
  ['UNKNOWN_MEMBER_ID', unknownMember, ''],
  ['ILLEGAL_GENERATION', illegalGeneration, 'm1'],
] as const)('a heartbeat says %s: what it had is lost, and it joins again', async ([, code, id]) => {
  const script = new ScriptedCluster()
  const { consumer, events, until } = scriptedMember(script)
  await until(1)
  const ids: string[] = []
  script.next('JoinGroup', (body: Buffer) => void ids.push(joinIn(body).member))
  script.next('Heartbeat', code)
  await until(3)
  expect(events).toEqual(['assigned 0,1', 'lost 0,1', 'assigned 0,1'])
  expect(ids).toEqual([id])
  await consumer[Symbol.asyncDispose]()
})

test('another member with its group.instance.id: it has lost what it had, and fails', async () => {
  const script = new ScriptedCluster()
  const { consumer, events, until } = scriptedMember(script, { 'group.instance.id': 'one' })
  await until(1)
  script.next('Heartbeat', fenced)
  await expect(until(3)).rejects.toThrow('FENCED_INSTANCE_ID')
  expect(events).toEqual(['assigned 0,1', 'lost 0,1'])
  await consumer[Symbol.asyncDispose]()
  expect(script.heard).not.toContain('LeaveGroup')
})

test('a commit during a rebalance may be tried again; after it, it fails, and the partitions are lost', async () => {
  const script = new ScriptedCluster()
  const { consumer, events, until } = scriptedMember(script)
  const commit = () => consumer.commit([{ ...at(0), offset: 1n }])
  await expect(commit()).rejects.toMatchObject({ name: 'CommitFailedError' })
  await until(1)
  script.next('OffsetCommit', [{ ...at(0), error: rebalancing }])
  await expect(commit()).rejects.toMatchObject({ retriable: true })
  await until(3)
  expect(events).toEqual(['assigned 0,1', 'revoked 0,1', 'assigned 0,1'])
  script.next('OffsetCommit', [{ ...at(0), error: illegalGeneration }])
  await expect(commit()).rejects.toMatchObject({ name: 'CommitFailedError' })
  await until(5)
  expect(events.slice(3)).toEqual(['lost 0,1', 'assigned 0,1'])
  await commit()
  await consumer[Symbol.asyncDispose]()
})

test('the coordinator moves, loads and is gone for a while: nothing is lost', async () => {
  const script = new ScriptedCluster()
  script.next('JoinGroup', script.joined(loading), unreachable)
  script.next('OffsetFetch', unreachable)
  const { consumer, events, until } = scriptedMember(script)
  await until(1)
  const found = () => script.heard.filter((name) => name === 'FindCoordinator').length
  const before = found()
  script.next('OffsetCommit', [{ ...at(0), error: notCoordinator }], unreachable)
  await consumer.commit([{ ...at(0), offset: 1n }])
  expect(found()).toBeGreaterThanOrEqual(before + 2)
  let beats = 0
  script.next('Heartbeat', notCoordinator, unreachable, () => void beats++)
  while (beats === 0) await consumer.poll(5, never)
  expect(events).toEqual(['assigned 0,1'])
  await consumer[Symbol.asyncDispose]()
})

test('what comes between joining and assigning makes it join again', async () => {
  const script = new ScriptedCluster()
  const late = (error: number) => ({ error, assignment: Buffer.alloc(0) })
  script.next('SyncGroup', late(rebalancing), late(unknownMember), late(illegalGeneration))
  const { consumer, events, until } = scriptedMember(script)
  await until(1)
  expect(events).toEqual(['assigned 0,1'])
  expect(script.heard.filter((name) => name === 'JoinGroup').length).toBe(4)
  await consumer[Symbol.asyncDispose]()
})

test('a group that may not be joined is an error', async () => {
  const script = new ScriptedCluster()
  script.next('JoinGroup', script.joined(notAuthorized))
  const { consumer, until } = scriptedMember(script)
  await expect(until(1)).rejects.toThrow('GROUP_AUTHORIZATION_FAILED')
  await consumer[Symbol.asyncDispose]()
})

test('a member that ends while it joins still leaves, under the name that it was given', async () => {
  const script = new ScriptedCluster()
  const left: string[] = []
  const { promise: joining, resolve: joins } = Promise.withResolvers<void>()
  script.next('JoinGroup', { ...script.joined(memberIdRequired), member: 'given' }, () => {
    joins()
    return new Promise(() => {})
  })
  script.next('LeaveGroup', (body: Buffer) => {
    const request = new ResponseReader(body)
    request.string()
    left.push(...request.array(() => request.string()))
  })
  const { consumer } = scriptedMember(script)
  await consumer.poll(0, never)
  await joining
  await consumer[Symbol.asyncDispose]()
  expect(left).toEqual(['given'])
})

test('a member that is not polled leaves, and hears at the next poll that it has lost what it had', async () => {
  const script = new ScriptedCluster()
  const { consumer, events, until } = scriptedMember(script, { 'max.poll.interval.ms': '20' })
  const { promise: leaving, resolve: leaves } = Promise.withResolvers<void>()
  script.next('LeaveGroup', () => leaves())
  await until(1)
  await leaving
  await expect(consumer.commit([{ ...at(0), offset: 1n }])).rejects.toMatchObject({
    name: 'CommitFailedError',
  })
  await until(3)
  expect(events).toEqual(['assigned 0,1', 'lost 0,1', 'assigned 0,1'])
  await consumer[Symbol.asyncDispose]()
})
