/**
 * A compacted topic as the worker's stores see it, with text keys: one of the broker, or one in memory where nothing
 * is to outlive the worker (the connectors of a standalone worker; tests).
 */

import { type Broker, openTable } from '#broker'
import { type InternalTopic, prepareTopic } from './internal-topics.ts'

export interface StoreTable extends AsyncDisposable {
  /** Every key's last record, in the order they were written. */
  entries(): Iterable<readonly [key: string, value: Uint8Array]>
  /** Durable on return, all or none, in this order; null removes a key. */
  put(entries: readonly StoreEntry[]): Promise<void>
  /** What others have written by now is in it. */
  refresh(): Promise<void>
}

export interface StoreEntry {
  readonly key: string
  readonly value: string | null
}

export function memoryTable(): StoreTable {
  const rows = new Map<string, Uint8Array>()
  const encoder = new TextEncoder()
  return {
    entries: () => rows.entries(),
    async put(entries) {
      for (const { key, value } of entries) {
        rows.delete(key) // so that a key written again comes last
        if (value !== null) rows.set(key, encoder.encode(value))
      }
    },
    async refresh() {},
    async [Symbol.asyncDispose]() {},
  }
}

/** A table of the broker; its topic is made, compacted, where it is not there. */
export async function brokerTable(broker: Broker, topic: InternalTopic): Promise<StoreTable> {
  await prepareTopic(broker.admin, topic)
  const table = await openTable(broker, topic)
  const encoder = new TextEncoder()
  return {
    entries: () => table.entries(),
    put: (entries) =>
      table.putAll(
        entries.map(({ key, value }) => ({ key, value: value === null ? null : encoder.encode(value) })),
      ),
    refresh: () => table.refresh(),
    [Symbol.asyncDispose]: () => table[Symbol.asyncDispose](),
  }
}
