/** What the embedded broker promises about its directory: nothing half done after a kill, one process at a time. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { MessagePort } from 'node:worker_threads'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { connectBroker, openEmbeddedBroker } from '#broker'
import { append, fresh, offset, readAll, send, text, writerOptions } from './broker/support.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'rowtap-durable-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

const child = new URL('./broker/committing-child.ts', import.meta.url).pathname

interface Committing {
  readonly process: ChildProcess
  /** The last number it has reported. */
  last(): number
  reported(count: number): Promise<void>
}

function startCommitting(first: number): Committing {
  const started = spawn(process.execPath, ['--conditions=rowtap-source', child, directory, String(first)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: started.stdout })
  let seen = 0
  let last = first - 1
  let waiting: { count: number; resolve: () => void } | null = null
  lines.on('line', (line) => {
    seen++
    if (line !== 'open') last = Number(line)
    if (waiting !== null && seen >= waiting.count) waiting.resolve()
  })
  return {
    process: started,
    last: () => last,
    reported: (count) => {
      const { promise, resolve } = Promise.withResolvers<void>()
      if (seen >= count) resolve()
      waiting = { count, resolve }
      return promise
    },
  }
}

async function kill({ process: started }: Committing): Promise<void> {
  const ended = once(started, 'exit')
  started.kill('SIGKILL')
  await ended
}

test('killed at any moment, a commit is there as a whole or not at all, and what was reported is there', async () => {
  let next = 0
  for (const reports of [1, 2, 60, 200]) {
    const committing = startCommitting(next)
    await committing.reported(reports)
    await kill(committing)
    await using broker = await openEmbeddedBroker({ directory, properties: {} })
    const topics = (await broker.admin.topics()).filter((topic) => topic === 'left' || topic === 'right')
    const counts = new Map<number, number>()
    for (const { value } of await readAll(broker, topics)) {
      const number = Number.parseInt(text(value) ?? '', 10)
      counts.set(number, (counts.get(number) ?? 0) + 1)
    }
    const stored = [...counts.keys()].sort((a, b) => a - b)
    expect(stored).toEqual([...stored.keys()])
    expect(new Set(counts.values())).toEqual(new Set(stored.length > 0 ? [20] : []))
    expect(stored.at(-1) ?? -1).toBeGreaterThanOrEqual(committing.last())
    const offsets = await readAll(broker, ['child-offsets'])
    expect(text(offsets.at(-1)?.value ?? null) ?? '-1').toBe(String(stored.at(-1) ?? -1))
    next = stored.length
  }
  expect(next).toBeGreaterThan(200)
})

test('a second process, or this one again, is told who has the directory', async () => {
  const committing = startCommitting(0)
  await committing.reported(1)
  try {
    await expect(openEmbeddedBroker({ directory, properties: {} })).rejects.toThrow(
      `${directory} is in use by the process with pid ${committing.process.pid}`,
    )
  } finally {
    await kill(committing)
  }
  await using _ = await openEmbeddedBroker({ directory, properties: {} })
  await expect(openEmbeddedBroker({ directory, properties: {} })).rejects.toThrow(
    /in use by this process itself/,
  )
})

test('everything is there again after closing and opening', async () => {
  const topic = fresh('kept')
  let clusterId: string
  {
    await using broker = await openEmbeddedBroker({ directory, properties: { 'num.partitions': '2' } })
    clusterId = broker.clusterId
    await send(broker, [{ topic, key: 'a', value: '1' }])
    await broker.admin.alterGroupOffsets('group', [{ topic, partition: 1, offset: 5n }])
  }
  await using broker = await openEmbeddedBroker({ directory, properties: {} })
  expect(broker.clusterId).toBe(clusterId)
  expect((await broker.admin.describe(topic))?.partitions).toBe(2)
  await send(broker, [{ topic, key: 'a', value: '2' }])
  expect((await readAll(broker, [topic])).map(({ value, offset }) => [text(value), offset])).toEqual([
    ['1', 0n],
    ['2', 1n],
  ])
  expect(await broker.admin.groupOffsets('group')).toEqual([{ topic, partition: 1, offset: 5n }])
})

test('a commit that fails shuts out those behind it: no offset is stored past lost records', async () => {
  await using broker = await openEmbeddedBroker({ directory, properties: {} })
  const options = writerOptions()
  await using writer = await broker.sourceWriter(options)
  const [gone, stays] = [fresh('gone'), fresh('stays')]
  await append(writer, [
    { topic: gone, key: 'a', value: '1' },
    { topic: stays, key: 'a', value: '1' },
  ])
  await writer.commit([offset('s', '1')])
  await append(writer, [
    { topic: gone, key: 'a', value: '2' },
    { topic: stays, key: 'a', value: '2' },
  ])
  await broker.admin.delete(gone)
  const failing = writer.commit([offset('s', '2')])
  await append(writer, [{ topic: stays, key: 'a', value: '3' }])
  const behind = writer.commit([offset('s', '3')])
  await expect(failing).rejects.toMatchObject({ cause: { name: 'UnknownTopicError' } })
  await expect(behind).rejects.toThrow()
  await expect(append(writer, [{ topic: stays, key: 'a', value: '4' }])).rejects.toThrow()
  expect((await readAll(broker, [stays])).map(({ value }) => text(value))).toEqual(['1'])
  expect((await readAll(broker, [options.offsetsTopic])).map(({ value }) => text(value))).toEqual(['1'])
})

test('a newer writer of the same task shuts the older one out', async () => {
  await using broker = await openEmbeddedBroker({ directory, properties: {} })
  const [options, topic] = [writerOptions(), fresh('topic')]
  const older = await broker.sourceWriter(options)
  await append(older, [{ topic, key: 'a', value: 'older' }])
  await using newer = await broker.sourceWriter(options)
  await append(newer, [{ topic, key: 'a', value: 'newer' }])
  await newer.commit([offset('s', 'newer')])
  await expect(older.commit([offset('s', 'older')])).rejects.toMatchObject({
    cause: { message: expect.stringMatching(/newer writer/) },
  })
  expect((await readAll(broker, [topic])).map(({ value }) => text(value))).toEqual(['newer'])
})

test('a store thread that dies fails every call, open or new, of every client', async () => {
  const owner = await openEmbeddedBroker({ directory, properties: {} })
  const other = await connectBroker(owner.connect())
  await send(owner, [{ topic: 'topic', key: null, value: 'x' }])
  const reader = await other.reader({ topics: ['topic'], from: 'latest' })
  const waiting = reader.poll(60_000, new AbortController().signal)
  const address = owner.connect()
  address.port.postMessage(null)
  await expect(waiting).rejects.toThrow(/embedded broker has failed/)
  await expect(owner.admin.topics()).rejects.toThrow(/embedded broker has failed/)
  await expect(other.admin.topics()).rejects.toThrow(/embedded broker has failed/)
  expect((await owner.failed).message).toContain(`${directory} has ended with code 1`)
  await owner[Symbol.asyncDispose]()
})

test('properties and overrides that cannot be honoured are refused by name', async () => {
  await expect(openEmbeddedBroker({ directory, properties: { 'log.dirs': '/x' } })).rejects.toThrow(
    /log\.dirs/,
  )
  await expect(openEmbeddedBroker({ directory, properties: { 'num.partitions': '0' } })).rejects.toThrow(
    /num\.partitions/,
  )
  await using broker = await openEmbeddedBroker({
    directory,
    properties: { 'auto.create.topics.enable': 'false' },
  })
  const overrides = { 'sasl.mechanism': 'PLAIN' }
  await expect(broker.sourceWriter(writerOptions({ overrides }))).rejects.toThrow(/sasl\.mechanism/)
  await expect(
    broker.admin.create({ topic: 't', partitions: 1, replicationFactor: 3, config: {} }),
  ).rejects.toThrow(/replication factor of 3/)
  await expect(send(broker, [{ topic: 't', key: null, value: 'x' }])).rejects.toThrow(
    /auto\.create\.topics\.enable/,
  )
})

test('a fault of the store undoes the whole transaction and fails each call in it; the next ones work', async () => {
  await using broker = await openEmbeddedBroker({ directory, properties: {} })
  const topic = fresh('topic')
  await send(broker, [{ topic, key: 'a', value: '1' }])
  const { port } = broker.connect()
  const handle = await rawCall(port, 1, 'open', { topic, create: false, as: null })
  const [partition] = (handle.value as { partitions: number[] }).partitions
  const whole = { partition, memory: new ArrayBuffer(100), length: 100, count: 1, maxTimestamp: 0 }
  // The second batch makes the store stumble after the first has been stored.
  const reply = await rawCall(port, 2, 'append', {
    writer: null,
    batches: [whole, { ...whole, memory: null }],
  })
  expect(reply).toMatchObject({ failure: { name: 'TypeError' } })
  expect(await broker.admin.bounds(topic)).toEqual([{ first: 0n, next: 1n }])
  await send(broker, [{ topic, key: 'a', value: '2' }])
  expect((await readAll(broker, [topic])).map(({ value, offset }) => [text(value), offset])).toEqual([
    ...[
      ['1', 0n],
      ['2', 1n],
    ],
  ])
  port.close()
})

async function rawCall(
  port: MessagePort,
  id: number,
  op: string,
  request: unknown,
): Promise<Record<string, unknown>> {
  port.postMessage({ id, op, request })
  const [reply] = await once(port, 'message')
  return reply
}
