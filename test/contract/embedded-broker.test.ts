/** The embedded broker: the common suite, and what only it promises. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connectBroker, type EmbeddedAddress, type OwnedBroker, openEmbeddedBroker } from '#broker'
import { Channel } from '../../src/broker/embedded/channel.ts'
import { brokerSuite } from './broker-suite.ts'
import { append, makeTopic, read, readAll, send, writerOptions } from './broker/support.ts'

const directory = mkdtempSync(join(tmpdir(), 'rowtap-broker-'))
let owner: OwnedBroker<EmbeddedAddress>

beforeAll(async () => {
  owner = await openEmbeddedBroker({ directory, properties: {} })
})
afterAll(async () => {
  await owner[Symbol.asyncDispose]()
  rmSync(directory, { recursive: true })
})

brokerSuite('embedded broker', () => ({ open: () => connectBroker(owner.connect()) }))

test('records that are small only while they are compressed come a few at a time', async () => {
  const topic = await makeTopic(owner, 1)
  const value = 'x'.repeat(1 << 20)
  await send(
    owner,
    [...Array(40).keys()].map(() => ({ topic, key: null, value })),
  )
  await using reader = await owner.reader({ topics: [topic], from: 'earliest' })
  const first = await reader.poll(10_000, new AbortController().signal)
  expect(first.length).toBeLessThanOrEqual(17)
  expect((await read(reader, 40 - first.length)).at(-1)?.offset).toBe(39n)
})

test.each([
  ['none', 'producer', false],
  ['zstd', 'producer', true],
  ['none', 'zstd', true],
  ['zstd', 'uncompressed', false],
])('compression.type=%s in a topic of %s: stored compressed is %s', async (asked, ofTopic, compressed) => {
  const topic = await makeTopic(owner, 1, { 'compression.type': ofTopic })
  const options = writerOptions({ overrides: { 'compression.type': asked } })
  await using writer = await owner.sourceWriter(options)
  await append(writer, [{ topic, key: null, value: 'again and again '.repeat(1000) }])
  await writer.commit([])
  const channel = new Channel(owner.connect().port)
  const { partitions } = await channel.call('open', { topic, create: false, as: null })
  const positions = partitions.map((partition) => ({ partition, offset: 0 }))
  const session = channel.nextId()
  const { chunks } = await channel.call('fetch', { session, positions, maxBytes: 1 << 20 })
  channel.close()
  expect(chunks.map(({ bytes }) => bytes.length < 1000)).toEqual([compressed])
  expect((await readAll(owner, [topic]))[0]?.value?.length).toBe(16_000)
})
