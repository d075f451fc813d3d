/**
 * The workloads: a table of ten columns (a record of it is about 965 bytes with key and headers), read by a snapshot or
 * as a backlog of the log, through a worker process that is watched from outside.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { WorkerProcess } from '../worker-process.ts'
import { type Throughput, watch } from './usage.ts'

/** `stream`: a backlog in transactions of 1,000 rows; `oltp`: of single rows; `latency`: single rows, at a pace. */
export type Scenario = 'snapshot' | 'stream' | 'oltp' | 'latency'

/** The table in one kind of database, and how the connector for it is set up. */
export interface Orders extends AsyncDisposable {
  /** Behind the topic's prefix. */
  readonly topic: string
  /** Makes the table anew. */
  create(): Promise<void>
  /** Rows from + 1 to `to`, `each` of them in a transaction. */
  insert(from: number, to: number, each: number): Promise<void>
  /** Commits rows of a number and a text of one's own, on a session of its own. */
  writer(): Promise<OrderWriter>
  config(name: string): Readonly<Record<string, string>>
  /** Takes away what the connector has left on the server. */
  forget(name: string): Promise<void>
}

export interface OrderWriter extends AsyncDisposable {
  insert(id: number, note: string): Promise<void>
}

export interface Workload {
  readonly scenario: Scenario
  readonly rows: number
  readonly schemas: boolean
  /** ExtractNewRecordState and RegexRouter. */
  readonly chain: boolean
  /** Names connector, topics, slot and publication. */
  readonly name: string
  readonly orders: Orders
  readonly worker: WorkerProcess
  /** Records in a topic; 0 where it is not made yet. */
  stored(topic: string): Promise<number>
}

export function topicOf({ name, orders, chain }: Workload): string {
  return `${name}.${orders.topic}${chain ? '.routed' : ''}`
}

/** Makes the table anew, runs the workload, and takes the connector away again. */
export async function run(workload: Workload): Promise<Throughput> {
  const { scenario, rows, orders, worker, stored } = workload
  await orders.create()
  if (scenario === 'snapshot') await orders.insert(0, rows, 1000)
  return withConnector(workload, async () => {
    const before = scenario === 'snapshot' ? 0 : await fillBacklog(workload)
    return watch(worker.process.pid ?? 0, rows, before, () => stored(topicOf(workload)))
  })
}

export async function withConnector<T>(workload: Workload, work: () => Promise<T>): Promise<T> {
  const { name, orders, worker } = workload
  try {
    await worker.send('POST', '/connectors', { name, config: configOf(workload) })
    return await work()
  } finally {
    await worker.send('DELETE', `/connectors/${name}`)
    await orders.forget(name)
  }
}

/**
 * The connector takes its place in the log, and is stopped again; what comes then is the backlog. Resolves to how many
 * records there were before it.
 */
async function fillBacklog(workload: Workload): Promise<number> {
  const { worker, name, orders, rows, scenario, stored } = workload
  const path = `/connectors/${name}`
  await reading(workload)
  await worker.send('PUT', `${path}/stop`)
  await worker.until<{ tasks: unknown[] }>(path, ({ tasks }) => tasks.length === 0)
  await orders.insert(0, rows, scenario === 'oltp' ? 1 : 1000)
  const before = await stored(topicOf(workload))
  await worker.send('PUT', `${path}/resume`)
  return before
}

/** Waits until a change arrives. */
export async function reading(workload: Workload): Promise<void> {
  const { orders, stored } = workload
  await using writer = await orders.writer()
  const topic = topicOf(workload)
  for (let id = -1; ; id--) {
    await writer.insert(id, 'Is anybody there?')
    for (let tries = 0; tries < 50; tries++) {
      if ((await stored(topic)) > 0) return
      await delay(20)
    }
  }
}

const json = 'org.apache.kafka.connect.json.JsonConverter'
const transforms = {
  transforms: 'unwrap,route',
  'transforms.unwrap.type': 'io.debezium.transforms.ExtractNewRecordState',
  'transforms.route.type': 'org.apache.kafka.connect.transforms.RegexRouter',
  'transforms.route.regex': '(.*)',
  'transforms.route.replacement': '$1.routed',
}

function configOf({ scenario, schemas, chain, name, orders }: Workload): Record<string, string> {
  return {
    ...orders.config(name),
    'topic.prefix': name,
    'snapshot.mode': scenario === 'snapshot' ? 'initial' : 'no_data',
    'value.converter': json,
    'value.converter.schemas.enable': String(schemas),
    'key.converter': json,
    'key.converter.schemas.enable': String(schemas),
    ...(chain ? transforms : {}),
  }
}
