/**
 * Our side of the race against Debezium and others: PostgreSQL or MySQL → the connector → JSON → Kafka, all of them on
 * this machine; the first round warms up and is not counted.
 *   npm run bench -- race [[mysql-]snapshot [mysql-]stream [mysql-]oltp [mysql-]latency] [--rows 600000] [--rounds 3]
 *     [--schemas] [--chain] [--rate 1000] [--seconds 10] [--kafka host:port]
 * `--chain`: through ExtractNewRecordState and RegexRouter. `--rate` and `--seconds` are for latency: commits a second.
 * Without --kafka, a broker is started as the tests do.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Kafka, logLevel } from 'kafkajs'
import { type Latency, runLatency } from '../support/bench/latency.ts'
import { mysqlOrders } from '../support/bench/mysql-orders.ts'
import { type Orders, run, type Scenario, topicOf, type Workload } from '../support/bench/orders.ts'
import { postgresOrders } from '../support/bench/postgres-orders.ts'
import type { Throughput } from '../support/bench/usage.ts'
import { startKafka } from '../support/services/kafka.ts'
import { startWorkerProcess } from '../support/worker-process.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rows: { type: 'string', default: '600000' },
    rounds: { type: 'string', default: '3' },
    schemas: { type: 'boolean', default: false },
    chain: { type: 'boolean', default: false },
    rate: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '10' },
    kafka: { type: 'string' },
  },
})
const names = positionals.length > 0 ? positionals : ['snapshot', 'stream']
for (const each of names)
  if (!/^(mysql-)?(snapshot|stream|oltp|latency)$/.test(each)) throw new Error(`${each} is no scenario`)

await using cleanup = new AsyncDisposableStack()
const kafka = values.kafka ?? (await ownKafka())
const directory = mkdtempSync(join(tmpdir(), 'rowtap-race-'))
cleanup.defer(() => rmSync(directory, { recursive: true, force: true }))
const worker = await startWorkerProcess({ dataDirectory: directory, built: true, properties: onKafka(kafka) })
cleanup.defer(async () => void (await worker.stop()))
const client = new Kafka({ clientId: 'race', brokers: [kafka], logLevel: logLevel.NOTHING })
const admin = client.admin()
await admin.connect()
cleanup.defer(() => admin.disconnect())

async function ownKafka(): Promise<string> {
  const started = await startKafka()
  cleanup.defer(() => started.stop())
  return started.address.bootstrap
}

function onKafka(bootstrap: string): Record<string, string> {
  const group = `race-${process.pid}`
  const stores = ['config', 'offset', 'status'].flatMap((each) => [
    [`${each}.storage.topic`, `${group}-${each}`],
    [`${each}.storage.replication.factor`, '1'],
  ])
  return { 'bootstrap.servers': bootstrap, 'group.id': group, ...Object.fromEntries(stores) }
}

const made = new Set<string>()

async function stored(topic: string): Promise<number> {
  // Of a topic that is not there the client would ask again and again.
  if (!made.has(topic)) for (const each of await admin.listTopics()) made.add(each)
  if (!made.has(topic)) return 0
  const partitions = await admin.fetchTopicOffsets(topic)
  return partitions.reduce((sum, { high }) => sum + Number(high), 0)
}

const median = (of: readonly number[]): number => of.toSorted((a, b) => a - b)[of.length >> 1] ?? 0

const databases = new Map<string, Orders>()

async function ordersOf(kind: 'mysql' | 'postgres'): Promise<Orders> {
  const known = databases.get(kind)
  if (known !== undefined) return known
  const made = cleanup.use(await (kind === 'mysql' ? mysqlOrders() : postgresOrders()))
  databases.set(kind, made)
  return made
}

async function race(title: string): Promise<void> {
  const scenario = title.replace('mysql-', '') as Scenario
  const orders = await ordersOf(title === scenario ? 'postgres' : 'mysql')
  const { schemas, chain } = values
  const results: (Throughput | Latency)[] = []
  for (let round = 0; round <= Number(values.rounds); round++) {
    const name = `race_${process.pid}_${title.replace('-', '_')}_${round}`
    const own = { scenario, rows: Number(values.rows), schemas, chain, name, orders }
    const workload: Workload = { ...own, worker, stored }
    const pace = { perSecond: Number(values.rate), seconds: Number(values.seconds) }
    const result = await (scenario === 'latency' ? runLatency(workload, client, pace) : run(workload))
    if (round > 0) results.push(result)
    process.stdout.write(`${JSON.stringify({ scenario: title, round, schemas, chain, ...result })}\n`)
    await admin.deleteTopics({ topics: [topicOf(workload)] })
  }
  const of = (field: string): number =>
    median(results.map((each) => Number((each as unknown as Record<string, unknown>)[field])))
  process.stdout.write(
    scenario === 'latency'
      ? `${title}: median of p50 ${of('p50ms')} ms, of p99 ${of('p99ms')} ms, at ${of('commitsPerSecond')} commits/s\n`
      : `${title}: median ${of('recordsPerSecond')} records/s, ${of('cpuSecondsPerMillion')} CPU s per million, ${of('peakMiB')} MiB at most\n`,
  )
}

for (const each of names) await race(each)
