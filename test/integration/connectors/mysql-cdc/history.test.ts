/** The schema history in real brokers: what Debezium has written is recovered, and large ones soon. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Broker, openEmbeddedBroker, openKafkaBroker } from '#broker'
import {
  type HistorySettings,
  openHistoryStore,
  parseHistorySettings,
  readHistoryRecord,
} from '../../../../connectors/mysql-cdc/history/index.ts'
import { BrokerTopicLog } from '../../../../src/pipeline/topic-log.ts'
import { kafkaAvailable, kafkaServer } from '../../../support/services/kafka.ts'
import { schemaStage } from '../../../unit/connectors/mysql-cdc/tables/schema-stage.ts'

const golden = new URL('../../../golden/ddl/recorded-history.jsonl', import.meta.url)
/** Each as its topic had it. */
const recorded = readFileSync(golden, 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as string)
const directory = mkdtempSync(join(tmpdir(), 'rowtap-history-'))
let embedded: Broker

beforeAll(async () => {
  embedded = await openEmbeddedBroker({ directory, properties: {} })
})
afterAll(async () => {
  await embedded[Symbol.asyncDispose]()
  rmSync(directory, { recursive: true })
})

const silent = () => {}
const log = { trace: silent, debug: silent, info: silent, warn: silent, error: silent, fatal: silent }
const topic = `history-${Math.random().toString(36).slice(2)}`
const named = { 'topic.prefix': 'p', 'schema.history.internal.kafka.topic': topic }

describe('in the worker’s embedded broker', () => {
  historyTests(async () => ({ broker: embedded, settings: parseHistorySettings(named) }))
})

describe.skipIf(!kafkaAvailable)('in a Kafka that the configuration names', () => {
  let kafka: Broker
  beforeAll(async () => {
    kafka = await openKafkaBroker({ properties: { 'bootstrap.servers': await kafkaServer() } })
  })
  afterAll(() => kafka[Symbol.asyncDispose]())

  historyTests(async () => {
    const servers = { 'schema.history.internal.kafka.bootstrap.servers': await kafkaServer() }
    return { broker: kafka, settings: parseHistorySettings({ ...named, ...servers }) }
  })
})

function historyTests(
  place: () => Promise<{ readonly broker: Broker; readonly settings: HistorySettings }>,
): void {
  const stage = (settings: HistorySettings) =>
    schemaStage({
      store: openHistoryStore(settings, (options) => new BrokerTopicLog(embedded, options), log),
    })

  test('it is made where it is missing, and a history of Debezium’s is gone on with', async () => {
    const { broker, settings } = await place()
    const { keeper, store } = stage(settings)
    await using _ = keeper
    expect(await keeper.historyProblem()).toBe(`the topic ${topic} does not exist`)
    await keeper.snapshot([], {}, 0)
    expect(await keeper.historyProblem()).toBe(`the topic ${topic} is empty`)
    expect(await broker.admin.describe(topic)).toMatchObject({
      partitions: 1,
      config: { 'cleanup.policy': 'delete', 'retention.ms': '-1', 'retention.bytes': '-1' },
    })
    await using producer = await broker.producer()
    const mine = recorded.map((text) => text.replace('"mysql_schema_history"\n  },', '"p"\n  },'))
    await producer.send(mine.map((text) => ({ topic, partition: 0, key: null, value: Buffer.from(text) })))
    await keeper.recover(null)
    expect([...keeper.catalog.tables()].map(({ id }) => id.table).sort()).toEqual(['other', 't'])
    const [first] = mine.map(readHistoryRecord)
    await store.append(first === undefined ? [] : [first])
    await using reader = await broker.reader({ topics: [topic], from: BigInt(mine.length) })
    const [written] = await reader.poll(10_000, new AbortController().signal)
    expect([written?.key, Buffer.from(written?.value ?? []).toString()]).toEqual([null, mine[0]])
  })
}
