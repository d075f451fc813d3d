/** `rowtap replay` over the REST API of a worker in this process, whose tasks run in this thread: whole, but for threads. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { openEmbeddedBroker, type OwnedBroker } from '#broker'
import { createLocalRunner } from '#pipeline'
import { createResolver } from '#plugin'
import { createServer } from '#rest'
import {
  internalTopics,
  memoryTable,
  openStores,
  type ReplayStatus,
  Worker,
  workerLimits,
  workerProperties,
} from '#worker'
import { main } from '../../../src/cli/main.ts'
import { noReplays, numberedLog } from '../../support/pipeline/numbered-log.ts'
import { registryOf, TextConverter } from '../../support/pipeline/script.ts'
import { anythingGoes } from '../../support/worker.ts'

let directory: string
let broker: OwnedBroker
let worker: Worker
let server: FastifyInstance
let url: string
const printed: string[] = []

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'rowtap-replay-'))
  broker = await openEmbeddedBroker({ directory, properties: {} })
  const properties = workerProperties({ 'key.converter': 'text', 'value.converter': 'text' }, {})
  const registry = registryOf(new TextConverter(), numberedLog, noReplays)
  worker = new Worker({
    mode: 'distributed',
    workerId: 'here:8083',
    rowtapVersion: '0.0.0',
    properties,
    limits: workerLimits(properties),
    broker,
    stores: await openStores('distributed', internalTopics(properties, false), async () => memoryTable()),
    runner: createLocalRunner({ broker, plugins: registry }),
    registry,
    resolver: createResolver(properties),
    validate: anythingGoes,
  })
  server = createServer({ herder: worker, registry })
  url = await server.listen({ port: 0, host: '127.0.0.1' })
  printed.length = 0
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, 'write').mockImplementation((text) => printed.push(String(text)) > 0)
})
afterEach(async () => {
  vi.restoreAllMocks()
  await server.close()
  await worker[Symbol.asyncDispose]()
  await broker[Symbol.asyncDispose]()
  rmSync(directory, { recursive: true, force: true })
})

const replay = (...flags: string[]) => main(['node', 'rowtap', 'replay', 'c', ...flags, '--url', url])

async function create(config: Readonly<Record<string, string>> = {}, name = 'c'): Promise<void> {
  const request = { name, config: { 'connector.class': 'numbered-log', ...config } }
  await worker.create({ ...request, targetState: 'STOPPED' })
}

async function rows(topic: string): Promise<string[]> {
  if ((await broker.admin.describe(topic)) === null) return []
  await using reader = await broker.reader({ topics: [topic], from: 'earliest' })
  const [{ next } = { next: 0n }] = await broker.admin.bounds(topic)
  const found: string[] = []
  while (found.length < Number(next))
    for (const { value } of await reader.poll(1000, new AbortController().signal))
      found.push(Buffer.from(value ?? []).toString())
  return found
}

test('from a place to another, into topics beside the connector’s; no offset is stored', async () => {
  await create({ transforms: '' })
  expect(await replay('--from', '20', '--to', '25', '--topic-suffix', '.again')).toBe(0)
  expect(await rows('numbers.again')).toEqual([20, 21, 22, 23, 24].map((at) => `row ${at}`))
  expect(await rows('numbers')).toEqual([])
  expect(await worker.offsets('c')).toEqual([])
  expect((await broker.admin.bounds('connect-offsets')).every(({ next }) => next === 0n)).toBe(true)
  expect(printed.join('')).toContain('From 20 to 25: 50 bytes, 5 events.')
  expect(printed.join('')).toContain('Into topics beside the connector’s: numbers.again')
  expect(printed.join('')).toMatch(/Finished: 5 records written, 50 bytes of log read in \d+ s\./)
  expect(worker.topics('c')).toEqual(['numbers.again'])
})

test('in place, to the end as of now, as JSON lines whose last is the end', async () => {
  await create()
  expect(await replay('--from', '97', '--json')).toBe(0)
  expect(await rows('numbers')).toEqual(['row 97', 'row 98', 'row 99'])
  const statuses = printed.map((line) => JSON.parse(line) as ReplayStatus)
  expect(statuses[0]).toMatchObject({ plan: { from: '97', to: '100', notes: ['An odd place.'] } })
  expect(statuses.at(-1)).toMatchObject({
    state: 'FINISHED',
    progress: { position: '100', bytes: 30, events: 3, records: 3, percent: 100 },
    error: null,
  })
})

test('a dry run reads nothing', async () => {
  await create()
  expect(await replay('--from', '30', '--dry-run')).toBe(0)
  expect(printed.join('')).toContain('From 30 to 100: 700 bytes, 70 events.')
  expect(await rows('numbers')).toEqual([])
  expect(worker.replays.status('c')).toMatchObject({ state: 'PLANNED', progress: null })
})

test('what cannot be replayed is refused with its reason', async () => {
  await create()
  expect(await replay('--from', '3')).toBe(1)
  expect(printed.at(-1)).toBe('rowtap: The worker answered 400: The log before 10 is purged: 3 is gone.\n')
  expect(await replay()).toBe(1)
  expect(printed.at(-1)).toMatch(/^rowtap: Where shall the replay begin\? Give --from /)
  await create({ 'connector.class': 'forgetful' }, 'f')
  await expect(worker.replays.start('f', order)).rejects.toMatchObject({
    status: 400,
    message: 'Connector f cannot be replayed: It forgets what it has read.',
  })
  await expect(worker.replays.start('x', order)).rejects.toMatchObject({ status: 404 })
})

const order = { from: '20', to: null, tables: [], topicSuffix: '', dryRun: false }

test('one at a time; it can be looked at and stopped', async () => {
  await create({ 'stop-at': '22' })
  expect(await replay('--from', '20', '--detach')).toBe(0)
  expect(await replay('--from', '20')).toBe(1)
  expect(printed.at(-1)).toContain('409: A replay of connector c is running.')
  expect(await replay('--status', '--json')).toBe(0)
  expect(JSON.parse(printed.at(-1) ?? '')).toMatchObject({ state: 'RUNNING', ended_at: null })
  expect(await replay('--stop')).toBe(0)
  expect(worker.replays.status('c').state).toBe('STOPPED')
  expect(await rows('numbers')).toEqual(['row 20', 'row 21'])
})

test('a replay that fails says why, and what it wrote before is there', async () => {
  await create({ 'fail-at': '22' })
  expect(await replay('--from', '20')).toBe(1)
  expect(printed.at(-1)).toContain('The replay has failed: The log was purged meanwhile.')
  expect(await rows('numbers')).toEqual(['row 20', 'row 21'])
  expect(worker.replays.status('c')).toMatchObject({
    state: 'FAILED',
    error: 'The log was purged meanwhile.',
  })
})

test('it ends with its connector', async () => {
  await create({ 'stop-at': '22' })
  await replay('--from', '20', '--detach')
  await worker.delete('c')
  expect(() => worker.replays.status('c')).toThrow('Connector c not found')
})
