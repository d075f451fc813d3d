/** Members of the embedded broker's groups that do not behave: they stop polling, vanish, or lose their topic. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { connectBroker, type OwnedBroker, openEmbeddedBroker } from '#broker'
import { fresh, makeTopic, member, pollUntil, read, send, text } from './broker/support.ts'

let directory: string
let broker: OwnedBroker
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'rowtap-groups-'))
  broker = await openEmbeddedBroker({ directory, properties: {} })
})
afterEach(async () => {
  await broker[Symbol.asyncDispose]()
  rmSync(directory, { recursive: true })
})

const hasty = { 'max.poll.interval.ms': '100' }

test('a member that does not give up its partitions in time loses them, may not commit, and can come back', async () => {
  const topic = await makeTopic(broker, 2)
  const group = fresh('group')
  let release = () => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  const slow = await member(broker, { group, topics: [topic], overrides: hasty, whenRevoked: () => held })
  await pollUntil([slow], () => slow.owned().length === 2)
  const quick = await member(broker, { group, topics: [topic] })
  // The slow one sits in its listener, within poll, until the others have taken everything.
  const stuck = pollUntil([slow], () => slow.events.some(([event]) => event === 'lost'))
  await pollUntil([quick], () => quick.owned().length === 2)
  await expect(slow.consumer.commit([{ topic, partition: 0, offset: 1n }])).rejects.toMatchObject({
    name: 'CommitFailedError',
  })
  release()
  await stuck
  await pollUntil([slow, quick], () => slow.owned().length === 1 && quick.owned().length === 1)
  for (const each of [slow, quick]) await each.consumer[Symbol.asyncDispose]()
})

test('a member that is no longer polled leaves its partitions to the others', async () => {
  const topic = await makeTopic(broker, 2)
  const group = fresh('group')
  const idle = await member(broker, { group, topics: [topic], overrides: hasty })
  const busy = await member(broker, { group, topics: [topic] })
  await pollUntil([idle, busy], () => idle.owned().length === 1 && busy.owned().length === 1)
  await pollUntil([busy], () => busy.owned().length === 2)
  await pollUntil([idle], () => idle.events.at(-1)?.[0] === 'lost' || idle.events.length > 2)
  expect(idle.events.some(([event]) => event === 'lost')).toBe(true)
  await pollUntil([idle, busy], () => idle.owned().length === 1)
  for (const each of [idle, busy]) await each.consumer[Symbol.asyncDispose]()
})

test('when a port closes, its members are gone', async () => {
  const topic = await makeTopic(broker, 2)
  const group = fresh('group')
  const other = await connectBroker(broker.connect())
  const theirs = await member(other, { group, topics: [topic] })
  const mine = await member(broker, { group, topics: [topic] })
  await pollUntil([theirs, mine], () => theirs.owned().length === 1 && mine.owned().length === 1)
  await other[Symbol.asyncDispose]()
  await pollUntil([mine], () => mine.owned().length === 2)
  await expect(theirs.poll()).rejects.toThrow(/was closed/)
  await mine.consumer[Symbol.asyncDispose]()
})

test('partitions of a deleted topic are lost; a topic of the same name is another one', async () => {
  const [topic, stays] = [await makeTopic(broker, 1), await makeTopic(broker, 1)]
  const only = await member(broker, { group: fresh('group'), topics: [topic, stays] })
  await send(broker, [{ topic, key: null, value: 'old' }])
  await read(only.consumer, 1)
  await only.consumer.commit([{ topic, partition: 0, offset: 1n }])
  await broker.admin.delete(topic)
  await pollUntil([only], () => only.owned().length === 1)
  expect(only.events.at(-1)).toEqual(['lost', `${topic}/0`])
  await send(broker, [{ topic, key: null, value: 'new' }])
  expect((await read(only.consumer, 1)).map(({ value }) => text(value))).toEqual(['new'])
  await only.consumer[Symbol.asyncDispose]()
})
