import { expect, test } from 'vitest'
import { type PgType, TypeCatalog } from '../../../../../connectors/postgres-cdc/column-types/catalog.ts'
import {
  type RowsOf,
  sourceTypeParameters,
} from '../../../../../connectors/postgres-cdc/column-types/source-type.ts'
import { pgType } from './read-cell.ts'

const nextval = "nextval('s'::regclass)"
const both = ['snapshot', 'stream'] as const

/** As recorded from Debezium 3.6.1: type, length and scale of a column, `-` where there is none. */
test.each<
  [
    types: string | Partial<PgType>[],
    modifier: number,
    said: string,
    of?: readonly RowsOf[],
    expression?: string,
  ]
>([
  ['int4', -1, 'SERIAL 10 0', ['snapshot'], nextval],
  ['int4', -1, 'INT4 10 0', ['stream'], nextval],
  ['int4', -1, 'INT4 10 0', both, '7'],
  ['int8', -1, 'BIGSERIAL 19 0', ['snapshot'], nextval],
  ['varchar', 24, 'VARCHAR 20 0'],
  ['varchar', -1, 'VARCHAR 2147483647 0'],
  ['bpchar', 7, 'BPCHAR 3 0'],
  ['text', -1, 'TEXT 2147483647 0'],
  ['numeric', 524295, 'NUMERIC 8 3'],
  ['numeric', -1, 'NUMERIC 0 -', ['snapshot']],
  ['numeric', -1, 'NUMERIC 131089 0', ['stream']],
  ['timestamp', 3, 'TIMESTAMP 26 3'],
  ['timestamptz', -1, 'TIMESTAMPTZ 35 6'],
  ['time', 2, 'TIME 11 2'],
  ['bit', 5, 'BIT 5 0'],
  ['varbit', 9, 'VARBIT 9 0'],
  ['interval', 2147418115, 'INTERVAL 49 3'],
  ['jsonb', -1, 'JSONB 2147483647 0'],
  ['bytea', -1, 'BYTEA 2147483647 0'],
  ['float4', -1, 'FLOAT4 8 8'],
  ['bool', -1, 'BOOL 1 0'],
  [[{ name: '_int4', element: 2 }, { name: 'int4' }], -1, '_INT4 10 0'],
  [[{ name: '_varchar', element: 2 }, { name: 'varchar' }], 11, '_VARCHAR 7 0'],
  [[{ name: 'e', kind: 'e', schema: 'v' }], -1, '"V"."E" 2147483647 0', ['snapshot']],
  [[{ name: 'e', kind: 'e', schema: 'v' }], -1, 'E 2147483647 0', ['stream']],
  [[{ name: 'e', kind: 'e', schema: 'public' }], -1, 'E 2147483647 0'],
  [
    [{ name: 'dd', kind: 'd', schema: 'v', base: 2, baseModifier: 589831 }, { name: 'numeric' }],
    -1,
    'DD 9 3',
    ['stream'],
  ],
])('%j (%d): %s', (types, typeModifier, said, of = both, defaultExpression = undefined) => {
  const rows = typeof types === 'string' ? [{ name: types }] : types
  const catalog = new TypeCatalog(rows.map((row, i) => pgType(i + 1, row.name ?? '', row)))
  const column = { name: 'c', typeOid: 1, typeModifier, notNull: false, identity: false, generated: false }
  for (const each of of) {
    const parameters = sourceTypeParameters(
      { ...column, defaultExpression: defaultExpression ?? null },
      catalog,
      each,
    )
    const { scale, ...others } = Object.fromEntries(
      Object.entries(parameters).map(([name, value]) => [
        name.replace('__debezium.source.column.', ''),
        value,
      ]),
    )
    expect(`${others['type']} ${others['length']} ${scale ?? '-'}`).toBe(said)
    expect(others['name']).toBe('c')
  }
})

test('nothing is said of a type that is not known', () => {
  const column = {
    name: 'c',
    typeOid: 9,
    typeModifier: -1,
    notNull: false,
    identity: false,
    generated: false,
  }
  expect(sourceTypeParameters({ ...column, defaultExpression: null }, new TypeCatalog(), 'stream')).toEqual(
    {},
  )
})
