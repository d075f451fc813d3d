/**
 * Our source writer alone against Kafka's own ProducerPerformance on one broker, in turns, the first of each discarded:
 * keyless 500-byte records for one partition, acks=all, linger.ms=5, batch.size=262144, uncompressed (linger.ms
 * is Kafka's alone: ours does not linger). Ours runs in a process of its own, as the other does; its commit is awaited
 * within the time. Both send one payload again and again: with --record-size ProducerPerformance would make 500 random
 * bytes for each record within the time, which says nothing of a producer.
 *
 *   npm run bench -- produce [records] [rounds]
 *
 * The broker is the one of the tests: ROWTAP_TEST_KAFKA, or one that is started here. The class path of Kafka's tools is
 * ROWTAP_KAFKA_CLASSPATH, or that of the tests' Java services.
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Broker, openKafkaBroker, withoutHeaders } from '#broker'
import type { ByteBuffer } from '#bytes'
import { java, javaLibraries } from '../support/services/java.ts'
import { startOwnKafka } from '../support/services/kafka.ts'

const run = promisify(execFile)
const recordBytes = 500
const properties = { acks: 'all', 'batch.size': '262144', 'compression.type': 'none' }

export interface ProduceResult {
  readonly recordsPerSecond: number
  readonly cpuSecondsPerMillion: number
  readonly peakMiB: number
}

/** In this process: records until all of them are stored, with the offsets. */
export async function produce(bootstrap: string, topic: string, records: number): Promise<ProduceResult> {
  await using broker = await openKafkaBroker({ properties: { 'bootstrap.servers': bootstrap } })
  await using writer = await broker.sourceWriter({
    ...{ task: 'bench-0', offsetsTopic: 'bench-offsets', newTopic: () => null, overrides: properties },
  })
  const value = Buffer.alloc(recordBytes, 'v')
  const record = {
    ...{ topic, partition: null, timestamp: null, headers: withoutHeaders },
    writeKey: () => false,
    writeValue: (out: ByteBuffer) => {
      out.append(value)
      return true
    },
  }
  const [began, cpu] = [performance.now(), process.cpuUsage()]
  for (let i = 0; i < records; i++)
    for (let barrier = writer.append(record); barrier !== null; barrier = writer.append(record)) await barrier
  await writer.commit([{ key: Buffer.from('["bench",{}]'), value: Buffer.from(`{"at":${records}}`) }])
  const seconds = (performance.now() - began) / 1000
  const { user, system } = process.cpuUsage(cpu)
  return {
    recordsPerSecond: Math.round(records / seconds),
    cpuSecondsPerMillion: Number(((user + system) / records).toFixed(2)),
    peakMiB: Math.round(process.resourceUsage().maxRSS / 1024),
  }
}

async function ours(bootstrap: string, topic: string, records: number): Promise<ProduceResult> {
  const args = ['--conditions=rowtap-source', import.meta.filename, 'ours', bootstrap, topic, String(records)]
  const { stdout } = await run(process.execPath, args)
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as ProduceResult
}

async function kafkas(bootstrap: string, topic: string, records: number): Promise<number> {
  const classPath = process.env['ROWTAP_KAFKA_CLASSPATH'] ?? (await javaLibraries()).classPath
  const options = Object.entries({ ...properties, 'linger.ms': '5', 'bootstrap.servers': bootstrap })
  const directory = mkdtempSync(join(tmpdir(), 'rowtap-bench-'))
  const payload = join(directory, 'payload')
  writeFileSync(payload, `${'v'.repeat(recordBytes)}\n`)
  const { stdout } = await run(java ?? 'java', [
    ...['-cp', classPath, 'org.apache.kafka.tools.ProducerPerformance', '--topic', topic],
    ...['--num-records', String(records), '--payload-file', payload, '--throughput', '-1'],
    ...['--producer-props', ...options.map(([name, value]) => `${name}=${value}`)],
  ]).finally(() => rmSync(directory, { recursive: true }))
  const last =
    stdout
      .trim()
      .split('\n')
      .findLast((line) => line.includes('99.9th')) ?? ''
  return Math.round(Number(/([\d.]+) records\/sec/.exec(last)?.[1]))
}

async function newTopic(broker: Broker): Promise<string> {
  const topic = `bench-produce-${Date.now()}`
  await broker.admin.create({ topic, partitions: 1, replicationFactor: 1, config: {} })
  return topic
}

async function race(bootstrap: string, records: number, rounds: number): Promise<void> {
  await using broker = await openKafkaBroker({ properties: { 'bootstrap.servers': bootstrap } })
  const all: { readonly kafkas: number; readonly ours: ProduceResult }[] = []
  for (let round = 0; round <= rounds; round++) {
    const topic = await newTopic(broker)
    const result = {
      kafkas: await kafkas(bootstrap, topic, records),
      ours: await ours(bootstrap, topic, records),
    }
    await broker.admin.delete(topic)
    process.stdout.write(`${round === 0 ? 'discarded: ' : ''}${JSON.stringify(result)}\n`)
    if (round > 0) all.push(result)
  }
  const [theirs, mine] = [
    median(all.map((each) => each.kafkas)),
    median(all.map((each) => each.ours.recordsPerSecond)),
  ]
  process.stdout.write(`median: ${mine} to ${theirs}, ${(mine / theirs).toFixed(2)} times\n`)
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}

if (process.argv[2] === 'ours') {
  const [, , , bootstrap = '', topic = '', records = ''] = process.argv
  process.stdout.write(JSON.stringify(await produce(bootstrap, topic, Number(records))))
} else if (process.argv[1] === import.meta.filename) {
  const [records = 2_000_000, rounds = 3] = process.argv.slice(2).map(Number)
  const given = process.env['ROWTAP_TEST_KAFKA']
  if (given !== undefined) await race(given, records, rounds)
  else {
    const kafka = await startOwnKafka()
    try {
      await race(kafka.bootstrap, records, rounds)
    } finally {
      await kafka.remove()
    }
  }
}
