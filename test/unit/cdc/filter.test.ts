import { expect, test } from 'vitest'
import {
  listEntries,
  nameFilter,
  namePatterns,
  parseKeyRules,
  ruledKey,
  sanitizeTopic,
  topicNames,
} from '#cdc'

const filter = (include: string | null, exclude: string | null) =>
  nameFilter({
    includeProperty: 'table.include.list',
    include,
    excludeProperty: 'table.exclude.list',
    exclude,
  })

test('a list matches whole names in any case, and an escaped comma belongs to its entry', () => {
  expect(listEntries(' a.b , c\\,d ,,')).toEqual(['a.b', 'c,d'])
  const names = filter('public\\.(orders|items), Shop\\..*', null)
  expect(['public.orders', 'PUBLIC.ITEMS', 'shop.x', 'public.orders2', 'xpublic.orders'].map(names)).toEqual([
    ...[true, true, true],
    ...[false, false],
  ])
  expect(filter('x{1\\,2}', null)('xx')).toBe(true)
})

test('without lists everything passes; an exclude list takes away', () => {
  expect(filter(null, null)('any.thing')).toBe(true)
  expect(['a.b', 'a.tmp_1'].map(filter(null, '.*\\.tmp_\\d+'))).toEqual([true, false])
})

test('what is no expression is refused by the name of its property', () => {
  expect(() => namePatterns('table.include.list', 'a(b')).toThrow(/configuration table\.include\.list/)
})

test('key rules: the first that matches counts, in its own order, as far as the columns are there', () => {
  const rules = parseKeyRules('s.orders:b,a;s\\..*:x')
  expect(ruledKey(rules, 's.orders', ['a', 'b', 'c'])).toEqual(['b', 'a'])
  expect(ruledKey(rules, 's.other', ['x'])).toEqual(['x'])
  expect(ruledKey(rules, 's.other', ['y'])).toBeNull()
  expect(ruledKey(rules, 'q.t', ['x'])).toBeNull()
  expect(() => parseKeyRules('no colon')).toThrow(/message\.key\.columns/)
  expect(() => parseKeyRules('t:a,')).toThrow(/table:column,column/)
})

test('topics: every unit that Kafka does not allow becomes one underscore', () => {
  expect(sanitizeTopic('p.日本.a b-c_d')).toBe('p.__.a_b-c_d')
  expect(sanitizeTopic('p.😀')).toBe('p.__')
  expect(sanitizeTopic('x'.repeat(300))).toHaveLength(249)
  const names = topicNames({
    'topic.prefix': 'p',
    'topic.delimiter': '.',
    'topic.heartbeat.prefix': '__debezium-heartbeat',
    'topic.heartbeat.name': null,
    'topic.transaction': 'transaction',
  })
  expect(names.table('sch.dot', 'tab.le')).toBe('p.sch.dot.tab.le')
  expect(names.heartbeat).toBe('__debezium-heartbeat.p')
  expect(names.message).toBe('p.message')
})
