import { expect, test } from 'vitest'
import { adminSettings } from '../../../../../src/broker/kafka/properties/admin-settings.ts'

const settings = (more: Record<string, string>) =>
  adminSettings({ 'bootstrap.servers': 'b:9092', ...more }, 'rowtap')
const scram = 'org.apache.kafka.common.security.scram.ScramLoginModule required'

test("Java's defaults", () => {
  expect(settings({})).toEqual({
    bootstrap: ['b:9092'],
    clientId: 'rowtap',
    tls: null,
    sasl: null,
    connectMs: 10_000,
    requestMs: 30_000,
    deadlineMs: 60_000,
    backoffMs: 100,
    backoffMaxMs: 1000,
  })
})

test('servers are several, with IPv6 in brackets, and may begin with a protocol', () => {
  const servers = 'kafka-1:9092, [::1]:9093,PLAINTEXT://10.0.0.1:9094,'
  expect(settings({ 'bootstrap.servers': servers }).bootstrap).toEqual([
    'kafka-1:9092',
    '[::1]:9093',
    '10.0.0.1:9094',
  ])
})

test.each(['kafka', 'kafka:port', 'kafka:99999', 'a b:1'])('%s is no address', (server) => {
  expect(() => settings({ 'bootstrap.servers': server })).toThrow(/bootstrap\.servers: it is not host:port/)
})

test('no server at all is an error of that name', () => {
  expect(() => settings({ 'bootstrap.servers': ' , ' })).toThrow(/"bootstrap\.servers"/)
})

test('a login by SCRAM over TLS', () => {
  const { sasl, tls } = settings({
    'security.protocol': 'sasl_ssl',
    'sasl.mechanism': 'SCRAM-SHA-512',
    'sasl.jaas.config': `${scram} username="alice" password="a \\"b; c";`,
  })
  expect(sasl).toEqual({ mechanism: 'scram-sha-512', username: 'alice', password: 'a "b; c' })
  expect(tls).toEqual({ checkHostname: true, minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3' })
})

test.each(['GSSAPI', 'OAUTHBEARER', 'scram-sha-256'])('the mechanism %s is refused by name', (mechanism) => {
  expect(() => settings({ 'security.protocol': 'SASL_SSL', 'sasl.mechanism': mechanism })).toThrow(
    `Invalid value ${mechanism} for configuration sasl.mechanism: rowtap cannot log in so. Set one of PLAIN, SCRAM-SHA-256, SCRAM-SHA-512.`,
  )
})

test.each([
  ['PLAIN', `${scram} username=a password=hush;`, /goes with the PlainLoginModule/],
  ['SCRAM-SHA-256', `${scram} username=a password=hush tokenauth=true;`, /delegation tokens/],
  ['SCRAM-SHA-256', `${scram} username=a;`, /needs username="…" and password="…"/],
  ['SCRAM-SHA-256', `${scram} username=a password=hush`, /not one line of JAAS/],
])('%s with %s is refused without its password', (mechanism, jaas, why) => {
  let message = ''
  try {
    settings({ 'security.protocol': 'SASL_PLAINTEXT', 'sasl.mechanism': mechanism, 'sasl.jaas.config': jaas })
  } catch (error) {
    message = String(error)
  }
  expect(message).toMatch(why)
  expect(message).not.toContain('hush')
})

test.each([
  [
    { 'request.timeout.ms': 'soon' },
    'Invalid value soon for configuration request.timeout.ms: Not a number of type INT.',
  ],
  [
    { 'request.timeout.ms': '0' },
    'Invalid value 0 for configuration request.timeout.ms: Value must be at least 1.',
  ],
  [{ 'request.timeout.ms': '2147483648' }, 'Not a number of type INT'],
  [{ 'security.protocol': 'TLS' }, 'String must be one of: PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL.'],
  [{ 'security.protocol': 'SASL_SSL', 'sasl.mechanism': 'PLAIN' }, 'sasl.jaas.config is missing'],
  [{ 'ssl.engine.factory.class': 'x.Y' }, 'The admin property ssl.engine.factory.class cannot be honoured.'],
])('%j is an error that names the property', (properties, message) => {
  expect(() => settings(properties)).toThrow(message)
})

test('a refused property that asks for nothing is none', () => {
  expect(() => settings({ 'security.providers': '' })).not.toThrow()
})
