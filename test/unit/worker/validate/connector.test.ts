import { expect, test } from 'vitest'
import { connectors } from '#connectors'
import {
  atLeast,
  type ConfigFields,
  type ConfigProblem,
  createRegistry,
  enumeration,
  int,
  nonEmpty,
  type Plugin,
  type PluginEntry,
  password,
  type RawConfig,
  type SinkPlugin,
  string,
  type SubmittedConfig,
} from '#plugin'
import { validateConnector } from '../../../../src/worker/validate/index.ts'

const doc = 'x'
const entryOf = (plugin: Plugin): PluginEntry => ({ ...plugin, load: async () => plugin })

const converter = entryOf({
  kind: 'converter',
  javaClass: 'org.apache.kafka.connect.json.JsonConverter',
  aliases: ['json'],
  version: '4.3.0',
  config: {
    'converter.type': string({ doc, importance: 'LOW' }),
    'schemas.enable': enumeration({ values: ['true', 'false'], default: 'true', doc, group: 'Schemas' }),
    'decimal.format': string({ default: 'BASE64', doc, group: 'Serialization' }),
  },
  create: () => {
    throw new Error('not needed')
  },
})

const router = entryOf({
  kind: 'transformation',
  javaClass: 'org.apache.kafka.connect.transforms.RegexRouter',
  aliases: [],
  version: '4.3.0',
  config: { regex: string({ doc, importance: 'HIGH', validate: nonEmpty }) },
  create: () => (record) => record,
})

const checked: { config: RawConfig | null; problems: ConfigProblem[] } = { config: null, problems: [] }
const own: ConfigFields = {
  size: int({ default: 1, validate: atLeast(1), doc, group: 'Own' }),
  token: password({ default: null, doc }),
  'tasks.max': int({ default: 3, doc }),
  hidden: string({
    default: null,
    doc,
    internal: true,
    validate: (value) => (value === 'bad' ? 'no good' : null),
  }),
}
const checking: SinkPlugin = {
  kind: 'sink',
  javaClass: 'x.CheckingSinkConnector',
  aliases: ['checking'],
  taskClass: 'x.Task',
  version: '1',
  config: own,
  check: async (config) => {
    checked.config = config
    return checked.problems
  },
  taskConfigs: () => [],
  open: async () => {
    throw new Error('not needed')
  },
}

const registry = createRegistry([...connectors, converter, router, entryOf(checking)])
const worker: RawConfig = { 'group.id': 'workers', 'value.converter': 'JsonConverter' }
const { signal } = new AbortController()
const source = { 'connector.class': 'FileStreamSource', name: 'c', topic: 't' }
const sink = { 'connector.class': 'checking', name: 'c', topics: 't' }

const validate = (config: SubmittedConfig, properties: RawConfig = worker) =>
  validateConnector(registry, properties, config, signal)

/** Errors by property, in the order of the answer. */
async function errorsOf(
  config: SubmittedConfig,
  properties?: RawConfig,
): Promise<Record<string, readonly string[]>> {
  const { configs, error_count: count } = await validate(config, properties)
  const faulty = configs.filter(({ value }) => value.errors.length > 0)
  expect(faulty.flatMap(({ value }) => value.errors)).toHaveLength(count)
  return Object.fromEntries(faulty.map(({ value }) => [value.name, value.errors]))
}

const rowOf = async (config: SubmittedConfig, name: string) =>
  (await validate(config)).configs.find(({ value }) => value.name === name)

test('a valid source: common properties, then its own, with the class as it was typed', async () => {
  const { name, error_count: count, groups, configs } = await validate(source)
  expect([name, count]).toEqual(['FileStreamSource', 0])
  expect(groups).toEqual([
    'Common',
    'Transforms',
    'Predicates',
    'Error Handling',
    'Topic Creation',
    'Exactly Once Support',
    'offsets.topic',
  ])
  const names = configs.map(({ value }) => value.name)
  expect(names.slice(0, 4)).toEqual(['name', 'connector.class', 'connector.plugin.version', 'tasks.max'])
  expect(names.slice(-3)).toEqual(['file', 'topic', 'batch.size'])
  expect(names).toHaveLength(27)
})

test('a definition has the fields that Connect gives it, in its order', async () => {
  const row = await rowOf(source, 'batch.size')
  expect(JSON.stringify({ ...row?.definition, documentation: '' })).toBe(
    '{"name":"batch.size","type":"INT","required":false,"default_value":"2000","importance":"LOW",' +
      '"documentation":"","group":null,"order_in_group":-1,"width":"NONE","display_name":"batch.size","dependents":[]}',
  )
  expect(JSON.stringify(row?.value)).toBe(
    '{"name":"batch.size","value":"2000","recommended_values":[],"errors":[],"visible":true}',
  )
})

test('no class is refused with the map as Java prints it, and without secrets', async () => {
  const refused = validate({
    name: 'rt-v',
    topic: 't',
    file: '/tmp/a',
    'tasks.max': '1',
    'db.password': 'geheim',
  })
  await expect(refused).rejects.toMatchObject({ status: 400 })
  await expect(refused).rejects.toThrow(/^Connector config \{.*tasks\.max=1.*\} contains no connector type$/)
  await expect(refused).rejects.not.toThrow(/geheim/)
  await expect(validate({ name: 'rt-v', 'tasks.max': '1', file: '/tmp/a', topic: 't' })).rejects.toThrow(
    'Connector config {name=rt-v, topic=t, file=/tmp/a, tasks.max=1} contains no connector type',
  )
  await expect(validate({ 'connector.class': null })).rejects.toThrow(
    'Connector config {connector.class=null}',
  )
})

test('an unknown class is a 400 that says which there are', async () => {
  await expect(validate({ 'connector.class': 'nope.Nope' })).rejects.toMatchObject({
    status: 400,
    message: expect.stringMatching(
      /^Failed to find any class .* matches nope\.Nope, available connectors are: /,
    ),
  })
})

test('nulls: said of every property but the connector’s own', async () => {
  expect(await errorsOf({ ...source, file: null, 'tasks.max': null, unknown: null })).toEqual({
    unknown: ['Null value can not be supplied as the configuration value.'],
    'tasks.max': [
      'Invalid value null for configuration tasks.max: Value must be non-null',
      'Null value can not be supplied as the configuration value.',
    ],
  })
  const { configs } = await validate({ ...source, unknown: null })
  expect(configs[0]).toMatchObject({ definition: null, value: { name: 'unknown', value: null } })
})

test('unknown properties with a value pass in silence', async () => {
  expect(await rowOf({ ...source, unknown: 'x' }, 'unknown')).toBeUndefined()
})

test('a sink names its topics one way', async () => {
  const { topics: _, ...bare } = sink
  const none = 'Must configure one of topics or topics.regex'
  expect(await errorsOf(bare)).toEqual({ topics: [none], 'topics.regex': [none] })
  const both = 'topics and topics.regex are mutually exclusive options, but both are set.'
  expect(await errorsOf({ ...sink, 'topics.regex': 'a' })).toEqual({ topics: [both], 'topics.regex': [both] })
})

test('a sink does not read its dead letters', async () => {
  const dlq = { 'errors.deadletterqueue.topic.name': 'd' }
  expect(await errorsOf({ ...sink, ...dlq, topics: 'a, d' })).toEqual({
    topics: [
      "The DLQ topic 'd' may not be included in the list of topics ('topics=[a, d]') consumed by the connector",
    ],
  })
  expect(await errorsOf({ ...sink, ...dlq, topics: '', 'topics.regex': '[c-e]' })).toEqual({
    'topics.regex': [
      "The DLQ topic 'd' may not be matched by the regex for the topics ('topics.regex=[c-e]') consumed by the connector",
    ],
  })
})

test('a sink does not join the workers’ group', async () => {
  expect(await errorsOf({ ...sink, name: 'c' }, { ...worker, 'group.id': 'connect-c' })).toEqual({
    name: ['Consumer group for sink connector named c conflicts with Connect worker group connect-c'],
  })
  const { configs, error_count: count } = await validate({ ...sink, 'consumer.override.group.id': 'workers' })
  expect(count).toBe(1)
  expect(configs[0]).toMatchObject({
    definition: null,
    value: {
      name: 'consumer.override.group.id',
      value: 'workers',
      errors: ['Consumer group workers conflicts with Connect worker group workers'],
    },
  })
  expect(configs.at(-1)).toMatchObject({
    definition: { name: 'consumer.override.group.id' },
    value: { errors: [] },
  })
})

test('exactly once is required only of a worker that has it', async () => {
  const required = { ...source, file: '/in', 'exactly.once.support': 'REQUIRED' }
  expect(await errorsOf(required)).toEqual({
    'exactly.once.support': ['This worker does not have exactly-once source support enabled.'],
  })
  expect(await errorsOf(required, { ...worker, 'exactly.once.source.support': 'enabled' })).toEqual({})
  expect(Object.keys(await errorsOf({ ...source, 'transaction.boundary': 'connector' }))).toEqual([
    'transaction.boundary',
  ])
})

test('overrides are listed for the clients that are used, secrets hidden, numbers read', async () => {
  const { configs } = await validate({
    ...source,
    'producer.override.acks': '1',
    'producer.override.sasl.jaas.config': 'geheim',
    'producer.override.nope': 'x',
    'consumer.override.group.id': 'g',
    'admin.override.retries': 'x',
  })
  expect(
    configs.slice(27).map(({ definition, value }) => [value.name, definition?.['type'] ?? null, value.value]),
  ).toEqual([
    ['producer.override.nope', null, 'x'],
    ['producer.override.acks', 'STRING', '1'],
    ['producer.override.sasl.jaas.config', 'PASSWORD', '[hidden]'],
  ])
  const bad = validate({ ...source, 'topic.creation.groups': '', 'admin.override.retries': 'x' })
  await expect(bad).rejects.toMatchObject({
    status: 500,
    message:
      'org.apache.kafka.common.config.ConfigException: Invalid value x for configuration retries: Not a number of type INT',
  })
})

test('the worker’s policy decides what may be overridden', async () => {
  const config = { ...source, 'producer.override.acks': '1', 'producer.override.sasl.mechanism': 'PLAIN' }
  const policy = (name: string) => ({ ...worker, 'connector.client.config.override.policy': name })
  expect(await errorsOf(config, policy('Principal'))).toEqual({
    'producer.override.acks': [
      "The 'Principal' policy does not allow 'acks' to be overridden in the connector configuration.",
    ],
  })
  const javaName = 'org.apache.kafka.connect.connector.policy.NoneConnectorClientConfigOverridePolicy'
  expect(Object.keys(await errorsOf(config, policy(javaName)))).toHaveLength(2)
  await expect(validate(config, policy('Own'))).rejects.toThrow(/must be All, None, Principal or Allowlist/)
})

test('a converter that the connector names has a section', async () => {
  const config = { ...source, 'key.converter': 'json', 'key.converter.schemas.enable': 'maybe' }
  const { configs, groups } = await validate(config)
  expect(groups.slice(-2)).toEqual(expect.arrayContaining(['Schemas', 'Serialization']))
  const section = configs.slice(27)
  expect(section.map(({ value }) => [value.name, value.value]).sort()).toEqual([
    ['key.converter.converter.type', 'key'],
    ['key.converter.decimal.format', 'BASE64'],
    ['key.converter.schemas.enable', 'maybe'],
  ])
  expect(await errorsOf(config)).toEqual({
    'key.converter.schemas.enable': [
      'Invalid value maybe for configuration schemas.enable: String must be one of: true, false',
    ],
  })
  expect((await validate({ ...source, 'key.converter': 'nope' })).configs).toHaveLength(27)
})

test('versions: what is not there is said of class and version', async () => {
  const { configs, error_count: count } = await validate({ ...source, 'connector.plugin.version': '9.9' })
  expect([configs.length, count]).toEqual([19, 2])
  const chain = {
    transforms: 'a',
    'transforms.a.type': 'RegexRouter',
    'transforms.a.regex': '',
    'transforms.a.plugin.version': '1.0',
  }
  const message =
    'Plugin org.apache.kafka.connect.transforms.RegexRouter not found that matches the version range [1.0,1.0], available versions: [4.3.0]'
  expect(await errorsOf({ ...source, ...chain })).toEqual({
    'transforms.a.type': [message],
    'transforms.a.plugin.version': [message],
  })
})

test('transforms add their settings between the common properties and the connector’s', async () => {
  const { configs, groups } = await validate({
    ...source,
    transforms: 'a',
    'transforms.a.type': 'RegexRouter',
    'transforms.a.regex': 'x',
  })
  const names = configs.map(({ value }) => value.name)
  expect(names.indexOf('transforms.a.regex')).toBeGreaterThan(names.indexOf('offsets.storage.topic'))
  expect(names.indexOf('transforms.a.regex')).toBeLessThan(names.indexOf('file'))
  expect(groups).toContain('Transforms: a')
})

test('the connector’s own checks run on valid properties only, and may name any property', async () => {
  checked.problems = [
    { field: 'size', message: 'too much' },
    { field: 'elsewhere', message: 'odd' },
  ]
  expect(await errorsOf({ ...sink, size: '5' })).toEqual({ elsewhere: ['odd'], size: ['too much'] })
  expect(checked.config).toMatchObject({ size: '5' })
  checked.config = null
  expect(Object.keys(await errorsOf({ ...sink, size: '0' }))).toEqual(['size'])
  expect(checked.config).toBeNull()
  checked.problems = []
})

test('a connector may define a common property anew; internal ones show only what is wrong', async () => {
  expect(await rowOf(sink, 'tasks.max')).toMatchObject({
    definition: { default_value: '3' },
    value: { value: '3' },
  })
  expect(await rowOf(sink, 'hidden')).toBeUndefined()
  expect(await rowOf({ ...sink, hidden: 'bad' }, 'hidden')).toMatchObject({
    definition: null,
    value: { errors: ['Invalid value bad for configuration hidden: no good'] },
  })
  expect((await rowOf({ ...sink, token: 'geheim' }, 'token'))?.value.value).toBe('[hidden]')
})

test('references are resolved before anything is checked', async () => {
  process.env['ROWTAP_TEST_SIZE'] = '7'
  const providers = {
    ...worker,
    'config.providers': 'env',
    'config.providers.env.class': 'EnvVarConfigProvider',
  }
  const { configs } = await validate({ ...sink, size: `\${env:ROWTAP_TEST_SIZE}` }, providers)
  expect(configs.find(({ value }) => value.name === 'size')?.value.value).toBe('7')
  expect(await errorsOf({ ...sink, size: `\${env:ROWTAP_TEST_SIZE}` })).toHaveProperty('size')
})
