/** Where a schema history is kept. */
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { FileHistoryStore } from '../../../../../connectors/mysql-cdc/history/file-store.ts'
import {
  type HistoryRecord,
  type HistoryStore,
  openHistoryStore,
  parseHistorySettings,
  writeHistoryRecord,
} from '../../../../../connectors/mysql-cdc/history/index.ts'
import { MemoryTopicLogs } from '../../../../support/memory-topic-logs.ts'

const directory = mkdtempSync(join(tmpdir(), 'rowtap-history-'))
afterAll(() => rmSync(directory, { recursive: true }))

const record = (ddl: string): HistoryRecord => ({
  server: 'p',
  position: { file: 'binlog.000001', pos: 4, snapshot: 'INITIAL' },
  timestamp: 1,
  databaseName: 'shop',
  ddl,
  tableChanges: [],
})

async function ddlOf(store: HistoryStore): Promise<readonly (string | null)[]> {
  const found: (string | null)[] = []
  for await (const batch of store.records()) found.push(...batch.map(({ ddl }) => ddl))
  return found
}

const warnings: string[] = []
const note = (_: unknown, message?: string) => void warnings.push(message ?? '')
const silent = () => {}
const log = { trace: silent, debug: silent, info: silent, warn: note, error: note, fatal: note }
const prefixed = { 'topic.prefix': 'p' }
const kafka = 'schema.history.internal.kafka'

describe('the configuration', () => {
  test('names a topic in the worker’s broker, of its own name or a given one', () => {
    const own = {
      kind: 'topic',
      topic: 'p.schema-history',
      bootstrapServers: null,
      producer: {},
      consumer: {},
    }
    expect(parseHistorySettings(prefixed)).toEqual(own)
    expect(parseHistorySettings({ ...prefixed, [`${kafka}.topic`]: 'h' })).toEqual({ ...own, topic: 'h' })
  })

  test('names a topic in another Kafka, with the properties of its clients', () => {
    const settings = parseHistorySettings({
      ...prefixed,
      'schema.history.internal': 'io.debezium.storage.kafka.history.KafkaSchemaHistory',
      [`${kafka}.topic`]: 'h',
      [`${kafka}.bootstrap.servers`]: 'k:9092',
      'schema.history.internal.producer.security.protocol': 'SSL',
      'schema.history.internal.consumer.security.protocol': 'SASL_SSL',
    })
    expect(settings).toEqual({
      ...{ kind: 'topic', topic: 'h', bootstrapServers: 'k:9092' },
      producer: { 'security.protocol': 'SSL' },
      consumer: { 'security.protocol': 'SASL_SSL' },
    })
  })

  test.each([
    ['a Kafka without a topic', { [`${kafka}.bootstrap.servers`]: 'k:9092' }, /kafka\.topic is not set/],
    [
      'a file without a name',
      { 'schema.history.internal': 'io.debezium.storage.file.history.FileSchemaHistory' },
      /file\.filename is not set/,
    ],
    [
      'a class that there is not',
      { 'schema.history.internal': 'io.debezium.storage.redis.history.RedisSchemaHistory' },
      /RedisSchemaHistory is not supported.*snapshot\.mode=recovery/,
    ],
  ])('refuses %s', (_, raw, message) => {
    expect(() => parseHistorySettings({ ...prefixed, ...raw })).toThrow(message)
  })
})

describe('a topic', () => {
  const opened = (logs: MemoryTopicLogs) =>
    openHistoryStore(parseHistorySettings(prefixed), (options) => logs.open(options), log)

  test('is made for ever, and holds documents without keys', async () => {
    const logs = new MemoryTopicLogs()
    await using store = opened(logs)
    expect([await store.state(), await ddlOf(store)]).toEqual(['missing', []])
    await store.create()
    expect(logs.topics.get('p.schema-history')?.config).toEqual({
      'cleanup.policy': 'delete',
      'retention.ms': '-1',
      'retention.bytes': '-1',
    })
    expect(await store.state()).toBe('empty')
    await store.append([...Array(2500).keys()].map((i) => record(`S${i}`)))
    expect(await store.state()).toBe('filled')
    const [first] = logs.topics.get('p.schema-history')?.records ?? []
    expect([first?.key, Buffer.from(first?.value ?? []).toString()]).toEqual([
      null,
      writeHistoryRecord(record('S0')),
    ])
    const found = await ddlOf(store)
    expect([found.length, found[0], found.at(-1)]).toEqual([2500, 'S0', 'S2499'])
    expect(warnings).toEqual([])
  })

  test('that loses records is warned of', async () => {
    const logs = new MemoryTopicLogs()
    logs.topics.set('p.schema-history', { config: { 'retention.ms': '604800000' }, records: [] })
    await using store = opened(logs)
    await store.state()
    expect(warnings.pop()).toMatch(/may lose records/)
  })

  test('of something else is refused', async () => {
    const logs = new MemoryTopicLogs()
    await using store = opened(logs)
    await store.create()
    await logs.open({ ...parseTopic() }).append([{ key: null, value: Buffer.from('hello') }])
    await expect(ddlOf(store)).rejects.toThrow(/cannot be read.*belongs to this connector alone/)
  })

  const parseTopic = () => ({ topic: 'p.schema-history', bootstrapServers: null, producer: {}, consumer: {} })
})

describe('a file', () => {
  test('holds a document per line, in a folder that is made', async () => {
    const path = join(directory, 'deep', 'history.dat')
    {
      await using store = new FileHistoryStore(path)
      expect([await store.state(), await ddlOf(store)]).toEqual(['missing', []])
      await store.create()
      expect(await store.state()).toBe('empty')
      await store.append([record('A\nB'), record('C')])
    }
    await using store = new FileHistoryStore(path)
    await store.append([record('D')])
    expect(await store.state()).toBe('filled')
    expect(await ddlOf(store)).toEqual(['A\nB', 'C', 'D'])
    expect(readFileSync(path, 'utf8').split('\n')[1]).toBe(
      '{"source":{"server":"p"},"position":{"file":"binlog.000001","pos":4,"snapshot":"INITIAL"},"ts_ms":1,"databaseName":"shop","ddl":"C","tableChanges":[]}',
    )
  })

  test.each([
    ['a line that was cut short is gone', '{"source":{"ser', ['A', 'B']],
    [
      'a whole line without its end counts',
      '{"source":{"server":"p"},"position":{},"ddl":"X"}',
      ['A', 'X', 'B'],
    ],
  ])('%s', async (name, tail, expected) => {
    const path = join(directory, name)
    {
      await using store = new FileHistoryStore(path)
      await store.append([record('A')])
    }
    appendFileSync(path, tail)
    await using store = new FileHistoryStore(path)
    expect(await ddlOf(store)).toEqual(expected.slice(0, -1))
    await store.append([record('B')])
    expect(await ddlOf(store)).toEqual(expected)
  })

  test('that cannot be written says which', async () => {
    const path = join(directory, 'no-folder')
    writeFileSync(path, '')
    await using store = new FileHistoryStore(join(path, 'history.dat'))
    await expect(store.append([record('A')])).rejects.toThrow(/no-folder\/history\.dat.*file\.filename/)
  })
})

test('memory is missing until something is in it', async () => {
  const settings = parseHistorySettings({
    'schema.history.internal': 'io.debezium.relational.history.MemorySchemaHistory',
  })
  await using store = openHistoryStore(
    settings,
    () => {
      throw new Error('no topic is asked for')
    },
    log,
  )
  expect([await store.state(), await ddlOf(store)]).toEqual(['missing', []])
  await store.append([record('A')])
  expect([await store.state(), await ddlOf(store)]).toEqual(['filled', ['A']])
})
