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
function keyChange(
  skipped: readonly Operation[],
  cell: readonly [number, number] = [0, 1],
  skipsKeyChanges = false,
): string[] {
  const slab = new CellSlab(Buffer.from('ab'))
  const [before, after] = [slab.reserve(1), slab.reserve(1)]
  slab.cells.set([...cell, 1, 2], before)
  const events = new RowEvents({
    headers: noHeaders,
    tombstones: true,
    skipped: new Set(skipped),
    skipUnchanged: false,
    skipsKeyChanges,
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

test('a change of the key: its delete and its create are skipped as such, or both with updates', () => {
  const change = ['d', 'tombstone', 'c']
  const rest = ['d', 'tombstone', 'c']
  expect(keyChange([])).toEqual([...change, ...rest])
  expect(keyChange(['u'])).toEqual([...change, ...rest])
  expect(keyChange(['u'], [0, 1], true)).toEqual(rest)
  expect(keyChange(['d'])).toEqual(['c', 'c'])
  expect(keyChange(['c'])).toEqual(['d', 'tombstone', 'd', 'tombstone'])
})

test('a key column that the old image does not carry has not changed', () => {
  expect(keyChange(['d', 'c'], [UNAVAILABLE_CELL, UNAVAILABLE_CELL])).toEqual(['u'])
})
