import { expect, test } from 'vitest'
import { debeziumJdbcSink } from '../../../../connectors/jdbc/debezium-sink.ts'
import { aivenJdbcSink, jdbcSink } from '../../../../connectors/jdbc/sink.ts'
import {
  formatCollection,
  normalized,
  parseMapping,
  parseTableName,
} from '../../../../connectors/jdbc/table-names.ts'
import { type SinkPlugin, validateConfig } from '#plugin'

const never = new AbortController().signal
const url = 'jdbc:sqlite::memory:'

async function problems(plugin: SinkPlugin, config: Record<string, string>): Promise<unknown> {
  return plugin.check?.({ 'connection.url': url, topics: 't', ...config }, never)
}

test.each([
  ['t', null, 't', false],
  ['s.t', 's', 't', false],
  ['c.s.t', 's', 't', false],
  ['a.b.c.d', 'a', 'b', false],
  ['"a.b"', null, 'a.b', true],
  ['s."My ""T"""', 's', 'My "T"', true],
  ['`d`.`t`', 'd', 't', true],
  ['My Table', null, 'My Table', false],
])('%s names a table', (text, schema, table, quoted) => {
  expect(parseTableName(text)).toEqual({ name: { schema, table }, quoted })
})

test('names from topics', () => {
  expect(normalized('shop.a-B')).toBe('shop_a_B')
  expect([...parseMapping(['a.b:t1', 'c : t2'])]).toEqual([
    ['a.b', 't1'],
    ['c', 't2'],
  ])
  expect(() => parseMapping(['nothing'])).toThrow(/topics\.to\.tables\.mapping/)
  expect(formatCollection(`x.\${source.db}_\${topic}`, 'a_b', (field) => `<${field}>`)).toBe('x.<db>_a_b')
  expect(formatCollection(`\${source.db}`, 'a', null)).toBeNull()
})

test('settings that contradict each other are named', async () => {
  expect(await problems(jdbcSink, { 'delete.enabled': 'true' })).toEqual([
    { field: 'delete.enabled', message: 'Deletes are only supported for pk.mode record_key' },
    { field: 'pk.mode', message: 'Deletes are only supported for pk.mode record_key' },
  ])
  expect(await problems(jdbcSink, { 'insert.mode': 'upsert' })).toEqual([
    {
      field: 'pk.mode',
      message: 'insert.mode upsert needs a key: set pk.mode to record_key, record_value or kafka',
    },
  ])
  expect(await problems(jdbcSink, { 'jdbc.credentials.provider.class': 'com.example.Vault' })).toHaveLength(1)
  expect(await problems(debeziumJdbcSink, { 'delete.enabled': 'true' })).toHaveLength(1)
  expect(await problems(debeziumJdbcSink, {})).toEqual([])
  expect(await problems(aivenJdbcSink, { 'table.name.normalize': 'true' })).toEqual([])
})

test('a database that does not answer is a problem of the URL, without its password', async () => {
  const answer = await problems(jdbcSink, {
    'connection.url': 'jdbc:sqlite:/nowhere/at/all.db',
    'connection.password': 'hidden',
  })
  expect(answer).toEqual([
    { field: 'connection.url', message: expect.stringMatching(/^Could not connect to database\. /) },
  ])
  expect(JSON.stringify(answer)).not.toContain('hidden')
})

test('without any property Debezium’s sink has no error, Confluent’s misses its URL', () => {
  const errorsOf = (plugin: SinkPlugin) =>
    validateConfig(plugin.config, {})
      .filter(({ errors }) => errors.length > 0)
      .map(({ name }) => name)
  expect(errorsOf(debeziumJdbcSink)).toEqual([])
  expect(errorsOf(jdbcSink)).toEqual(['connection.url'])
  expect(errorsOf(aivenJdbcSink)).toEqual(['connection.url'])
})
