/** Consumer groups: who owns what, what was committed, and what happens when members come and go. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Broker } from '#broker'
import { type BrokerUnderTest, fresh, makeTopic, member, pollUntil, read, send, text } from './support.ts'

export function groupSuite(under: () => BrokerUnderTest): void {
  let broker: Broker
  beforeAll(async () => {
    broker = await under().open()
  })
  afterAll(() => broker[Symbol.asyncDispose]())

  test('a lone member owns everything and hears so before the first record', async () => {
    const topic = await makeTopic(broker, 3)
    await send(
      broker,
      [...Array(9).keys()].map((i) => ({ topic, key: `k${i}`, value: `${i}`, partition: i % 3 })),
    )
    const only = await member(broker, { group: fresh('group'), topics: [topic] })
    await using consumer = only.consumer
    const records = await read(consumer, 9)
    expect(only.events).toEqual([['assigned', `${topic}/0`, `${topic}/1`, `${topic}/2`]])
    for (const partition of [0, 1, 2])
      expect(records.filter((each) => each.partition === partition).map(({ offset }) => offset)).toEqual([
        0n,
        1n,
        2n,
      ])
  })

  test('members are known by their client ids, and only while they are there', async () => {
    const topic = await makeTopic(broker, 1)
    const group = fresh('group')
    const one = await member(broker, { group, topics: [topic], overrides: { 'client.id': 'connector-x-0' } })
    await pollUntil([one], () => one.owned().length === 1)
    expect(await broker.admin.groupMembers(group)).toEqual([
      { clientId: 'connector-x-0', host: expect.stringMatching(/./) },
    ])
    await one.consumer[Symbol.asyncDispose]()
    expect(await broker.admin.groupMembers(group)).toEqual([])
    expect(await broker.admin.groupMembers(fresh('nobody'))).toEqual([])
  })

  test('poll returns at most maxRecords', async () => {
    const topic = await makeTopic(broker, 1)
    await send(
      broker,
      [...Array(25).keys()].map((i) => ({ topic, key: 'k', value: `${i}` })),
    )
    const only = await member(broker, { group: fresh('group'), topics: [topic], maxRecords: 10 })
    await using _ = only.consumer
    const sizes: number[] = []
    const values: (string | null)[] = []
    while (values.length < 25) {
      const records = await only.poll()
      sizes.push(records.length)
      values.push(...records.map(({ value }) => text(value)))
    }
    expect(Math.max(...sizes)).toBeLessThanOrEqual(10)
    expect(values).toEqual([...Array(25).keys()].map(String))
  })

  test('a group goes on after what it committed', async () => {
    const topic = await makeTopic(broker, 1)
    const group = fresh('group')
    await send(
      broker,
      ['a', 'b', 'c', 'd'].map((value) => ({ topic, key: 'k', value })),
    )
    const first = await member(broker, { group, topics: [topic] })
    await read(first.consumer, 4)
    await first.consumer.commit([{ topic, partition: 0, offset: 2n }])
    await first.consumer[Symbol.asyncDispose]()
    expect(first.events.at(-1)).toEqual(['revoked', `${topic}/0`])
    const second = await member(broker, { group, topics: [topic] })
    await using consumer = second.consumer
    expect((await read(consumer, 2)).map(({ value }) => text(value))).toEqual(['c', 'd'])
  })

  test('from latest without a commit: only what comes after the assignment', async () => {
    const topic = await makeTopic(broker, 1)
    await send(broker, [{ topic, key: 'k', value: 'before' }])
    const only = await member(broker, { group: fresh('group'), topics: [topic], from: 'latest' })
    await using consumer = only.consumer
    await pollUntil([only], () => only.owned().length === 1)
    await only.poll()
    await send(broker, [{ topic, key: 'k', value: 'after' }])
    expect((await read(consumer, 1)).map(({ value }) => text(value))).toEqual(['after'])
  })

  test('a second member takes its share after the first has revoked and committed it; nothing is read twice', async () => {
    const topic = await makeTopic(broker, 4)
    const group = fresh('group')
    await using other = await under().open()
    const seen: string[] = []
    const positions = new Map<number, bigint>()
    const first = await member(broker, {
      group,
      topics: [topic],
      whenRevoked: (consumer, partitions) =>
        consumer.commit(
          partitions.map(({ partition }) => ({ topic, partition, offset: positions.get(partition) ?? 0n })),
        ),
    })
    await using _first = first.consumer
    const values = (from: number) =>
      [0, 1, 2, 3].map((partition) => ({ topic, key: null, value: `${from}-${partition}`, partition }))
    await send(broker, values(0))
    for (const { value, partition, offset } of await read(first.consumer, 4)) {
      seen.push(text(value) ?? '')
      positions.set(partition, offset + 1n)
    }
    const second = await member(other, { group, topics: [topic] })
    await using _second = second.consumer
    await pollUntil([first, second], () => first.owned().length === 2 && second.owned().length === 2)
    expect([...first.owned(), ...second.owned()].sort()).toEqual([0, 1, 2, 3].map((i) => `${topic}/${i}`))
    await send(broker, values(1))
    await pollUntil(
      [first, second],
      () => seen.length >= 8,
      ({ value }) => seen.push(text(value) ?? ''),
    )
    expect(seen.toSorted()).toEqual(
      [0, 1].flatMap((round) => [0, 1, 2, 3].map((partition) => `${round}-${partition}`)),
    )
  })

  test('seek, pause and resume', async () => {
    const topic = await makeTopic(broker, 2)
    const records = (partition: number) =>
      ['a', 'b', 'c'].map((value) => ({ topic, key: null, value: `${value}${partition}`, partition }))
    await send(broker, [...records(0), ...records(1)])
    const only = await member(broker, { group: fresh('group'), topics: [topic] })
    await using consumer = only.consumer
    await read(consumer, 6)
    consumer.seek({ topic, partition: 0 }, 1n)
    expect((await read(consumer, 2)).map(({ value }) => text(value))).toEqual(['b0', 'c0'])
    consumer.pause([{ topic, partition: 1 }])
    await send(broker, [
      { topic, key: null, value: 'held', partition: 1 },
      { topic, key: null, value: 'free', partition: 0 },
    ])
    expect((await read(consumer, 1)).map(({ value }) => text(value))).toEqual(['free'])
    expect(await only.poll()).toEqual([])
    consumer.resume([{ topic, partition: 1 }])
    expect((await read(consumer, 1)).map(({ value }) => text(value))).toEqual(['held'])
  })

  test('a pattern must match the whole name, and joins in topics that appear later', async () => {
    const prefix = fresh('pattern').replaceAll('-', '_')
    const topics = ['a', 'b'].map((name) => `${prefix}.${name}`) as [string, string]
    await send(broker, [
      { topic: topics[0], key: 'k', value: '1' },
      { topic: `x${topics[0]}`, key: 'k', value: 'no' },
    ])
    const only = await member(broker, {
      ...{ group: fresh('group'), topics: new RegExp(`${prefix}\\.[ab]`) },
      overrides: { 'metadata.max.age.ms': '500' },
    })
    await using consumer = only.consumer
    expect((await read(consumer, 1)).map(({ topic }) => topic)).toEqual([topics[0]])
    await consumer.commit([{ topic: topics[0], partition: 0, offset: 1n }]) // what is given back is read from there
    await send(broker, [{ topic: topics[1], key: 'k', value: '2' }])
    expect((await read(consumer, 1)).map(({ topic, value }) => [topic, text(value)])).toEqual([
      [topics[1], '2'],
    ])
    expect(only.owned()).toEqual([`${topics[0]}/0`, `${topics[1]}/0`])
  })

  test('group offsets are seen, altered, removed and deleted, but not while there are members', async () => {
    const topic = await makeTopic(broker, 2)
    const group = fresh('group')
    const { admin } = broker
    await send(
      broker,
      ['a', 'b', 'c'].map((value) => ({ topic, key: null, value, partition: 0 })),
    )
    const only = await member(broker, { group, topics: [topic] })
    await read(only.consumer, 3)
    await only.consumer.commit([
      { topic, partition: 0, offset: 3n },
      { topic, partition: 1, offset: 0n },
    ])
    const alter = () =>
      admin.alterGroupOffsets(group, [
        { topic, partition: 0, offset: 1n },
        { topic, partition: 1, offset: null },
      ])
    await expect(alter()).rejects.toMatchObject({ name: 'GroupBusyError' })
    await expect(admin.deleteGroup(group)).rejects.toMatchObject({ name: 'GroupBusyError' })
    await only.consumer[Symbol.asyncDispose]()
    await alter()
    expect(await admin.groupOffsets(group)).toEqual([{ topic, partition: 0, offset: 1n }])
    const next = await member(broker, { group, topics: [topic] })
    expect((await read(next.consumer, 2)).map(({ value }) => text(value))).toEqual(['b', 'c'])
    await next.consumer[Symbol.asyncDispose]()
    await admin.deleteGroup(group)
    await admin.deleteGroup(group)
    expect(await admin.groupOffsets(group)).toEqual([])
  })

  test('when a member leaves, the others take over what it had', async () => {
    const topic = await makeTopic(broker, 2)
    const group = fresh('group')
    const [first, second] = [
      await member(broker, { group, topics: [topic] }),
      await member(broker, { group, topics: [topic] }),
    ]
    await using _ = first.consumer
    await pollUntil([first, second], () => first.owned().length === 1 && second.owned().length === 1)
    await second.consumer[Symbol.asyncDispose]()
    await pollUntil([first], () => first.owned().length === 2)
    await expect(second.consumer.commit([{ topic, partition: 1, offset: 0n }])).rejects.toThrow()
    await send(
      broker,
      [0, 1].map((partition) => ({ topic, key: null, value: `${partition}`, partition })),
    )
    expect((await read(first.consumer, 2)).map(({ value }) => text(value)).sort()).toEqual(['0', '1'])
  })
}
