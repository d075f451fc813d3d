import { expect, test } from 'vitest'
import {
  advertisedAddress,
  dataDirectory,
  listenersOf,
  propertiesOfEnvironment,
  workerLimits,
  workerProperties,
} from '#worker'
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
  ['bootstrap.servers', 'kafka:9092', 'Kafka comes with the next version. Remove bootstrap.servers'],
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

test('what has no meaning here is named', () => {
  expect(withoutEffect({ 'plugin.path': '/plugins', 'metric.reporters': '' })).toEqual([
    'The worker property plugin.path has no effect: plugins are part of rowtap.',
  ])
})

test.each([
  [
    'offset.flush.interval.ms',
    '1s',
    'Invalid value 1s for configuration offset.flush.interval.ms: Not a number of type LONG',
  ],
  [
    'offset.storage.partitions',
    '0',
    'Invalid value 0 for configuration offset.storage.partitions: Value must be at least 1',
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
