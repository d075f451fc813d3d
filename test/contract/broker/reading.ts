/** Readers: replay, following, waking, the end. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Broker } from '#broker'
import { type BrokerUnderTest, fresh, makeTopic, read, readAll, send, text } from './support.ts'

const never = new AbortController().signal

export function readingSuite(under: () => BrokerUnderTest): void {
  let broker: Broker
  beforeAll(async () => {
    broker = await under().open()
  })
  afterAll(() => broker[Symbol.asyncDispose]())

  test('a reader replays what is there and is woken by what comes', async () => {
    const topic = await makeTopic(broker, 3)
    await send(
      broker,
      [...Array(10).keys()].map((i) => ({ topic, key: `k${i}`, value: `old${i}` })),
    )
    await using reader = await broker.reader({ topics: [topic], from: 'earliest' })
    expect((await read(reader, 10)).map(({ value }) => text(value)).sort()).toEqual(
      [...Array(10).keys()].map((i) => `old${i}`),
    )
    const waiting = reader.poll(20_000, never)
    await send(broker, [{ topic, key: 'k', value: 'new' }])
    expect((await waiting).map(({ value }) => text(value))).toEqual(['new'])
  })

  test('from latest, only what comes later is read', async () => {
    const topic = await makeTopic(broker, 1)
    await send(broker, [{ topic, key: 'a', value: 'before' }])
    await using reader = await broker.reader({ topics: [topic], from: 'latest' })
    expect(await reader.poll(10, never)).toEqual([])
    await send(broker, [{ topic, key: 'a', value: 'after' }])
    expect((await read(reader, 1)).map(({ value }) => text(value))).toEqual(['after'])
  })

  test('caughtUp resolves for empty topics, and only after the records were returned', async () => {
    const [empty, full] = [await makeTopic(broker, 2), await makeTopic(broker, 2)]
    await using first = await broker.reader({ topics: [empty], from: 'earliest' })
    expect(await first.caughtUp()).toBe(true)
    await send(
      broker,
      [...Array(2000).keys()].map((i) => ({ topic: full, key: `k${i}`, value: 'v'.repeat(100) })),
    )
    await using reader = await broker.reader({ topics: [full], from: 'earliest' })
    const done = new AbortController()
    let count = 0
    const end = reader.caughtUp().then(() => done.abort())
    while (!done.signal.aborted) count += (await reader.poll(1000, done.signal)).length
    expect(count).toBe(2000)
    await end
  })

  test('an abort ends a waiting poll', async () => {
    const topic = await makeTopic(broker, 1)
    await using reader = await broker.reader({ topics: [topic], from: 'earliest' })
    const stop = new AbortController()
    const waiting = reader.poll(60_000, stop.signal)
    stop.abort()
    expect(await waiting).toEqual([])
  })

  test('two clients read the same records, and a large topic comes back whole', async () => {
    const topic = await makeTopic(broker, 2)
    const records = [...Array(4000).keys()].map((i) => ({
      topic,
      key: `k${i}`,
      value: `${i}`.padEnd(1500, '.'),
    }))
    for (let i = 0; i < records.length; i += 500) await send(broker, records.slice(i, i + 500))
    await using other = await under().open()
    const [mine, theirs] = await Promise.all([readAll(broker, [topic]), readAll(other, [topic])])
    const sorted = (all: typeof mine) =>
      all.map(({ value }) => Number.parseInt(text(value) ?? '', 10)).sort((a, b) => a - b)
    expect(sorted(mine)).toEqual([...records.keys()])
    expect(sorted(theirs)).toEqual([...records.keys()])
  })

  test('a topic that is not there cannot be read', async () => {
    await expect(broker.reader({ topics: [fresh('nowhere')], from: 'earliest' })).rejects.toThrow(/nowhere/)
  })
}
