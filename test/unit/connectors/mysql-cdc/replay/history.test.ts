import { expect, test } from 'vitest'
import type { HistoryRecord, HistoryStore } from '../../../../../connectors/mysql-cdc/history/index.ts'
import { ReplayHistory } from '../../../../../connectors/mysql-cdc/replay/history.ts'

function record(server: string, file: string, pos: number): HistoryRecord {
  return {
    ...{ server, position: { file, pos }, timestamp: 0, databaseName: 'd', ddl: 'CREATE TABLE t (i INT)' },
    tableChanges: [],
  }
}

function storeOf(...records: readonly HistoryRecord[]): HistoryStore & { readonly appended: unknown[] } {
  const appended: unknown[] = []
  return {
    appended,
    name: 'the topic h',
    state: async () => 'filled',
    create: async () => void appended.push('create'),
    async *records() {
      if (records.length > 0) yield records
    },
    append: async (more) => void appended.push(...more),
    async [Symbol.asyncDispose]() {},
  }
}

async function read(store: HistoryStore): Promise<ReplayHistory> {
  const history = new ReplayHistory(store, 'p')
  for await (const _ of history.records()) {
  }
  return history
}

test('a history that begins at the place or before it reaches back to it', async () => {
  const history = await read(storeOf(record('p', 'log.000003', 500), record('p', 'log.000003', 900)))
  for (const spot of [
    { file: 'log.000003', pos: 500 },
    { file: 'log.000004', pos: 4 },
  ])
    expect(() => history.mustReachBackTo(spot)).not.toThrow()
  expect(() => history.mustReachBackTo({ file: 'log.000003', pos: 499 })).toThrow(
    'The schema history (the topic h) does not reach back to log.000003:499: it begins at log.000003:500. Begin at log.000003:500 or later',
  )
})

test('a history of another connector is none', async () => {
  const history = await read(storeOf(record('other', 'log.000003', 4)))
  expect(() => history.mustReachBackTo({ file: 'log.000003', pos: 4 })).toThrow(
    'The schema history (the topic h) has nothing of this connector.',
  )
})

test('nothing is ever written to it', async () => {
  const store = storeOf(record('p', 'log.000003', 4))
  const history = await read(store)
  await history.create()
  await history.append()
  expect(store.appended).toEqual([])
})
