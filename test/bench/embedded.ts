/**
 * End to end without Kafka: PostgreSQL → `postgres-cdc` → embedded broker, a worker process and the server beside it
 * on the same machine. Counts what is stored, and measures the worker from outside (/proc).
 *   npm run bench -- embedded snapshot|stream [rows]
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { startPostgres } from '../support/services/postgres.ts'
import { startWorkerProcess, type WorkerProcess } from '../support/worker-process.ts'

export type EmbeddedScenario = 'snapshot' | 'stream'

export interface EmbeddedResult {
  readonly rows: number
  /** From the first record in the topic to the last. */
  readonly recordsPerSecond: number
  readonly cpuSecondsPerMillion: number
  readonly peakMiB: number
  /** Resident memory after each tenth of the rows. */
  readonly memoryMiB: readonly number[]
}

const topic = 'bench.public.orders'
const columns = `id bigint PRIMARY KEY, customer bigint NOT NULL, name varchar(64), note varchar(128), amount decimal(12,2),
  quantity int, paid boolean, created timestamp(6), updated timestamptz(3), doc text`
const row = `i, i * 1000003::bigint, 'customer number ' || i, 'note for the order with number ' || i, (i * 37 % 100000) / 100.0,
  i % 17, i % 3 = 0, timestamp '2026-01-01' + i * interval '7.123456 s', timestamptz '2026-01-01 UTC' + i * interval '3.217 s',
  '{"id":' || i || ',"tags":["a","b"],"text":"some json text of eighty bytes or so"}'`

/** Clock ticks a second in /proc/PID/stat. */
const ticks = 100

function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) / ticks
}

function memory(pid: number, field: 'VmRSS' | 'VmHWM'): number {
  const line = new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return Math.round(Number(line?.[1]) / 1024)
}

async function stored(worker: WorkerProcess): Promise<number> {
  try {
    const found = await worker.get<{ partitions: { next: number }[] }>(`/topics/${topic}`)
    return found.partitions.reduce((sum, { next }) => sum + next, 0)
  } catch {
    return 0 // not made yet
  }
}

/** One-thousand-row transactions, as a backlog. */
async function insert(client: pg.Client, from: number, to: number): Promise<void> {
  for (let at = from; at < to; at += 1000)
    await client.query(`INSERT INTO orders SELECT ${row} FROM generate_series($1::bigint, $2::bigint) i`, [
      at + 1,
      Math.min(at + 1000, to),
    ])
}

export async function benchEmbedded(scenario: EmbeddedScenario, rows: number): Promise<EmbeddedResult> {
  const directory = mkdtempSync(join(tmpdir(), 'rowtap-bench-'))
  await using cleanup = new AsyncDisposableStack()
  cleanup.defer(() => rmSync(directory, { recursive: true, force: true }))
  const server = await startPostgres(['max_wal_size=4GB', 'shared_buffers=256MB'])
  cleanup.defer(() => server.stop())
  const client = new pg.Client({ ...server, database: 'postgres' })
  await client.connect()
  cleanup.defer(() => client.end())
  await client.query(`CREATE TABLE orders (${columns})`)
  const worker = await startWorkerProcess({ dataDirectory: directory, built: true })
  cleanup.defer(async () => void (await worker.stop()))
  const config = {
    'connector.class': 'postgres-cdc',
    'database.hostname': server.host,
    'database.port': String(server.port),
    'database.user': server.user,
    'database.password': server.password,
    'database.dbname': 'postgres',
    'topic.prefix': 'bench',
    'plugin.name': 'pgoutput',
    'publication.autocreate.mode': 'filtered',
    'table.include.list': 'public.orders',
    'snapshot.mode': scenario === 'snapshot' ? 'initial' : 'no_data',
    'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
    'value.converter.schemas.enable': 'false',
    'key.converter': 'org.apache.kafka.connect.json.JsonConverter',
    'key.converter.schemas.enable': 'false',
  }
  if (scenario === 'snapshot') await insert(client, 0, rows)
  await worker.send('POST', '/connectors', { name: 'bench', config })
  if (scenario === 'stream') {
    await worker.until<{ tasks: { state: string }[] }>(
      '/connectors/bench/status',
      ({ tasks }) => tasks[0]?.state === 'RUNNING',
    )
    while ((await client.query('SELECT 1 FROM pg_replication_slots WHERE active')).rowCount === 0)
      await delay(50)
    await worker.send('PUT', '/connectors/bench/stop')
    await worker.until<{ tasks: unknown[] }>('/connectors/bench', ({ tasks }) => tasks.length === 0)
    await insert(client, 0, rows)
    await worker.send('PUT', '/connectors/bench/resume')
  }
  return await measure(worker, rows)
}

async function measure(worker: WorkerProcess, rows: number): Promise<EmbeddedResult> {
  const pid = worker.process.pid ?? 0
  const memoryMiB: number[] = []
  let count = 0
  while ((count = await stored(worker)) === 0) await delay(5)
  const [began, first, cpu] = [performance.now(), count, cpuSeconds(pid)]
  while (count < rows) {
    await delay(10)
    count = await stored(worker)
    while (memoryMiB.length < Math.floor((count / rows) * 10)) memoryMiB.push(memory(pid, 'VmRSS'))
  }
  const seconds = (performance.now() - began) / 1000
  return {
    rows,
    recordsPerSecond: Math.round((rows - first) / seconds),
    cpuSecondsPerMillion: Number((((cpuSeconds(pid) - cpu) / (rows - first)) * 1e6).toFixed(2)),
    peakMiB: memory(pid, 'VmHWM'),
    memoryMiB,
  }
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const [scenario = 'stream', rows = '600000'] = process.argv.slice(2)
  process.stdout.write(`${JSON.stringify(await benchEmbedded(scenario as EmbeddedScenario, Number(rows)))}\n`)
}
