import { expect, test } from 'vitest'
import { countedTransaction, TransactionTracker } from '#cdc'
import type { OffsetMap, Struct } from '#data'

const from = { partition: {}, offset: () => ({}) }
const byGtid = () => 'uuid:7'

test('END lists collections in the order of Java’s hash map, as recorded', () => {
  for (const [counted, listed] of [
    [
      ['mariadb_dml_tx.a', 'mariadb_dml_tx.b'],
      ['mariadb_dml_tx.b', 'mariadb_dml_tx.a'],
    ],
    [
      ['public.log', 'public.lines', 'public.orders'],
      ['public.orders', 'public.lines', 'public.log'],
    ],
  ] as const) {
    const tracker = new TransactionTracker('p.transaction')
    tracker.begin(byGtid, 0)
    for (const each of counted) tracker.event(each, 0)
    const end = tracker.end(0, 1000, from)?.value.value() as Struct
    expect(end.get('event_count')).toBe(BigInt(counted.length))
    expect((end.get('data_collections') as Struct[]).map(({ values }) => values)).toEqual(
      listed.map((each) => [each, 1n]),
    )
  }
})

test('a transaction without events has an empty END', () => {
  const tracker = new TransactionTracker('p.transaction')
  tracker.begin(byGtid, 0)
  const end = tracker.end(0, 1000, from)
  expect((end?.value.value() as Struct | undefined)?.values).toEqual(['END', 'uuid:7', 0n, [], 1000n])
  expect((end?.key.value() as Struct | undefined)?.values).toEqual(['uuid:7'])
})

test('outside of transactions nothing is counted', () => {
  const tracker = new TransactionTracker('p.transaction')
  expect(tracker.event('d.a', 0)).toBeNull()
  expect(tracker.end(0, 0, from)).toBeNull()
})

test('marks stay as they were, and go on from offsets', () => {
  const tracker = new TransactionTracker('p.transaction')
  tracker.begin(byGtid, 0)
  const first = tracker.event('d.a', 0)
  const second = tracker.event('d.b', 0)
  expect(Object.fromEntries(first?.entries() ?? [])).toEqual({
    transaction_id: 'uuid:7',
    'transaction_data_collection_order_d.a': 1n,
  })
  const stored: OffsetMap = { pos: 4n, ...Object.fromEntries(second?.entries() ?? []) }
  const later = new TransactionTracker('p.transaction')
  later.resume(byGtid, 0, countedTransaction(stored))
  const third = later.event('d.a', 0)
  expect([third?.total, third?.counts()]).toEqual([
    3,
    [
      ['d.a', 2],
      ['d.b', 1],
    ],
  ])
  expect(countedTransaction({ pos: 4n })).toBeNull()
})
