/**
 * Our side of the race against Debezium and others: PostgreSQL → `postgres-cdc` → JSON → Kafka, all of them on this
 * machine; the first round warms up and is not counted.
 *   npm run bench -- race [snapshot stream oltp] [--rows 600000] [--rounds 3] [--schemas] [--kafka host:port]
 * Without --kafka, a broker is started as the tests do.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Kafka, logLevel } from 'kafkajs'
import { run, type Scenario } from '../support/bench/orders.ts'
import type { Throughput } from '../support/bench/usage.ts'
import { startKafka } from '../support/services/kafka.ts'
import { startPostgres } from '../support/services/postgres.ts'
import { startWorkerProcess } from '../support/worker-process.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rows: { type: 'string', default: '600000' },
    rounds: { type: 'string', default: '3' },
    schemas: { type: 'boolean', default: false },
    kafka: { type: 'string' },
  },
})
const scenarios = (positionals.length > 0 ? positionals : ['snapshot', 'stream']) as Scenario[]

await using cleanup = new AsyncDisposableStack()
const kafka = values.kafka ?? (await ownKafka())
const directory = mkdtempSync(join(tmpdir(), 'rowtap-race-'))
cleanup.defer(() => rmSync(directory, { recursive: true, force: true }))
const server = await startPostgres(['max_wal_size=4GB', 'shared_buffers=256MB'])
cleanup.defer(() => server.stop())
const worker = await startWorkerProcess({ dataDirectory: directory, built: true, properties: onKafka(kafka) })
cleanup.defer(async () => void (await worker.stop()))
const admin = new Kafka({ clientId: 'race', brokers: [kafka], logLevel: logLevel.NOTHING }).admin()
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

async function stored(topic: string): Promise<number> {
  try {
    const partitions = await admin.fetchTopicOffsets(topic)
    return partitions.reduce((sum, { high }) => sum + Number(high), 0)
  } catch {
    return 0 // not made yet
  }
}

const median = (of: readonly number[]): number => of.toSorted((a, b) => a - b)[of.length >> 1] ?? 0

for (const scenario of scenarios) {
  const results: Throughput[] = []
  for (let round = 0; round <= Number(values.rounds); round++) {
    const name = `race_${process.pid}_${scenario}_${round}`
    const workload = {
      scenario,
      rows: Number(values.rows),
      schemas: values.schemas,
      name,
      server,
      worker,
      stored,
    }
    const result = await run(workload)
    if (round > 0) results.push(result)
    process.stdout.write(`${JSON.stringify({ scenario, round, schemas: values.schemas, ...result })}\n`)
    await admin.deleteTopics({ topics: [`${name}.public.orders`] })
  }
  const of = (field: 'recordsPerSecond' | 'cpuSecondsPerMillion' | 'peakMiB') =>
    median(results.map((each) => each[field]))
  process.stdout.write(
    `${scenario}: median ${of('recordsPerSecond')} records/s, ${of('cpuSecondsPerMillion')} CPU s per million, ${of('peakMiB')} MiB at most\n`,
  )
}
