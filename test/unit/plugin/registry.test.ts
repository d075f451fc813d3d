import { expect, test } from 'vitest'
import {
  connectorFields,
  createRegistry,
  definitions,
  groups,
  hashMapOrder,
  type Plugin,
  type PluginEntry,
  type PluginKind,
  regex,
  string,
  transformFields,
  validateConfig,
} from '#plugin'

function entry(kind: PluginKind, javaClass: string, aliases: string[] = [], config = {}): PluginEntry {
  const plugin = { kind, javaClass, aliases, version: '1.0', config } as unknown as Plugin
  return { kind, javaClass, aliases, version: '1.0', load: async () => plugin }
}

const router = 'org.apache.kafka.connect.transforms.RegexRouter'
const insert = 'org.apache.kafka.connect.transforms.InsertField'
const json = 'org.apache.kafka.connect.json.JsonConverter'
const routerConfig = {
  regex: string({ doc: 'd', validate: regex, importance: 'HIGH' }),
  replacement: string({ doc: 'd', importance: 'HIGH' }),
}
const entries = [
  entry('source', 'org.apache.kafka.connect.file.FileStreamSourceConnector', ['file-source']),
  entry('source', 'io.confluent.connect.jdbc.JdbcSourceConnector', ['jdbc-source']),
  entry('sink', 'io.confluent.connect.jdbc.JdbcSinkConnector', ['jdbc-sink', 'JdbcSinkConnector']),
  entry('sink', 'io.debezium.connector.jdbc.JdbcSinkConnector', ['debezium-jdbc-sink']),
  entry('transformation', router, [], routerConfig),
  entry('transformation', `${insert}$Key`),
  entry('transformation', `${insert}$Value`),
  entry('predicate', 'org.apache.kafka.connect.transforms.predicates.RecordIsTombstone'),
  entry('converter', json, ['json']),
  entry('header_converter', 'org.apache.kafka.connect.storage.SimpleHeaderConverter'),
]
const registry = createRegistry(entries)

test.each([
  ['source', 'org.apache.kafka.connect.file.FileStreamSourceConnector', 0],
  ['source', 'FileStreamSourceConnector', 0],
  ['source', 'FileStreamSource', 0],
  ['source', 'file-source', 0],
  ['sink', 'JdbcSinkConnector', 2],
  ['transformation', 'RegexRouter', 4],
  ['transformation', `${insert}$Value`, 6],
  ['converter', 'JsonConverter', 8],
  ['converter', 'Json', 8],
  ['header_converter', 'Json', 8],
  ['header_converter', 'Simple', 9],
] as const)('a %s is found as %s', (kind, name, index) => {
  expect(registry.find(kind, name)).toBe(entries[index])
})

test.each([
  ['source', 'filestreamsource'],
  ['source', 'FileStreamSource '],
  ['transformation', 'Value'],
  ['transformation', 'InsertField$Value'],
  ['sink', 'JdbcSink'],
  ['converter', 'SimpleHeaderConverter'],
] as const)('no %s is called %s', (kind, name) => {
  expect(registry.find(kind, name)).toBeNull()
})

test('an unknown connector is told with those there are', async () => {
  await expect(registry.connector('nope')).rejects.toThrow(
    'Failed to find any class that implements Connector and which name matches nope, available connectors are: ' +
      "PluginDesc{klass=class io.confluent.connect.jdbc.JdbcSinkConnector, name='io.confluent.connect.jdbc.JdbcSinkConnector', " +
      "version='1.0', encodedVersion=1.0, type=sink, typeName='sink', location='classpath'}, PluginDesc{",
  )
  await expect(registry.connector('JdbcSink')).rejects.toThrow(
    'More than one connector matches alias JdbcSink. Please use full package and class name instead. ' +
      'Classes found: io.confluent.connect.jdbc.JdbcSinkConnector, io.debezium.connector.jdbc.JdbcSinkConnector',
  )
})

test('the list has sinks first, converters twice', () => {
  expect(registry.list().map((row) => `${row.type} ${row.class.split('.').at(-1)}`)).toEqual([
    'sink JdbcSinkConnector',
    'sink JdbcSinkConnector',
    'source JdbcSourceConnector',
    'source FileStreamSourceConnector',
    'transformation InsertField$Key',
    'transformation InsertField$Value',
    'transformation RegexRouter',
    'predicate RecordIsTombstone',
    'converter JsonConverter',
    'header_converter JsonConverter',
    'header_converter SimpleHeaderConverter',
  ])
})

test('two plugins of one name are a fault of the tables', () => {
  expect(() => createRegistry([entry('converter', 'a.B', ['x']), entry('converter', 'a.C', ['x'])])).toThrow(
    'two plugins of the kind converter are called x',
  )
})

const worker = { 'key.converter': json, 'value.converter': json, 'header.converter': 'SimpleHeaderConverter' }

test('common properties come in the order and groups of Connect', () => {
  const fields = connectorFields('source', { registry, worker })
  expect(Object.keys(fields)).toEqual([
    'name',
    'connector.class',
    'connector.plugin.version',
    'tasks.max',
    'tasks.max.enforce',
    'key.converter',
    'key.converter.plugin.version',
    'value.converter',
    'value.converter.plugin.version',
    'header.converter',
    'header.converter.plugin.version',
    'transforms',
    'predicates',
    'config.action.reload',
    'errors.retry.timeout',
    'errors.retry.delay.max.ms',
    'errors.tolerance',
    'errors.log.enable',
    'errors.log.include.messages',
    'topic.creation.groups',
    'exactly.once.support',
    'transaction.boundary',
    'transaction.boundary.interval.ms',
    'offsets.storage.topic',
  ])
  expect(groups(fields)).toEqual([
    'Common',
    'Transforms',
    'Predicates',
    'Error Handling',
    'Topic Creation',
    'Exactly Once Support',
    'offsets.topic',
  ])
  const { documentation: _, ...shown } = definitions(fields)[3] ?? { documentation: '' }
  expect(JSON.stringify(shown)).toBe(
    '{"name":"tasks.max","type":"INT","required":false,"default_value":"1","importance":"HIGH","group":"Common",' +
      '"order_in_group":4,"width":"SHORT","display_name":"Tasks max","dependents":[]}',
  )
})

test.each([
  [
    'nope.Nope',
    null,
    'Invalid value nope.Nope for configuration value.converter: Class nope.Nope could not be found.',
  ],
  ['', null, 'Invalid value  for configuration value.converter: Class  could not be found.'],
  [
    'SimpleHeaderConverter',
    'org.apache.kafka.connect.storage.SimpleHeaderConverter',
    'Class class org.apache.kafka.connect.storage.SimpleHeaderConverter does not implement the Converter interface',
  ],
  ['json', json, undefined],
])('value.converter=%s', (text, value, error) => {
  const raw = { 'value.converter': text }
  const found = validateConfig(connectorFields('source', { registry, worker, config: raw }), raw)
  const shown = found.find((each) => each.name === 'value.converter')
  expect(shown?.value).toBe(value)
  expect(shown?.errors).toEqual(error === undefined ? [] : [error])
})

async function chain(raw: Record<string, string>) {
  const values = validateConfig(await transformFields(raw, registry), raw)
  return Object.fromEntries(values.map((value) => [value.name, value.errors]))
}

test('transforms bring their own properties, with messages as Connect has them', async () => {
  expect(await chain({ transforms: 'a', 'transforms.a.type': 'RegexRouter' })).toEqual({
    'transforms.a.type': [],
    'transforms.a.plugin.version': [],
    'transforms.a.regex': [
      'Missing required configuration "transforms.a.regex" which has no default value.',
      'Invalid value null for configuration regex: Invalid regex: null',
    ],
    'transforms.a.replacement': [
      'Missing required configuration "transforms.a.replacement" which has no default value.',
    ],
    'transforms.a.negate': [],
    'transforms.a.predicate': [],
  })
})

test('types of transforms that cannot be', async () => {
  expect(await chain({ transforms: 'a' })).toEqual({
    'transforms.a.type': ['Missing required configuration "transforms.a.type" which has no default value.'],
    'transforms.a.plugin.version': [],
  })
  expect((await chain({ transforms: 'a', 'transforms.a.type': insert }))['transforms.a.type']).toEqual([
    `This class is abstract and cannot be created. Did you mean ${insert}$Key, ${insert}$Value?`,
  ])
  expect((await chain({ predicates: 'p', 'predicates.p.type': 'RegexRouter' }))['predicates.p.type']).toEqual(
    [`Class class ${router} does not implement the Predicate interface`],
  )
  const negated = { transforms: 'a', 'transforms.a.type': `${insert}$Key`, 'transforms.a.negate': 'true' }
  expect((await chain(negated))['transforms.a.type']).toEqual([
    "Config 'transforms.a.negate' was provided but there is no config 'transforms.a.predicate' defining a predicate to be negated.",
  ])
})

test('a version that is not there', async () => {
  const raw = { transforms: 'a', 'transforms.a.type': router, 'transforms.a.plugin.version': '9.9' }
  expect((await chain(raw))['transforms.a.plugin.version']).toEqual([
    `Plugin ${router} not found that matches the version range [9.9,9.9], available versions: [1.0]`,
  ])
  expect(
    (await chain({ ...raw, 'transforms.a.plugin.version': '[0.9,2)' }))['transforms.a.plugin.version'],
  ).toEqual([])
})

test('keys in the order of a Java HashMap', () => {
  const keys = [
    'schemas.enable',
    'schemas.cache.size',
    'schema.content',
    'decimal.format',
    'replace.null.with.default',
  ]
  expect(hashMapOrder(['converter.type', ...keys])).toEqual([
    'decimal.format',
    'converter.type',
    'schemas.cache.size',
    'replace.null.with.default',
    'schemas.enable',
    'schema.content',
  ])
})
