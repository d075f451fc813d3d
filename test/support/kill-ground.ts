/** What a kill test stands on: a broker in the worker's own process, or a Kafka beside it. */
import { type Broker, openEmbeddedBroker, openKafkaBroker, openTable } from '#broker'
import type { WorkerOptions } from './worker-process.ts'

/** Where things stood when a worker had been killed. */
export interface Kill {
  /** The topic's end. */
  readonly end: bigint
  /** The log position of the stored offset; null: there was none, or it was a snapshot's. */
  readonly lsn: bigint | null
}

export interface KillGround extends AsyncDisposable {
  readonly worker: WorkerOptions
  /** More for the configuration of sinks. */
  readonly sink: Readonly<Record<string, string>>
  /** true: records behind the stored offset may come again. */
  readonly repeats: boolean
  /** The broker, for a reader beside the worker or after it. */
  open(): Promise<Broker>
  killed(connector: string, server: string, topic: string): Promise<Kill>
}

export function embeddedGround(dataDirectory: string): KillGround {
  return {
    worker: { dataDirectory },
    sink: {},
    repeats: false,
    open: () => openEmbeddedBroker({ directory: dataDirectory, properties: {} }),
    killed: async () => ({ end: 0n, lsn: null }),
    [Symbol.asyncDispose]: async () => {},
  }
}

export async function kafkaGround(bootstrap: string): Promise<KillGround> {
  const group = `kill-${process.pid}-${Date.now().toString(36)}`
  const stores = ['config', 'offset', 'status'].flatMap((each) => [
    [`${each}.storage.topic`, `${group}-${each}`],
    [`${each}.storage.replication.factor`, '1'],
  ])
  const properties = {
    'bootstrap.servers': bootstrap,
    'group.id': group,
    'session.timeout.ms': '6000',
    'offset.flush.interval.ms': '1000',
    ...(Object.fromEntries(stores) as Record<string, string>),
  }
  const broker = await openKafkaBroker({ properties })
  const offsets = await openTable(broker, { topic: `${group}-offset`, partitions: 25, replicationFactor: 1 })
  return {
    worker: { dataDirectory: '', properties },
    sink: { 'consumer.override.session.timeout.ms': '6000' },
    repeats: true,
    open: () => openKafkaBroker({ properties }),
    killed: async (connector, server, topic) => {
      await offsets.refresh()
      const stored = offsets.get(JSON.stringify([connector, { server }]))
      const offset = stored === undefined ? {} : (JSON.parse(Buffer.from(stored).toString()) as Offset)
      const found = await broker.admin.describe(topic)
      const bounds = found === null ? [] : await broker.admin.bounds(topic)
      return {
        end: bounds[0]?.next ?? 0n,
        lsn: offset.lsn === undefined || offset.snapshot !== undefined ? null : BigInt(offset.lsn),
      }
    },
    [Symbol.asyncDispose]: async () => {
      await offsets[Symbol.asyncDispose]()
      await broker[Symbol.asyncDispose]()
    },
  }
}

interface Offset {
  readonly lsn?: number
  readonly snapshot?: unknown
}
