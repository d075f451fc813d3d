import { expect, test } from 'vitest'
import {
  advertisedAddress,
  dataDirectory,
  listenersOf,
  propertiesOfEnvironment,
  usesKafka,
  workerLimits,
  workerProperties,
} from '#worker'
import { unknownProperties } from '../../../src/worker/known-properties.ts'
import { withoutEffect } from '../../../src/worker/unsupported.ts'

test('environment variables in the way of the well-known images, over the file, over the defaults', () => {
  const environment = propertiesOfEnvironment({
    CONNECT_OFFSET_FLUSH_INTERVAL_MS: '1000',
    CONNECT_REST_ADVERTISED_HOST_NAME: 'connect',
    CONNECT_A__B___C: 'd',
    CONNECT_: 'x',
    PATH: '/bin',
  })
  expect(environment).toEqual({
    'offset.flush.interval.ms': '1000',
    'rest.advertised.host.name': 'connect',
    'a_b-c': 'd',
  })
  const merged = workerProperties({ 'offset.flush.interval.ms': '5', 'my.own': 'kept' }, environment)
  expect(merged).toMatchObject({
    'offset.flush.interval.ms': '1000',
    'my.own': 'kept',
    'config.storage.topic': 'connect-configs',
    'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
  })
})

test.each([
  ['rest.extension.classes', 'org.Basic', 'Put a proxy'],
  ['admin.listeners', 'http://:9090', 'on the main listener'],
  ['exactly.once.source.support', 'preparing', 'in one transaction always'],
])('what cannot be passed over is refused by name: %s=%s', (key, value, remedy) => {
  expect(() => workerProperties({ [key]: value }, {})).toThrow(
    `The worker property ${key} is set to ${value}`,
  )
  expect(() => workerProperties({}, { [key]: value })).toThrow(remedy)
  expect(workerProperties({ 'bootstrap.servers': ' ', 'admin.listeners': '' }, {})).toBeDefined()
})

test('on Kafka nothing is guessed that other workers may use', () => {
  const kafka = { 'bootstrap.servers': 'kafka:9092' }
  const complete = {
    ...kafka,
    'group.id': 'g',
    'config.storage.topic': 'c',
    'offset.storage.topic': 'o',
    'status.storage.topic': 's',
  }
  expect(workerProperties(complete, {})).toMatchObject({ ...complete, 'offset.flush.interval.ms': '60000' })
  expect(usesKafka(workerProperties(complete, {}))).toBe(true)
  expect(usesKafka(workerProperties(complete, { 'bootstrap.servers': ' ' }))).toBe(false)
  for (const key of ['group.id', 'config.storage.topic', 'offset.storage.topic', 'status.storage.topic'])
    expect(() => workerProperties({ ...complete, [key]: ' ' }, {})).toThrow(
      `Missing required configuration "${key}" which has no default value.`,
    )
  for (const support of ['preparing', 'ENABLED'])
    expect(() => workerProperties({ ...complete, 'exactly.once.source.support': support }, {})).toThrow(
      'a task that was killed may write its last records twice',
    )
  expect(() => workerProperties(complete, {}, 'standalone')).toThrow('Use `rowtap worker` on Kafka')
  expect(workerProperties({}, {}, 'standalone')).toMatchObject({ 'offset.storage.topic': 'connect-offsets' })
})

test('what has no meaning here is named', () => {
  expect(withoutEffect({ 'plugin.path': '/plugins', 'metric.reporters': '' }, true)).toEqual([
    'The worker property plugin.path has no effect: plugins are part of rowtap.',
  ])
  const given = {
    'session.timeout.ms': '10000',
    'config.storage.topic': 'c',
    'config.storage.replication.factor': '3',
    'offset.storage.partitions': '5',
    'data.dir': '/data',
  }
  const named = (kafka: boolean) => withoutEffect(given, kafka).map((line) => line.split(' ')[3])
  expect(named(true)).toEqual(['session.timeout.ms', 'data.dir'])
  expect(named(false)).toEqual(['session.timeout.ms', 'config.storage.replication.factor'])
})

test('what nobody knows is named too', () => {
  const known = {
    'producer.compression.type': 'lz4',
    'value.converter.schemas.enable': 'false',
    'sasl.jaas.config': 'x',
    'offset.storage.min.insync.replicas': '2',
    'config.providers': 'env',
    'config.providers.env.class': 'x',
    'client.dns.lookup': 'use_all_dns_ips',
  }
  expect(unknownProperties({ ...workerProperties({}, {}), ...known })).toEqual([])
  expect(unknownProperties({ ...known, 'offset.flush.intervall.ms': '1' })).toEqual([
    'The worker property offset.flush.intervall.ms is not known, and has no effect.',
  ])
})

test.each([
  [
    'offset.flush.interval.ms',
    '1s',
    'Invalid value 1s for configuration offset.flush.interval.ms: Not a number of type LONG',
  ],
  [
    'connector.client.config.override.policy',
    'Some',
    'Invalid value Some for configuration connector.client.config.override.policy. It must be All, None',
  ],
  [
    'topic.creation.enable',
    'yes',
    'Invalid value yes for configuration topic.creation.enable: Expected value to be either true or false',
  ],
])('a bad value is refused: %s=%s', (key, value, message) => {
  expect(() => workerLimits(workerProperties({ [key]: value }, {}))).toThrow(message)
})

test('where REST listens and how it is known', () => {
  expect(listenersOf({})).toEqual([{ protocol: 'http', host: '127.0.0.1', port: 8083 }])
  expect(listenersOf({ listeners: 'http://:8083, HTTPS://[::1]:0' })).toEqual([
    { protocol: 'http', host: '', port: 8083 },
    { protocol: 'https', host: '[::1]', port: 0 },
  ])
  expect(listenersOf({ 'rest.port': '9000' })).toEqual([{ protocol: 'http', host: '127.0.0.1', port: 9000 }])
  expect(() => listenersOf({ listeners: 'localhost' })).toThrow(
    "Invalid value localhost for configuration listeners: Listener doesn't have the right format (protocol://hostname:port).",
  )
  expect(advertisedAddress({}, 'box')).toBe('127.0.0.1:8083')
  expect(advertisedAddress({ listeners: 'http://0.0.0.0:8083' }, 'box')).toBe('box:8083')
  const advertised = { 'rest.advertised.host.name': 'connect', 'rest.advertised.port': '80' }
  expect(advertisedAddress(advertised, 'box')).toBe('connect:80')
})

test('where the data is', () => {
  expect(
    [{}, { 'rowtap.data.dir': '/a' }, { 'data.dir': '/b', 'rowtap.data.dir': '/a' }].map(dataDirectory),
  ).toEqual(['.rowtap', '/a', '/b'])
})
