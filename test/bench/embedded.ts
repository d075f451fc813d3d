/**
 * End to end without Kafka: PostgreSQL or MySQL → the connector → embedded broker, a worker process and the server beside
 * it on the same machine.
 *   npm run bench -- embedded [mysql-]snapshot|[mysql-]stream|[mysql-]oltp [rows]
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startWorkerProcess } from '../support/worker-process.ts'
import { mysqlOrders } from '../support/bench/mysql-orders.ts'
import { run, type Scenario } from '../support/bench/orders.ts'
import { postgresOrders } from '../support/bench/postgres-orders.ts'

const [scenario = 'stream', rows = '600000'] = process.argv.slice(2)
await using cleanup = new AsyncDisposableStack()
const directory = mkdtempSync(join(tmpdir(), 'rowtap-bench-'))
cleanup.defer(() => rmSync(directory, { recursive: true, force: true }))
const orders = cleanup.use(await (scenario.startsWith('mysql-') ? mysqlOrders() : postgresOrders()))
const worker = await startWorkerProcess({ dataDirectory: directory, built: true })
cleanup.defer(async () => void (await worker.stop()))

async function stored(topic: string): Promise<number> {
  try {
    const found = await worker.get<{ partitions: { next: number }[] }>(`/topics/${topic}`)
    return found.partitions.reduce((sum, { next }) => sum + next, 0)
  } catch {
    return 0 // not made yet
  }
}

const workload = { name: 'bench', rows: Number(rows), schemas: false, chain: false, orders, worker, stored }
const result = await run({ ...workload, scenario: scenario.replace('mysql-', '') as Scenario })
process.stdout.write(`${JSON.stringify({ scenario, ...result })}\n`)
