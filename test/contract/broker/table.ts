/** Tables: a compacted topic as a map. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Broker, openTable } from '#broker'
import { type BrokerUnderTest, fresh, makeTopic, send, text } from './support.ts'

export function tableSuite(under: () => BrokerUnderTest): void {
  let broker: Broker
  beforeAll(async () => {
    broker = await under().open()
  })
  afterAll(() => broker[Symbol.asyncDispose]())

  test('what was put is there on return, and after opening it anew', async () => {
    const topic = fresh('table')
    await using table = await openTable(broker, { topic, partitions: 3 })
    expect(table.get('a')).toBeUndefined()
    for (const [key, value] of [
      ['a', '1'],
      ['b', '2'],
      ['a', '3'],
      ['c', '4'],
    ] as const) {
      await table.put(key, Buffer.from(value))
      expect(text(table.get(key) ?? null)).toBe(value)
    }
    await table.put('c', null)
    expect(table.get('c')).toBeUndefined()
    expect((await broker.admin.describe(topic))?.partitions).toBe(3)
    await using again = await openTable(broker, { topic, partitions: 3 })
    expect([...again.entries()].map(([key, value]) => [key, text(value)]).sort()).toEqual([
      ['a', '3'],
      ['b', '2'],
    ])
  })

  test('it follows what others put, and tells of each change after the replay', async () => {
    const topic = fresh('table')
    await using other = await under().open()
    await using theirs = await openTable(other, { topic, partitions: 1 })
    await theirs.put('old', Buffer.from('0'))
    const changes: (string | null)[][] = []
    await using mine = await openTable(broker, {
      ...{ topic, partitions: 1 },
      onChange: (key, value) => changes.push([key, text(value)]),
    })
    await theirs.put('a', Buffer.from('1'))
    await mine.put('b', Buffer.from('2'))
    await theirs.put('a', null)
    await mine.refresh()
    expect(changes).toEqual([
      ['a', '1'],
      ['b', '2'],
      ['a', null],
    ])
    expect([...mine.entries()].map(([key]) => key).sort()).toEqual(['b', 'old'])
  })

  test('writers at the same time leave every follower with the same value', async () => {
    const topic = fresh('table')
    await using other = await under().open()
    await using mine = await openTable(broker, { topic, partitions: 1 })
    await using theirs = await openTable(other, { topic, partitions: 1 })
    await Promise.all(
      [...Array(20).keys()].flatMap((i) => [
        mine.put('k', Buffer.from(`m${i}`)),
        theirs.put('k', Buffer.from(`t${i}`)),
      ]),
    )
    await Promise.all([mine.refresh(), theirs.refresh()])
    expect(text(mine.get('k') ?? null)).toBe(text(theirs.get('k') ?? null))
  })

  test('a topic that is not compacted cannot be a table', async () => {
    const topic = await makeTopic(broker, 1, { 'cleanup.policy': 'delete' })
    await expect(openTable(broker, { topic, partitions: 1 })).rejects.toThrow(/cleanup\.policy/)
  })

  test('records without a key are no entries', async () => {
    const topic = fresh('table')
    await using table = await openTable(broker, { topic, partitions: 1 })
    await expect(send(broker, [{ topic, key: null, value: 'x' }])).rejects.toThrow(/key/i)
    expect([...table.entries()]).toEqual([])
  })
}
