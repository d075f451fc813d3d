/** The values that Debezium 3.6 recorded (mysql-converters), and what it gets wrong. */
import { describe, expect, test } from 'vitest'
import { cellValue, columnConverter, converterProblems } from '#cdc'
import { columnType } from '../../../../../connectors/mysql-cdc/column-types/column-type.ts'
import type { DeclaredColumn } from '../../../../../connectors/mysql-cdc/column-types/declared-column.ts'
import { defaultTypeOptions } from '../../../../../connectors/mysql-cdc/column-types/options.ts'
import { converterClasses } from '../../../../../connectors/mysql-cdc/converters/index.ts'
import { columnTypes as T } from '../../../../../connectors/mysql-cdc/decode/log-columns.ts'
import type { LogColumn } from '../../../../../connectors/mysql-cdc/decode/table-map.ts'

const java = (name: string) => `io.debezium.connector.binlog.converters.${name}`
const convert = columnConverter(
  {
    converters: 'tinybool, zero,sink',
    'tinybool.type': java('TinyIntOneToBooleanConverter'),
    'tinybool.selector': '.*\\.t\\.(b1|b2|b3|bo|unsigned1)',
    'zero.type': java('ZeroDateFallbackConverter'),
    'zero.target.types': 'date,datetime,timestamp',
    'zero.fallback.date': '1970-01-02',
    'zero.fallback.datetime': '1970-01-02 03:04:05',
    'zero.fallback.timestamp': '1970-01-02T03:04:05Z',
    'zero.column.d.z.own.fallback': '2000-01-01',
    'zero.column.d.z.none.fallback': 'NULL',
    'sink.type': java('JdbcSinkDataTypesConverter'),
    'sink.selector.boolean': '.*\\.s\\.bo.*',
    'sink.selector.real': '.*\\.s\\.r.*',
    'sink.selector.string': '.*\\.s\\.st.*',
  },
  converterClasses,
)

function declared(name: string, declaredType: string, more: Partial<DeclaredColumn> = {}): DeclaredColumn {
  const plain = { length: null, scale: null, charset: null, labels: [], optional: true, default: null }
  return { ...plain, name, declaredType, ...more }
}

const make = (column: DeclaredColumn) => columnType(column, defaultTypeOptions)

function converted(table: string, column: DeclaredColumn) {
  return convert(`d.${table}.${column.name}`, column, make) ?? null
}

/** What each text is read as; NULL as what stands for it. */
function texts(table: string, column: DeclaredColumn, ...values: readonly (string | null)[]) {
  const type = (converted(table, column) ?? make(column)).text
  return values.map((text) => {
    if (text === null) return type.ofNull ?? null
    const bytes = Buffer.from(text)
    return cellValue(type, bytes, 0, bytes.length)
  })
}

const logged = (type: number, size = 0): LogColumn => ({
  ...{ type, size, scale: 0, width: 1, nullable: true, unsigned: null, name: null, collation: null },
  ...{ labels: null, geometryType: null, visible: null, dimensions: null },
})

describe('TinyIntOneToBooleanConverter', () => {
  const one = { length: 1 }

  test('TINYINT(1) is whether it is above 0', () => {
    expect(texts('t', declared('b1', 'TINYINT', one), '0', '1', '5', '-1', null)).toEqual([
      ...[false, true, true, false, null],
    ])
    const [log, bytes] = [
      converted('t', declared('b1', 'TINYINT', one))?.log(logged(T.TINY)),
      Buffer.from([0xff, 5]),
    ]
    expect(log && [cellValue(log, bytes, 0, 1), cellValue(log, bytes, 1, 2)]).toEqual([false, true])
  })

  test('the default is a boolean as well', () => {
    const column = declared('b2', 'TINYINT', {
      ...one,
      optional: false,
      default: { kind: 'number', text: '1' },
    })
    const { schema, fallback } = converted('t', column)?.text ?? make(column).text
    expect([schema.type, schema.optional, schema.default, fallback]).toEqual(['boolean', false, true, true])
  })

  test('other widths, other columns and types stay', () => {
    expect(converted('t', declared('b3', 'TINYINT', { length: 2 }))).toBeNull()
    expect(converted('t', declared('other', 'TINYINT', one))).toBeNull()
    expect(converted('t', declared('b1', 'INT', one))).toBeNull()
  })
})

describe('ZeroDateFallbackConverter', () => {
  test('zero dates and NULL are the fallback', () => {
    expect(texts('z', declared('d', 'DATE'), '0000-00-00', '2020-01-01', null)).toEqual([1, 18262, 1])
    const dt = declared('dt', 'DATETIME', { length: 3 })
    expect(texts('z', dt, '2020-01-01 01:02:03.456', null)).toEqual([1577840523456n, 97445000n])
    expect(texts('z', declared('ts', 'TIMESTAMP'), '0000-00-00 00:00:00', null)).toEqual([
      ...['1970-01-02T03:04:05Z', '1970-01-02T03:04:05Z'],
    ])
  })

  test('so is a zero default; the epoch is no zero date', () => {
    const literal = { kind: 'text', text: '0000-00-00' } as const
    const column = declared('dn', 'DATE', { optional: false, default: literal })
    const { schema } = converted('z', column)?.text ?? make(column).text
    expect([schema.optional, schema.default]).toEqual([false, 1])
    expect(texts('z', column, '2020-00-01', '1970-01-01', '0000-00-00')).toEqual([1, 0, 1])
  })

  test('a column has a fallback of its own, or null', () => {
    expect(texts('z', declared('own', 'DATE'), '0000-00-00')).toEqual([10957])
    const none = declared('none', 'DATE', { optional: false })
    expect(texts('z', none, '0000-00-00')).toEqual([null])
    expect(converted('z', none)?.text.schema.optional).toBe(true)
  })
})

describe('JdbcSinkDataTypesConverter', () => {
  test('booleans are int16; a bit of the log is what it is, where Debezium has 0', () => {
    expect(texts('s', declared('bo', 'TINYINT', { length: 1 }), '1', null)).toEqual([1, null])
    const bit = converted('s', declared('bo_bit', 'BIT', { length: 1 }))?.log(logged(T.BIT, 1))
    expect(bit && cellValue(bit, Buffer.from([1]), 0, 1)).toBe(1)
    expect(bit?.schema.type).toBe('int16')
  })

  test('real numbers are float64', () => {
    const real = declared('r_f', 'FLOAT')
    expect(converted('s', real)?.text.schema.type).toBe('float64')
    expect(texts('s', real, '1.1')).toEqual([1.100000023841858])
  })

  test('texts tell their character set', () => {
    const { schema } = converted('s', declared('st_c', 'CHAR', { length: 3, charset: 'latin1' }))?.text ?? {}
    expect(schema?.parameters).toEqual({ '__debezium.source.column.character_set': 'latin1' })
  })
})

test('what is wrong is told by name', () => {
  const problems = converterProblems(
    {
      converters: 'a,b,c,d',
      'a.type': 'com.example.MyConverter',
      'c.type': java('TinyIntOneToBooleanConverter'),
      'c.selector': '(',
      'c.typo': 'x',
      'd.type': java('JdbcSinkDataTypesConverter'),
    },
    converterClasses,
  )
  expect(problems.map(({ field }) => field)).toEqual(['a.type', 'b.type', 'c.typo', 'c.selector'])
  expect(problems[0]?.message).toContain('com.example.MyConverter')
  const zero = { converters: 'z', 'z.type': java('ZeroDateFallbackConverter'), 'z.fallback.date': '1.2.2000' }
  expect(converterProblems(zero, converterClasses)[0]?.message).toMatch(/z\.fallback\.date/)
})
