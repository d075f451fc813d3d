/** What goes wrong on the way to a Kafka: an error that says what to look at, within the time that is set for it. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openKafkaBroker } from '#broker'
import {
  kafkaAvailable,
  kafkaServer,
  secureKafka,
  secureKafkaAvailable,
} from '../../support/services/kafka.ts'
import { freePort } from '../../support/services/ports.ts'
import { jaas, mutualTls, type Properties, scramOverTls } from './security.ts'

const limits = {
  'default.api.timeout.ms': '2000',
  'socket.connection.setup.timeout.ms': '1000',
  'request.timeout.ms': '1000',
}
/** All three, and a machine with other things to do. */
const withinMs = 15_000

async function refusal(properties: Properties): Promise<Error> {
  const begin = performance.now()
  const error = await openKafkaBroker({ properties: { ...limits, ...properties } }).then(
    () => new Error('it was opened'),
    (thrown: Error) => thrown,
  )
  expect(performance.now() - begin).toBeLessThan(withinMs)
  return error
}

describe('where no broker answers', () => {
  let silent: Server
  let address: string
  beforeAll(async () => {
    silent = createServer(() => {}).listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const at = silent.address()
    address = `127.0.0.1:${typeof at === 'object' ? at?.port : ''}`
  })
  afterAll(() => void silent.close())

  test('nothing listens', async () => {
    const nowhere = `127.0.0.1:${await freePort()}`
    const error = await refusal({ 'bootstrap.servers': nowhere })
    expect(error.message).toContain(`None of the brokers of ${nowhere} can be reached.`)
    expect(error.message).toContain('ECONNREFUSED')
    expect(error.message).toContain('Check bootstrap.servers')
  })

  test('the name is unknown', async () => {
    const error = await refusal({ 'bootstrap.servers': 'no-host.invalid:9092' })
    expect(error.message).toMatch(/no-host\.invalid:9092 does not answer.*Check bootstrap\.servers/)
  })

  test.each([
    ['PLAINTEXT', {}, /ApiVersions.* timed out/],
    ['SSL', { 'security.protocol': 'SSL' }, /timeout/],
  ])('something listens over %s and never says a word', async (_, more, why) => {
    const error = await refusal({ 'bootstrap.servers': address, ...more })
    expect(error.message).toMatch(why)
  })
})

describe.skipIf(!kafkaAvailable)('a listener without security', () => {
  test.each([
    ['SSL', /another security\.protocol/],
    ['SASL_PLAINTEXT', /has refused the login.*security\.protocol/],
  ])('met with %s', async (protocol, why) => {
    const error = await refusal({
      'bootstrap.servers': await kafkaServer(),
      'security.protocol': protocol,
      'sasl.mechanism': 'PLAIN',
      'sasl.jaas.config': jaas('plain.PlainLoginModule', 'alice', 'hush'),
    })
    expect(error.message).toMatch(why)
    expect(error.message).not.toContain('hush')
  })
})

describe.skipIf(!secureKafkaAvailable)('a listener with security', () => {
  test.each(['sasl', 'saslTls', 'tls', 'mutualTls'] as const)('%s, met without any', async (listener) => {
    const error = await refusal({ 'bootstrap.servers': (await secureKafka())[listener] })
    expect(error.message).toMatch(/another security\.protocol/)
  })

  test.each([
    ['PLAIN', 'plain.PlainLoginModule'],
    ['SCRAM-SHA-256', 'scram.ScramLoginModule'],
    ['SCRAM-SHA-512', 'scram.ScramLoginModule'],
  ])('a wrong password by %s is refused at once', async (mechanism, module) => {
    const error = await refusal({
      ...(await scramOverTls()),
      'sasl.mechanism': mechanism,
      'sasl.jaas.config': jaas(module, 'alice', 'no-such-secret'),
    })
    expect(error).toMatchObject({
      name: 'KafkaAuthenticationError',
      javaClass: 'org.apache.kafka.common.errors.SaslAuthenticationException',
      retriable: false,
    })
    expect(error.message).toMatch(/has refused the login.*sasl\.jaas\.config/)
    expect(error.message).not.toContain('no-such-secret')
  })

  test('an authority that is not trusted', async () => {
    const { mutualTls: address } = await secureKafka()
    const error = await refusal({ 'bootstrap.servers': address, 'security.protocol': 'SSL' })
    expect(error).toMatchObject({
      name: 'KafkaAuthenticationError',
      javaClass: 'org.apache.kafka.common.errors.SslAuthenticationException',
    })
    expect(error.message).toMatch(/self-signed certificate.*ssl\.truststore/)
  })

  test('a name that is not in the certificate, unless names are not looked at', async () => {
    const properties = await mutualTls()
    const named = {
      ...properties,
      'bootstrap.servers': `${properties['bootstrap.servers']}`.replace('127.0.0.1', 'localhost'),
    }
    const error = await refusal(named)
    expect(error.message).toMatch(/localhost.*does not match.*ssl\.endpoint\.identification\.algorithm/)
    await using broker = await openKafkaBroker({
      properties: { ...named, 'ssl.endpoint.identification.algorithm': '' },
    })
    expect(broker.clusterId).not.toBe('')
  })

  test('no certificate of ours, and one of a stranger', async () => {
    const { mutualTls: address, certificates } = await secureKafka()
    const trusting = {
      'bootstrap.servers': address,
      'security.protocol': 'SSL',
      'ssl.truststore.type': 'PEM',
      'ssl.truststore.location': certificates.authority,
    }
    expect((await refusal(trusting)).message).toMatch(/alert .*ssl\.keystore/)
    const { strangerCertificate, strangerKey } = certificates
    const stranger = await refusal({
      ...trusting,
      'ssl.keystore.type': 'PEM',
      'ssl.keystore.key': readFileSync(strangerKey, 'utf8'),
      'ssl.keystore.certificate.chain': readFileSync(strangerCertificate, 'utf8'),
    })
    expect(stranger.message).toMatch(/ssl\.keystore/)
  })
})

describe.skipIf(!secureKafkaAvailable)('stores and mechanisms that open it', () => {
  test.each(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'])('%s without TLS', async (mechanism) => {
    const { sasl, user, password } = await secureKafka()
    const module = mechanism === 'PLAIN' ? 'plain.PlainLoginModule' : 'scram.ScramLoginModule'
    await using broker = await openKafkaBroker({
      properties: {
        'bootstrap.servers': sasl,
        'security.protocol': 'SASL_PLAINTEXT',
        'sasl.mechanism': mechanism,
        'sasl.jaas.config': jaas(module, user, password),
      },
    })
    expect(await broker.admin.groupOffsets('nobody')).toEqual([])
  })

  test.each([
    ['PKCS12', 'keyStoreP12', 'trustStoreP12'],
    ['JKS', 'keyStoreJks', 'trustStoreJks'],
    ['PEM', 'clientPem', 'authority'],
  ] as const)('stores of the type %s', async (type, keyStore, trustStore) => {
    const { mutualTls: address, certificates } = await secureKafka()
    const { password } = certificates
    const passwords =
      type === 'PEM' ? {} : { 'ssl.truststore.password': password, 'ssl.keystore.password': password }
    await using broker = await openKafkaBroker({
      properties: {
        'bootstrap.servers': address,
        'security.protocol': 'SSL',
        'ssl.truststore.type': type,
        'ssl.truststore.location': certificates[trustStore],
        'ssl.keystore.type': type,
        'ssl.keystore.location': certificates[keyStore],
        ...passwords,
      },
    })
    expect(await broker.admin.topics()).toBeInstanceOf(Array)
  })
})
