/** Which records one change has, by the operations that are skipped. */
import { expect, test } from 'vitest'
import { CellSlab, type Operation, processingTime, RowEvents, tableVersion, UNAVAILABLE_CELL } from '#cdc'
import { FixedFields, noHeaders, type SourceRecord, scalar, struct } from '#data'

const text = { schema: scalar('string'), read: () => {}, fallback: '', unavailable: null }
const id = { name: 'id', type: text, cell: 0 }
const source = struct([['table', scalar('string')]])
const table = tableVersion({
  topic: 'p.d.t',
  database: 'd',
  schemaName: 'd',
  table: 't',
  columns: [id],
  key: [id],
  source,
  names: new FixedFields(source, 0, ['t']),
})
const partition = { server: 'p' }
const offset = { partition, offset: () => null }

/** A row `a` becomes a row `b`: another key. `cell`: of the old key. */
function keyChange(skipped: readonly Operation[], cell: readonly [number, number] = [0, 1]): string[] {
  const slab = new CellSlab(Buffer.from('ab'))
  const [before, after] = [slab.reserve(1), slab.reserve(1)]
  slab.cells.set([...cell, 1, 2], before)
  const events = new RowEvents({
    headers: noHeaders,
    tombstones: true,
    skipped: new Set(skipped),
    skipUnchanged: false,
  })
  const place = {
    table,
    chunk: slab,
    source: { write: () => {} },
    time: processingTime(0),
    position: 0,
    from: offset,
    previous: offset,
  }
  const out: SourceRecord[] = []
  events.update(place, before, after, true, out)
  events.delete(place, after, out)
  events.insert(place, before, out)
  return out.map(({ value }) => ('operation' in value ? String(value.operation) : 'tombstone'))
}

test('a change of the key is an update: it is skipped with updates, and never in half', () => {
  const change = ['d', 'tombstone', 'c']
  expect(keyChange([])).toEqual([...change, 'd', 'tombstone', 'c'])
  expect(keyChange(['u'])).toEqual(['d', 'tombstone', 'c'])
  expect(keyChange(['d'])).toEqual([...change, 'c'])
  expect(keyChange(['c'])).toEqual([...change, 'd', 'tombstone'])
})

test('a key column that the old image does not carry has not changed', () => {
  expect(keyChange(['d', 'c'], [UNAVAILABLE_CELL, UNAVAILABLE_CELL])).toEqual(['u'])
})
