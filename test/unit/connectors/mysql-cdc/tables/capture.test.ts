/** Which databases, tables and columns are captured. */
import { describe, expect, test } from 'vitest'
import { captureOf } from './schema-stage.ts'

const id = (path: string) => {
  const [database = '', table = ''] = path.split('.')
  return { database, table }
}

describe('tables', () => {
  test('all but those of the server itself', () => {
    const capture = captureOf({})
    expect(capture.table(id('shop.t'))).toBe(true)
    for (const path of ['mysql.user', 'sys.x', 'performance_schema.y', 'INFORMATION_SCHEMA.tables'])
      expect([path, capture.table(id(path))]).toEqual([path, false])
    expect(captureOf({ 'table.ignore.builtin': false }).table(id('mysql.user'))).toBe(true)
  })

  test('by database, and by table within them, in any case', () => {
    const capture = captureOf({
      'database.include.list': 'shop,s_.*',
      'table.exclude.list': String.raw`shop\.tmp_.*`,
    })
    expect(capture.table(id('Shop.Orders'))).toBe(true)
    expect(capture.table(id('s_2.tmp_a'))).toBe(true)
    expect(capture.table(id('shop.tmp_a'))).toBe(false)
    expect(capture.table(id('other.t'))).toBe(false)
    expect(capture.database('other')).toBe(false)
  })

  test('the table of signals whatever the lists say', () => {
    const capture = captureOf({
      'table.include.list': 'shop.orders',
      'signal.data.collection': 'ops.signals',
    })
    expect(capture.table(id('ops.signals'))).toBe(true)
    expect(capture.table(id('ops.others'))).toBe(false)
  })

  test('in the order of the entries that they match', () => {
    const capture = captureOf({ 'table.include.list': String.raw`a\.z,a\..*` })
    expect(['a.z', 'a.b', 'b.c'].map((path) => capture.rank(id(path)))).toEqual([0, 1, -1])
  })
})

test('columns are chosen, told and made keys by their whole path', () => {
  const capture = captureOf({
    'column.exclude.list': String.raw`shop\.t\.secret`,
    'column.propagate.source.type': String.raw`shop\.t\.a`,
    'datatype.propagate.source.type': String.raw`shop\..*\.BIGINT UNSIGNED`,
    'message.key.columns': 'shop.t:b,a',
  })
  const table = id('shop.t')
  expect(['secret', 'a'].map((column) => capture.column(table, column))).toEqual([false, true])
  expect(capture.tellsType(table, 'a', 'INT')).toBe(true)
  expect(capture.tellsType(table, 'b', 'INT')).toBe(false)
  expect(capture.tellsType(table, 'b', 'BIGINT UNSIGNED')).toBe(true)
  expect(capture.ruledKey(table, ['a', 'b', 'c'])).toEqual(['b', 'a'])
  expect(capture.ruledKey(id('shop.u'), ['a', 'b'])).toBeNull()
})

test('what is recorded of DDL follows the lists', () => {
  const { ddl } = captureOf({
    'table.include.list': 'shop.t',
    'schema.history.internal.store.only.captured.tables.ddl': true,
  })
  expect([ddl.onlyTables, ddl.onlyDatabases]).toEqual([true, false])
  expect([ddl.hasTable(id('shop.t')), ddl.hasTable(id('shop.u')), ddl.hasDatabase('shop')]).toEqual([
    true,
    false,
    true,
  ])
})
