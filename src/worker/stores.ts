/** Opens the worker's three stores: tables of the broker, those of a standalone worker partly in memory. */
import { ConfigStore } from './config-store.ts'
import type { InternalTopic, InternalTopics } from './internal-topics.ts'
import { OffsetStore } from './offset-store.ts'
import type { WorkerMode } from './properties.ts'
import { StatusStore } from './status-store.ts'
import { memoryTable, type StoreTable } from './table.ts'

export interface Stores extends AsyncDisposable {
  readonly configs: ConfigStore
  readonly statuses: StatusStore
  readonly offsets: OffsetStore
}

/** Opens a table over a compacted topic, which is made where it is not there. */
export type TableOpener = (topic: InternalTopic) => Promise<StoreTable>

export async function openStores(
  mode: WorkerMode,
  topics: InternalTopics,
  open: TableOpener,
): Promise<Stores> {
  const lasting = mode === 'distributed'
  const [configs, statuses, offsets] = await allOrNone([
    lasting ? open(topics.configs) : memoryTable(),
    lasting ? open(topics.statuses) : memoryTable(),
    open(topics.offsets),
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

type Three<T> = readonly [configs: T, statuses: T, offsets: T]

/** If one cannot be opened, the others are not left open. */
async function allOrNone(opening: Three<StoreTable | Promise<StoreTable>>): Promise<Three<StoreTable>> {
  try {
    return await Promise.all(opening)
  } catch (error) {
    await Promise.allSettled(opening.map(async (table) => (await table)[Symbol.asyncDispose]()))
    throw error
  }
}
