/** Members of consumer groups over a real Kafka, among themselves and beside kafkajs. */
import { setTimeout as delay } from 'node:timers/promises'
import kafkajsPackage, { type PartitionAssigner } from 'kafkajs'
import type { ConsumedRecord, GroupOffset } from '#broker'
import { describe, expect, test } from 'vitest'
import { kafkaAvailable } from '../../../support/services/kafka.ts'
import {
  fresh,
  kafkajs,
  makeTopic,
  member,
  never,
  numbered,
  pollUntil,
  produce,
  read,
  text,
} from './support.ts'

const { AssignerProtocol } = kafkajsPackage
const strategy = 'partition.assignment.strategy'
const cooperative = { [strategy]: 'org.apache.kafka.clients.consumer.CooperativeStickyAssignor' }

/** Commits behind what was read, as the sink does. */
function committer() {
  const positions = new Map<number, GroupOffset>()
  return {
    saw: ({ topic, partition, offset }: ConsumedRecord) =>
      void positions.set(partition, { topic, partition, offset: offset + 1n }),
    offsets: (partitions: readonly { readonly partition: number }[]) =>
      partitions.flatMap(({ partition }) => positions.get(partition) ?? []),
  }
}

/** kafkajs knows only its own RoundRobinAssigner: this makes it a member that can do `range`, as Java's. */
const rangeOnly: PartitionAssigner = ({ cluster }) => ({
  name: 'range',
  version: 0,
  assign: async ({ members, topics }) =>
    members.map(({ memberId }, i) => ({
      memberId,
      memberAssignment: AssignerProtocol.MemberAssignment.encode({
        version: 0,
        assignment: Object.fromEntries(
          topics.map((topic) => [
            topic,
            cluster
              .findTopicPartitionMetadata(topic)
              .map(({ partitionId }) => partitionId)
              .filter((partition) => partition % members.length === i),
          ]),
        ),
        userData: Buffer.alloc(0),
      }),
    })),
  protocol: ({ topics }) => ({
    name: 'range',
    metadata: AssignerProtocol.MemberMetadata.encode({ version: 0, topics, userData: Buffer.alloc(0) }),
  }),
})

describe.skipIf(!kafkaAvailable)('a consumer group over Kafka', () => {
  test('a lone member owns everything; another one goes on after what it committed', async () => {
    const [topic, group] = [await makeTopic('lone', 2), fresh('group')]
    await produce(topic, numbered(20, 2))
    const first = await member({ group, topics: [topic], maxRecords: 7 })
    const sizes: number[] = []
    for (let count = 0; count < 20; count += sizes.at(-1) ?? 0)
      sizes.push((await first.consumer.poll(1000, never)).length)
    expect(Math.max(...sizes)).toBe(7)
    expect(first.events).toEqual(['assigned 0,1'])
    await first.consumer.commit([
      { topic, partition: 0, offset: 4n },
      { topic, partition: 1, offset: 10n },
    ])
    await first.consumer[Symbol.asyncDispose]()
    expect(first.events).toEqual(['assigned 0,1', 'revoked 0,1'])
    await expect(first.consumer.commit([{ topic, partition: 0, offset: 4n }])).rejects.toMatchObject({
      name: 'CommitFailedError',
    })
    const second = await member({ group, topics: [topic] })
    await using consumer = second.consumer
    expect((await read(consumer, 6)).map(({ value }) => text(value))).toEqual([
      '8',
      '10',
      '12',
      '14',
      '16',
      '18',
    ])
  })

  test.for([
    ['eager', {}],
    ['cooperative', cooperative],
    ['sticky', { [strategy]: 'StickyAssignor' }],
    ['round robin', { [strategy]: 'RoundRobinAssignor' }],
  ] as const)('%s: members come and go, and nothing is read twice or not at all', async ([, overrides]) => {
    const [topic, group] = [await makeTopic('share', 6), fresh('group')]
    await produce(topic, numbered(60, 6))
    const seen: string[] = []
    const open = async () => {
      const commits = committer()
      const one = await member({
        ...{ group, topics: [topic], overrides },
        whenRevoked: (consumer, partitions) => consumer.commit(commits.offsets(partitions)),
      })
      const poll = one.consumer.poll.bind(one.consumer)
      one.consumer.poll = async (timeoutMs, signal) => {
        const records = await poll(timeoutMs, signal)
        for (const record of records) {
          commits.saw(record)
          seen.push(text(record.value) ?? '')
        }
        return records
      }
      return one
    }
    const first = await open()
    await pollUntil([first], () => seen.length >= 60)
    expect(seen.length).toBe(60)
    const second = await open()
    await pollUntil([first, second], () => first.owned().length === 3 && second.owned().length === 3)
    const third = await open()
    const members = [first, second, third]
    await pollUntil(members, () => members.every((each) => each.owned().length === 2))
    expect(members.flatMap((each) => each.owned()).sort()).toEqual(['0', '1', '2', '3', '4', '5'])
    await produce(topic, numbered(60, 6))
    await pollUntil(members, () => seen.length >= 120)
    await second.consumer[Symbol.asyncDispose]()
    await pollUntil([first, third], () => first.owned().length === 3 && third.owned().length === 3)
    await produce(topic, numbered(60, 6))
    await pollUntil([first, third], () => seen.length >= 180)
    expect(seen.toSorted((a, b) => Number(a) - Number(b))).toEqual(
      [...Array(60).keys()].flatMap((i) => [`${i}`, `${i}`, `${i}`]),
    )
    for (const one of members) await one.consumer[Symbol.asyncDispose]()
    if (overrides === cooperative) expect(first.events[1]).toBe('revoked 3,4,5')
    else expect(first.events[1]).toBe('revoked 0,1,2,3,4,5')
  })

  test('beside kafkajs: each as the leader, with the assignor that both know', async () => {
    const [topic, group] = [await makeTopic('foreign', 4), fresh('group')]
    await produce(topic, numbered(8, 4))
    const foreign = (await kafkajs()).consumer({
      groupId: group,
      heartbeatInterval: 200,
      partitionAssigners: [rangeOnly],
    })
    const theirs: string[] = []
    await foreign.connect()
    await foreign.subscribe({ topic, fromBeginning: true })
    await foreign.run({ eachMessage: async ({ message }) => void theirs.push(String(message.value)) })
    while (theirs.length < 8) await delay(50)
    const mine = await member({ group, topics: [topic] })
    await pollUntil([mine], () => mine.owned().length === 2)
    await foreign.stop()
    await foreign.disconnect()
    await pollUntil([mine], () => mine.owned().length === 4)
    const again = (await kafkajs()).consumer({
      groupId: group,
      heartbeatInterval: 200,
      partitionAssigners: [rangeOnly],
    })
    await again.connect()
    await again.subscribe({ topic })
    let joined = 0
    again.on('consumer.group_join', ({ payload }) => {
      joined = (payload.memberAssignment[topic] ?? []).length
    })
    const running = again.run({ eachMessage: async () => {} })
    await pollUntil([mine], () => mine.owned().length === 2 && joined === 2)
    await running
    await again.disconnect()
    await mine.consumer[Symbol.asyncDispose]()
  })

  test('a pattern matches whole names and joins in topics and partitions that appear later', async () => {
    const topic = await makeTopic('pattern', 1)
    await produce(topic, [{ value: '1' }])
    await produce(`x${topic}`, [{ value: 'no' }])
    const one = await member({
      ...{ group: fresh('group'), topics: new RegExp(`${topic}(-later)?`) },
      overrides: { 'metadata.max.age.ms': '300' },
    })
    await using consumer = one.consumer
    expect((await read(consumer, 1)).map(({ value }) => text(value))).toEqual(['1'])
    // Eager members give everything back at a rebalance: what they have not committed comes again.
    await consumer.commit([{ topic, partition: 0, offset: 1n }])
    await produce(`${topic}-later`, [{ value: '2' }])
    expect((await read(consumer, 1))[0]?.topic).toBe(`${topic}-later`)
    const admin = (await kafkajs()).admin()
    await admin.connect()
    await admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] })
    await pollUntil([one], () => consumer.assignment().length >= 4)
    await admin.disconnect()
  })

  test('a topic that does not exist yet is read when it does', async () => {
    const topic = fresh('later')
    const one = await member({
      ...{ group: fresh('group'), topics: [topic] },
      overrides: { 'allow.auto.create.topics': 'false' },
    })
    await using consumer = one.consumer
    expect(await consumer.poll(1000, never)).toEqual([])
    await produce(topic, [{ value: 'a' }])
    expect((await read(consumer, 1)).map(({ value }) => text(value))).toEqual(['a'])
  })

  test('a member that is not polled is out, hears that it has lost its partitions, and comes back', async () => {
    const [topic, group] = [await makeTopic('idle', 2), fresh('group')]
    const slow = await member({ group, topics: [topic], overrides: { 'max.poll.interval.ms': '1000' } })
    await pollUntil([slow], () => slow.owned().length === 2)
    const other = await member({ group, topics: [topic] })
    await pollUntil([other], () => other.owned().length === 2)
    await expect(slow.consumer.commit([{ topic, partition: 0, offset: 0n }])).rejects.toMatchObject({
      name: 'CommitFailedError',
    })
    await pollUntil([slow, other], () => slow.owned().length === 1 && other.owned().length === 1)
    expect(slow.events.slice(0, 2)).toEqual(['assigned 0,1', 'lost 0,1'])
    await slow.consumer[Symbol.asyncDispose]()
    await other.consumer[Symbol.asyncDispose]()
  })

  test('heartbeats go on while the caller works longer than the session', async () => {
    const [topic, group] = [await makeTopic('works', 1), fresh('group')]
    await produce(topic, numbered(2, 1))
    const overrides = { 'session.timeout.ms': '6000', 'heartbeat.interval.ms': '500' }
    const one = await member({ group, topics: [topic], overrides, maxRecords: 1 })
    await read(one.consumer, 1)
    await delay(8000)
    await one.consumer.commit([{ topic, partition: 0, offset: 1n }])
    await read(one.consumer, 1)
    await one.consumer[Symbol.asyncDispose]()
    expect(one.events).toEqual(['assigned 0', 'revoked 0'])
  })

  test('a static member that restarts gets back what it had, and the others hear nothing', async () => {
    const [topic, group] = [await makeTopic('static', 2), fresh('group')]
    const open = (name: string) =>
      member({ group, topics: [topic], overrides: { 'group.instance.id': name } })
    const [a, b] = [await open('a'), await open('b')]
    await pollUntil([a, b], () => a.owned().length === 1 && b.owned().length === 1)
    const before = [a.owned(), b.events.length]
    await a.consumer[Symbol.asyncDispose]()
    const again = await open('a')
    await pollUntil([again, b], () => again.owned().length === 1)
    expect([again.owned(), b.events.length]).toEqual(before)
    const thief = await open('b')
    await pollUntil([again, thief], () => thief.owned().length === 1)
    const fenced = async () => {
      for (;;) await b.consumer.poll(200, never)
    }
    await expect(fenced()).rejects.toThrow('FENCED_INSTANCE_ID')
    expect(b.events.at(-1)).toMatch(/^lost/)
    for (const one of [again, thief, b]) await one.consumer[Symbol.asyncDispose]()
  })

  test('auto.offset.reset=none is an error by name; so are unknown assignors', async () => {
    const topic = await makeTopic('none', 1)
    const one = await member({
      ...{ group: fresh('group'), topics: [topic] },
      overrides: { 'auto.offset.reset': 'none' },
    })
    const poll = async () => {
      for (;;) await one.consumer.poll(200, never)
    }
    await expect(poll()).rejects.toMatchObject({
      name: 'NoOffsetError',
      message: expect.stringContaining(topic),
    })
    await one.consumer[Symbol.asyncDispose]()
    await expect(
      member({ group: fresh('group'), topics: [topic], overrides: { [strategy]: 'com.example.Mine' } }),
    ).rejects.toThrow('com.example.Mine')
  })

  test('seek, pause and resume; an offset that is gone is reset', async () => {
    const topic = await makeTopic('seek', 2)
    await produce(topic, numbered(6, 2))
    const one = await member({ group: fresh('group'), topics: [topic] })
    await using consumer = one.consumer
    await read(consumer, 6)
    consumer.seek({ topic, partition: 0 }, 1n)
    expect((await read(consumer, 2)).map(({ value }) => text(value))).toEqual(['2', '4'])
    consumer.pause([{ topic, partition: 1 }])
    await produce(topic, [
      { value: 'held', partition: 1 },
      { value: 'free', partition: 0 },
    ])
    expect((await read(consumer, 1)).map(({ value }) => text(value))).toEqual(['free'])
    expect(await consumer.poll(700, never)).toEqual([])
    consumer.resume([{ topic, partition: 1 }])
    expect((await read(consumer, 1)).map(({ value }) => text(value))).toEqual(['held'])
    consumer.seek({ topic, partition: 0 }, 1000n)
    expect((await read(consumer, 4)).map(({ value }) => text(value))).toEqual(['0', '2', '4', 'free'])
    expect(() => consumer.seek({ topic, partition: 9 }, 0n)).toThrow('not assigned')
  })
})
