import { expect, test } from 'vitest'
import { type TableLevel, topicNames, type TopicSettings } from '#cdc'

const settings: TopicSettings = {
  'topic.prefix': 'p_x',
  'topic.delimiter': '.',
  'topic.heartbeat.prefix': '__debezium-heartbeat',
  'topic.heartbeat.name': null,
  'topic.transaction': 'transaction',
}
const named = (strategy: string, more: Partial<TopicSettings> = {}, native: TableLevel = 'Schema') =>
  topicNames({ ...settings, ...more, 'topic.naming.strategy': `io.debezium.schema.${strategy}` }, native)

test('the level that a strategy names counts, the other one is left out', () => {
  expect(named('SchemaTopicNamingStrategy').table('s', 't ä')).toBe('p_x.s.t__')
  expect(named('DefaultTopicNamingStrategy').table('s', 't')).toBe('p_x.t')
  expect(named('DefaultTopicNamingStrategy', {}, 'Default').table('db', 't')).toBe('p_x.db.t')
  expect(topicNames(settings).transaction).toBe('p_x.transaction')
})

test('unicode strategies escape the whole name, the underscore too', () => {
  const names = named('DefaultUnicodeTopicNamingStrategy', {}, 'Default')
  expect(names.table('db', 'ü t-1')).toBe('p_u005fx.db._u00fc_u0020t-1')
  expect(names.keyField('db', 't')).toBeNull()
})

test('regex strategies: tables share a topic, and the key tells them apart (recorded)', () => {
  const names = named(
    'DefaultRegexTopicNamingStrategy',
    {
      'topic.regex': '(.*)\\.customers_shard_(\\d+)',
      'topic.replacement': '$1.all_customers',
      'topic.key.field.name': 'shard',
      'topic.key.field.regex': '(.*)\\.customers_shard_(\\d+)',
      'topic.key.field.replacement': 's$2',
    },
    'Default',
  )
  expect(names.table('d', 'customers_shard_1')).toBe('p_x.d.all_customers')
  expect(names.keyField('d', 'customers_shard_1')).toEqual({ name: 'shard', value: 's1' })
  expect(names.table('d', 'customers_shard_x')).toBe('p_x.d.customers_shard_x')
  expect(names.keyField('d', 'customers_shard_x')?.value).toBe('p_x.d.customers_shard_x')
})

test('regex strategies: defaults of the key field, and none where keys need not differ', () => {
  const regex = { 'topic.regex': '.*', 'topic.replacement': 'all' }
  expect(named('SchemaRegexTopicNamingStrategy', regex).keyField('s', 't')).toEqual({
    name: '__dbz__physicalTableIdentifier',
    value: 'p_x.s.t',
  })
  const same = { ...regex, 'topic.key.enforce.uniqueness': false }
  expect(named('SchemaRegexTopicNamingStrategy', same).keyField('s', 't')).toBeNull()
})

test('regex strategies: what is missing or impossible is told by name', () => {
  expect(() => named('SchemaRegexTopicNamingStrategy')).toThrow(/topic\.regex must be set/)
  expect(() => named('SchemaRegexTopicNamingStrategy', { 'topic.regex': '.*' })).toThrow(/topic\.replacement/)
  const group = { 'topic.regex': 'a', 'topic.replacement': '$3' }
  expect(() => named('SchemaRegexTopicNamingStrategy', group)).toThrow(/topic\.replacement/)
})
