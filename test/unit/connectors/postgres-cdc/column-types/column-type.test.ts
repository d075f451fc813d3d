import { describe, expect, test } from 'vitest'
import { TypeCatalog } from '../../../../../connectors/postgres-cdc/column-types/catalog.ts'
import { columnType } from '../../../../../connectors/postgres-cdc/column-types/column-type.ts'
import {
  isComputed,
  literalOf,
} from '../../../../../connectors/postgres-cdc/column-types/default-expression.ts'
import { defaultTypeOptions } from '../../../../../connectors/postgres-cdc/column-types/options.ts'
import { schemaText } from '../../../../../src/converters/json-writer.ts'
import { cellJson, format, type Given, knownType, pgType, typeOf } from './read-cell.ts'

describe('default expressions', () => {
  test.each([
    ["'abc'::text", 'abc'],
    ["'it''s \"q\"'::text", 'it\'s "q"'],
    ["E'a\\\\b''c'::text", "a\\b'c"],
    ["''::text", ''],
    ['12.5', '12.5'],
    ['NULL::character varying', null],
    ['NULL', null],
    ["('2020-01-01'::date + 1)", '2020-01-01'],
  ])('%s', (expression, literal) => {
    expect(isComputed(expression)).toBe(false)
    expect(literalOf(expression)).toBe(literal)
  })

  test.each([
    'now()',
    "nextval('s'::regclass)",
    'public.f(1)',
    '"S".f()',
    'CURRENT_DATE',
    'LOCALTIME',
    '(now() + x)',
  ])('%s is computed', (expression) => {
    expect(isComputed(expression)).toBe(true)
  })

  const announced = (name: string, defaultExpression: string, given: Given = {}) => {
    const { schema } = knownType(name, { ...given, column: { ...given.column, defaultExpression } })
    const text = schemaText(schema, format)
    return /"default":(.*)\}$/.exec(text)?.[1] ?? null
  }
  const numeric = { column: { typeModifier: (10 << 16) + 2 + 4 } }
  const asText = { options: { decimals: 'string' } } as const

  test.each<[string, string, string | null, Given?]>([
    ['int4', "'-5'::integer", '-5'],
    ['int4', '(3 + 4)', null],
    ['int8', "'9223372036854775807'::bigint", '9223372036854775807'],
    ['bool', 'true', 'true'],
    ['bool', '(1 = 1)', null],
    ['bool', 'f()', 'false'],
    ['float8', "'-Infinity'::double precision", '"-Infinity"'],
    ['float8', "'NaN'::double precision", '"NaN"'],
    ['float4', '1.5', '1.5'],
    ['numeric', '1.5', '"AJY="', numeric],
    ['numeric', '1.555', null, numeric],
    ['numeric', "'NaN'::numeric", null, numeric],
    ['numeric', 'random()', '"AA=="', numeric],
    ['numeric', '1.5', null],
    ['numeric', '1.5', '"1.50"', { ...numeric, ...asText }],
    ['numeric', '1.10', '"1.10"', asText],
    ['numeric', 'random()', '"0.0"', asText],
    ['date', "('now'::text)::date", null],
    ['timestamptz', "'2020-01-02 03:04:05+02'::timestamp with time zone", '"2020-01-02T01:04:05.000000Z"'],
    ['timestamptz', 'now()', '"1970-01-01T00:00:00Z"', { column: { typeModifier: 0 } }],
    ['interval', 'make_interval(1)', '0'],
    ['uuid', "'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'::uuid", '"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"'],
    ['uuid', "'x'::uuid", null],
    ['bit', 'B\'101\'::"bit"', '"BQ=="', { column: { typeModifier: 3 } }],
    ['jsonb', 'jsonb_build_object()', '"{}"'],
    ['bytea', "'\\x0102'::bytea", null],
    ['inet', "'127.0.0.1'::inet", null],
    ['text', "'x'::text", null, { column: { generated: true } }],
    ['int4', '1', null, { column: { identity: true } }],
  ])('%s DEFAULT %s', (name, expression, json, given) => {
    expect(announced(name, expression, given)).toBe(json)
  })

  test('stands for a NOT NULL column in a key-only image, before the zero of its type', () => {
    const column = { notNull: true, defaultExpression: "'x'::text" }
    expect(cellJson(knownType('text', { column }), null)).toBe('"x"')
    expect(cellJson(knownType('text', { column: { notNull: true } }), null)).toBe('""')
  })
})

describe('columnType', () => {
  test('a type that is not in the catalogue, or has no mapping, is left out', () => {
    const column = { name: 'c', typeOid: 99, typeModifier: -1, notNull: false, defaultExpression: null }
    const more = { identity: false, generated: false }
    expect(columnType({ ...column, ...more }, new TypeCatalog(), defaultTypeOptions)).toBeNull()
    const options = { ...defaultTypeOptions, includeUnknown: true }
    expect(columnType({ ...column, ...more }, new TypeCatalog(), options)?.schema.type).toBe('bytes')
    expect(typeOf('pg_lsn')).toBeNull()
    expect(typeOf('comp', { type: { kind: 'c', schema: 'public' } })).toBeNull()
  })

  test('names mean what they mean in their own schema only', () => {
    expect(typeOf('text', { type: { kind: 'c', schema: 'public' } })).toBeNull()
    expect(typeOf('hstore', { type: { kind: 'c', schema: 'public' } })).toBeNull()
    expect(typeOf('citext', { type: { schema: 'extensions' } })).not.toBeNull()
  })

  test('unknown types as bytes of their text, in the form of the binary mode', () => {
    const lsn = (binary: 'bytes' | 'base64' | 'hex') =>
      cellJson(knownType('pg_lsn', { options: { includeUnknown: true, binary } }), '0/16')
    expect(lsn('bytes')).toBe('"MC8xNg=="')
    expect(lsn('base64')).toBe('"MC8xNg=="')
    expect(lsn('hex')).toBe('"302f3136"')
    const circle = knownType('circle', { options: { includeUnknown: true, binary: 'hex' } })
    expect(Buffer.from(JSON.parse(cellJson(circle, '<(1,-2.5e-20),1e+300>')), 'hex').toString()).toBe(
      '<(1.0,-2.5E-20),1.0E300>',
    )
  })

  test('a domain of a domain has the modifier and the NOT NULL of either', () => {
    const catalog = new TypeCatalog([
      pgType(1, 'outer', { kind: 'd', schema: 'public', base: 2 }),
      pgType(2, 'inner', { kind: 'd', schema: 'public', base: 3, baseModifier: 3, notNull: true }),
      pgType(3, 'timestamptz'),
    ])
    const column = {
      name: 'c',
      typeOid: 1,
      typeModifier: -1,
      notNull: false,
      identity: false,
      generated: false,
    }
    const type = columnType({ ...column, defaultExpression: 'now()' }, catalog, defaultTypeOptions)
    if (type === null) throw new Error('no mapping')
    expect(type.schema).toMatchObject({
      optional: false,
      hasDefault: false,
      name: 'io.debezium.time.ZonedTimestamp',
    })
    expect(cellJson(type, '2020-01-01 00:00:00.5+00')).toBe('"2020-01-01T00:00:00.500Z"')
  })

  test('propagated parameters come after the type’s own', () => {
    const catalog = new TypeCatalog([pgType(1, 'varbit')])
    const column = {
      name: 'c',
      typeOid: 1,
      typeModifier: 9,
      notNull: false,
      identity: false,
      generated: false,
    }
    const type = columnType({ ...column, defaultExpression: null }, catalog, defaultTypeOptions, { x: 'y' })
    expect(Object.entries(type?.schema.parameters ?? {})).toEqual([
      ['length', '9'],
      ['x', 'y'],
    ])
  })
})

test('the catalogue tells what it does not know, behind arrays and domains', () => {
  const catalog = new TypeCatalog([
    pgType(1, '_outer', { element: 2 }),
    pgType(2, 'outer', { kind: 'd', base: 3 }),
    pgType(4, 'int4'),
  ])
  expect(catalog.missing([1, 4, 5])).toEqual([3, 5])
  catalog.add([pgType(3, 'text'), pgType(5, 'text')])
  expect(catalog.missing([1, 4, 5])).toEqual([])
})
