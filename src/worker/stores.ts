/** Opens the worker's three stores: tables of the broker, those of a standalone worker partly in memory. */
import type { RawConfig } from '#plugin'
import { ConfigStore } from './config-store.ts'
import { OffsetStore } from './offset-store.ts'
import type { WorkerLimits } from './properties.ts'
import { StatusStore } from './status-store.ts'
import { memoryTable, type StoreTable } from './table.ts'

export interface Stores extends AsyncDisposable {
  readonly configs: ConfigStore
  readonly statuses: StatusStore
  readonly offsets: OffsetStore
}

/** Opens a table over a compacted topic, which is made where it is not there. */
export type TableOpener = (topic: string, partitions: number) => Promise<StoreTable>

export async function openStores(
  mode: 'distributed' | 'standalone',
  properties: RawConfig,
  limits: WorkerLimits,
  open: TableOpener,
): Promise<Stores> {
  const lasting = mode === 'distributed'
  const topic = (kind: string, fallback: string) => properties[`${kind}.storage.topic`] ?? fallback
  const [configs, statuses, offsets] = await Promise.all([
    lasting ? open(topic('config', 'connect-configs'), 1) : memoryTable(),
    lasting ? open(topic('status', 'connect-status'), limits.statusPartitions) : memoryTable(),
    open(topic('offset', 'connect-offsets'), limits.offsetPartitions),
  ])
  const stores = {
    configs: new ConfigStore(configs),
    statuses: new StatusStore(statuses),
    offsets: new OffsetStore(offsets),
  }
  return {
    ...stores,
    async [Symbol.asyncDispose]() {
      for (const store of Object.values(stores)) await store[Symbol.asyncDispose]()
    },
  }
}
