/** What the embedded broker does by itself: retention, compaction, and staying small. */
import { randomBytes } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type OwnedBroker, openEmbeddedBroker } from '#broker'
import { makeTopic, member, read, readAll, send, text } from './broker/support.ts'

let directory: string
let broker: OwnedBroker
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'rowtap-upkeep-'))
  const soon = { 'log.retention.check.interval.ms': '20', 'log.cleaner.backoff.ms': '20' }
  broker = await openEmbeddedBroker({ directory, properties: soon })
})
afterEach(async () => {
  await broker[Symbol.asyncDispose]()
  rmSync(directory, { recursive: true })
})

/** Enough that compaction is worth while, and replaced at once. */
/** Over a mebibyte however it is compressed. */
const bulk = randomBytes(1_200_000).toString('base64')

const firstOf = async (topic: string) => (await broker.admin.bounds(topic))[0]?.first

test('records older than retention.ms go, younger ones stay', async () => {
  const topic = await makeTopic(broker, 1, { 'retention.ms': '60000' })
  const now = BigInt(Date.now())
  for (let i = 0; i < 100; i++)
    await send(broker, [{ topic, key: null, value: `${i}`, timestamp: now - 3_600_000n }])
  await send(broker, [{ topic, key: null, value: 'young', timestamp: now }])
  await send(broker, [{ topic, key: null, value: 'old behind young', timestamp: now - 3_600_000n }])
  await expect.poll(() => firstOf(topic)).toBe(100n)
  expect((await readAll(broker, [topic])).map(({ value }) => text(value))).toEqual([
    'young',
    'old behind young',
  ])
})

test('an emptied partition goes on counting, also after a restart', async () => {
  const topic = await makeTopic(broker, 1, { 'retention.ms': '0' })
  for (let i = 0; i < 3; i++) await send(broker, [{ topic, key: null, value: 'x', timestamp: 1n }])
  await expect.poll(() => broker.admin.bounds(topic)).toEqual([{ first: 3n, next: 3n }])
  await broker[Symbol.asyncDispose]()
  broker = await openEmbeddedBroker({ directory, properties: {} })
  expect(await broker.admin.bounds(topic)).toEqual([{ first: 3n, next: 3n }])
})

test('retention.bytes keeps the newest, and a group behind it goes on where the topic begins', async () => {
  const topic = await makeTopic(broker, 1, { 'retention.bytes': '50000' })
  const group = 'behind'
  await send(broker, [{ topic, key: null, value: '0' }])
  await broker.admin.alterGroupOffsets(group, [{ topic, partition: 0, offset: 1n }])
  for (let i = 1; i <= 100; i++) await send(broker, [{ topic, key: null, value: `${i}`.padEnd(1000, '.') }])
  await expect.poll(async () => (await firstOf(topic)) ?? 0n).toBeGreaterThan(50n)
  const first = (await firstOf(topic)) ?? 0n
  expect(first).toBeLessThan(60n)
  const late = await member(broker, { group, topics: [topic] })
  await using consumer = late.consumer
  expect((await read(consumer, 1))[0]?.offset).toBe(first)
})

test('compaction keeps the newest record of each key at its offset, and tombstones until their grace is over', async () => {
  const topic = await makeTopic(broker, 1, { 'cleanup.policy': 'compact' })
  for (let i = 0; i < 300; i++)
    await send(broker, [
      { topic, key: `k${i % 5}`, value: `${i}` },
      { topic, key: 'gone', value: i < 299 ? `${i}` : null },
    ])
  await send(broker, [
    { topic, key: 'bulk', value: bulk },
    { topic, key: 'bulk', value: 'small' },
  ])
  await expect.poll(async () => (await readAll(broker, [topic])).length).toBe(7)
  const records = await readAll(broker, [topic])
  const newest = new Map(records.map(({ key, value, offset }) => [text(key), [text(value), offset]]))
  expect(newest.get('gone')).toEqual([null, 599n])
  for (let k = 0; k < 5; k++) expect(newest.get(`k${k}`)).toEqual([`${295 + k}`, BigInt(590 + 2 * k)])
  expect(await broker.admin.bounds(topic)).toEqual([{ first: 0n, next: 602n }])
})

test('a partition with damaged records is left alone, and the others are compacted', async () => {
  const config = { 'cleanup.policy': 'compact' }
  await broker[Symbol.asyncDispose]()
  broker = await openEmbeddedBroker({ directory, properties: {} })
  const [damaged, sound] = [await makeTopic(broker, 1, config), await makeTopic(broker, 1, config)]
  for (let i = 0; i < 100; i++)
    await send(
      broker,
      [damaged, sound].map((topic) => ({ topic, key: 'k', value: `${i}` })),
    )
  await broker[Symbol.asyncDispose]()
  const db = new DatabaseSync(join(directory, 'broker.db'))
  const { id, data } = db.prepare('SELECT id, data FROM batches ORDER BY partition, last LIMIT 1').get() ?? {}
  ;(data as Uint8Array)[16] = 9
  db.prepare('UPDATE batches SET data = ? WHERE id = ?').run(data as Uint8Array, Number(id))
  db.close()
  broker = await openEmbeddedBroker({ directory, properties: { 'log.cleaner.backoff.ms': '10' } })
  await expect.poll(async () => (await readAll(broker, [sound])).length).toBe(1)
  await expect(readAll(broker, [damaged])).rejects.toThrow('format 9')
})

test('without a grace, tombstones go with what they have deleted, and readers still catch up', async () => {
  const topic = await makeTopic(broker, 1, { 'cleanup.policy': 'compact', 'delete.retention.ms': '0' })
  for (let i = 0; i < 100; i++)
    await send(broker, [
      { topic, key: `k${i}`, value: 'x' },
      { topic, key: `k${i}`, value: null },
    ])
  await send(broker, [
    { topic, key: 'bulk', value: bulk },
    { topic, key: 'bulk', value: null },
  ])
  await expect.poll(async () => (await readAll(broker, [topic])).length).toBe(0)
  expect(await broker.admin.bounds(topic)).toEqual([{ first: 0n, next: 202n }])
  await send(broker, [{ topic, key: 'k', value: 'next' }])
  expect((await readAll(broker, [topic])).map(({ offset }) => offset)).toEqual([202n])
})

test('the records of a deleted topic are purged, in a later process if need be', async () => {
  const [topic, other] = [await makeTopic(broker, 1), await makeTopic(broker, 1)]
  for (let i = 0; i < 150; i++) await send(broker, [{ topic, key: null, value: 'x' }])
  await send(broker, [{ topic: other, key: null, value: 'stays' }])
  await broker.admin.delete(topic)
  await broker[Symbol.asyncDispose]()
  expect(batchesLeft()).toBeGreaterThan(0)
  broker = await openEmbeddedBroker({ directory, properties: { 'log.cleaner.backoff.ms': '10' } })
  const left = async () => {
    await broker[Symbol.asyncDispose]()
    const count = batchesLeft()
    broker = await openEmbeddedBroker({ directory, properties: { 'log.cleaner.backoff.ms': '10' } })
    return count
  }
  await expect.poll(left).toBe(1)
  expect((await readAll(broker, [other])).map(({ value }) => text(value))).toEqual(['stays'])
})

/** Looks into the file of a closed broker. */
function batchesLeft(): number {
  const db = new DatabaseSync(join(directory, 'broker.db'))
  const row = db.prepare('SELECT count(*) AS count FROM batches').get()
  db.close()
  return Number(row?.['count'])
}

test('memory does not grow with what passes through', () => {
  const child = new URL('./broker/streaming-child.ts', import.meta.url).pathname
  const childDirectory = `${directory}-child`
  // A small young generation: V8 would else let garbage of its own grow for a while.
  const flags = ['--conditions=rowtap-source', '--max-semi-space-size=4']
  const out = execFileSync(process.execPath, [...flags, child, childDirectory], { encoding: 'utf8' })
  rmSync(childDirectory, { recursive: true })
  const { warmMegabytes, endMegabytes, writtenMegabytes } = JSON.parse(out)
  expect(writtenMegabytes).toBeGreaterThan(300)
  expect(endMegabytes - warmMegabytes).toBeLessThan(40)
})
