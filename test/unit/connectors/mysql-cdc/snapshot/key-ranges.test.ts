import { expect, test } from 'vitest'
import { CellSlab } from '#cdc'
import {
  type KeyColumn,
  keyOrder,
  keySelection,
  keyValues,
  rangeCondition,
  wholeRange,
} from '../../../../../connectors/mysql-cdc/snapshot/key-ranges.ts'

const id: KeyColumn = { name: 'id', kind: 'number' }
const name: KeyColumn = { name: 'na`me', kind: 'text' }
const mac: KeyColumn = { name: 'mac', kind: 'bytes' }
const day: KeyColumn = { name: 'day', kind: 'quoted' }

test('a range of one column', () => {
  expect(rangeCondition([id], wholeRange)).toBe('')
  expect(rangeCondition([id], { after: ['-5'], to: null })).toBe(' WHERE `id` > -5')
  expect(rangeCondition([id], { after: null, to: ['18446744073709551615'] })).toBe(
    ' WHERE `id` <= 18446744073709551615',
  )
  expect(rangeCondition([day], { after: ['0000-00-00'], to: ['2026-01-02 03:04:05.678'] })).toBe(
    " WHERE `day` > '0000-00-00' AND `day` <= '2026-01-02 03:04:05.678'",
  )
})

test('a range of several columns', () => {
  expect(rangeCondition([id, name], { after: ['1', 'c3a4'], to: ['2', ''] })).toBe(
    " WHERE (`id` > 1 OR (`id` = 1 AND `na``me` > _utf8mb4 X'c3a4')) AND (`id` < 2 OR (`id` = 2 AND `na``me` <= _utf8mb4 X''))",
  )
  expect(keyOrder([id, name])).toBe('`id`, `na``me`')
  expect(keySelection([id, name, mac])).toBe(
    '`id` AS k0, HEX(CONVERT(`na``me` USING utf8mb4)) AS k1, HEX(`mac`) AS k2',
  )
})

test('values come out of the cells of a row as statements have them', () => {
  const bytes = Buffer.from('skipped7ä\u0001', 'utf8')
  const slab = new CellSlab(bytes)
  const at = slab.reserve(4)
  slab.cells.set([0, 7, 7, 8, 8, 10, 10, 11], at)
  expect(keyValues([id, name, mac], [1, 2, 3], slab, at)).toEqual(['7', 'c3a4', '01'])
})

test.each([
  [id, '1 OR 1=1'],
  [id, ''],
  [day, "2026' OR ''='"],
  [name, "c3' --"],
  [mac, 'abc'],
])('what is no value of %j is refused: %s', (column, value) => {
  expect(() => rangeCondition([column], { after: [value], to: null })).toThrow(/no value of the key column/)
})

test('a stored range that has too few values is refused', () => {
  expect(() => rangeCondition([id, name], { after: ['1'], to: null })).toThrow(/na`me/)
})
