/**
 * Every kind of column against what Debezium 3.6.1 wrote for it: announced schema and values, in snapshot, stream and
 * key-only images (null under NOT NULL), and for unchanged TOAST values (false). Where Debezium loses or changes a
 * value ours is right, and stands here.
 */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import {
  type PgColumn,
  type PgType,
  TypeCatalog,
} from '../../../../../connectors/postgres-cdc/column-types/catalog.ts'
import { columnType } from '../../../../../connectors/postgres-cdc/column-types/column-type.ts'
import {
  defaultTypeOptions,
  type TypeOptions,
} from '../../../../../connectors/postgres-cdc/column-types/options.ts'
import { schemaText } from '../../../../../src/converters/json-writer.ts'
import { type Cell, cellJson, format } from './read-cell.ts'

interface Recorded {
  readonly from: string
  readonly column: PgColumn
  readonly options: Partial<TypeOptions>
  /** null: the column is left out; absent: recorded without schemas. */
  readonly schema?: string | null
  readonly cells: readonly (readonly [cell: Cell, json: string])[]
}

const file = new URL('../../../../golden/postgres-cdc/columns.jsonl', import.meta.url)
const [head = '', ...lines] = readFileSync(file, 'utf8').trimEnd().split('\n')
const catalog = new TypeCatalog((JSON.parse(head) as { types: PgType[] }).types)
const recorded = lines.map((line) => JSON.parse(line) as Recorded)

/** What Debezium writes, by column, and what we write instead. */
const better: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  // A NaN among its items made the whole array null.
  'types-decimal-string amounts.va': { null: '["1","2.50","100000000000000000000","NAN"]' },
  // Milliseconds only, within arrays.
  'types-temporal-isostring t.ta': { '["01:02:03.456Z"]': '["01:02:03.456789Z"]' },
  // Other values in arrays, and in snapshots, than of single columns in the stream.
  'types-arrays a.d': { '[-622191234,-719162]': '[-2147472692,-719528]' },
  'types-arrays a.tstz': {
    '["infinity","+292269055-12-02T23:00:00.000000Z"]': '["infinity","-infinity"]',
  },
  // Always null in the stream.
  'types-text-binary texts.n': { null: '"x"' },
  // Always empty.
  'types-unknown-included g.ov': { '[]': '[1,2,3]' },
  // Cut at the first quote in it.
  'column-defaults d.t': {
    '"it"': '"it\'s \\"q\\""',
    '{"type":"string","optional":true,"default":"it"}':
      '{"type":"string","optional":true,"default":"it\'s \\"q\\""}',
  },
}

/** `schema` and JSON as they should be: as recorded, or better. */
function right(from: string, json: string): string {
  return better[from]?.[json] ?? json
}

test.each(recorded)('$from', ({ from, column, options, schema, cells }) => {
  const type = columnType(column, catalog, { ...defaultTypeOptions, ...options })
  if (schema === null) return expect(type).toBeNull()
  if (type === null) throw new Error('the column is left out')
  if (schema !== undefined) expect(schemaText(type.schema, format)).toBe(right(from, schema))
  // NULL stays NULL, or the default.
  const values = cells.filter(([cell, json]) => cell !== null || json !== 'null')
  expect(values.map(([cell]) => [cell, cellJson(type, cell)])).toEqual(
    values.map(([cell, json]) => [cell, right(from, json)]),
  )
  for (const [cell] of cells.filter((given) => !values.includes(given)))
    expect(cellJson(type, cell)).toBe('null')
})

test('the recording holds all of it', () => {
  expect(recorded.length).toBeGreaterThan(400)
  expect(recorded.reduce((sum, { cells }) => sum + cells.length, 0)).toBeGreaterThan(1000)
})
