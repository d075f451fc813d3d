/** The schema history for as long as the task runs: a restart needs a new snapshot. */
import type { HistoryRecord } from './history-record.ts'
import type { HistoryStore } from './store.ts'

export class MemoryHistoryStore implements HistoryStore {
  readonly name = 'the memory of an earlier task (MemorySchemaHistory)'
  readonly #records: HistoryRecord[] = []

  async state(): Promise<'missing' | 'empty' | 'filled'> {
    return this.#records.length === 0 ? 'missing' : 'filled'
  }

  async create(): Promise<void> {}

  async *records(): AsyncIterable<readonly HistoryRecord[]> {
    if (this.#records.length > 0) yield this.#records
  }

  async append(records: readonly HistoryRecord[]): Promise<void> {
    this.#records.push(...records)
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}
