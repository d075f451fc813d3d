/** The real servers that tests stand on: each listener of Kafka is entered as its users do. */
import { readFileSync } from 'node:fs'
import { connect } from 'node:tls'
import { once } from 'node:events'
import { Kafka, type KafkaConfig, logLevel, type SASLOptions } from 'kafkajs'
import { describe, expect, test } from 'vitest'
import { openKafkaBroker } from '#broker'
import { connectAvailable, startConnect } from '../support/services/connect.ts'
import {
  kafkaAvailable,
  kafkaServer,
  ownKafkaAvailable,
  secureKafka,
  secureKafkaAvailable,
  startOwnKafka,
} from '../support/services/kafka.ts'

/** Not kafkajs' second: a busy machine may take longer for a TLS handshake. */
const quiet = { logLevel: logLevel.NOTHING, connectionTimeout: 30_000, requestTimeout: 60_000 }

async function topicsSeen(config: KafkaConfig): Promise<string[]> {
  const admin = new Kafka({ ...quiet, retry: { retries: 0 }, ...config }).admin()
  try {
    await admin.connect()
    return await admin.listTopics()
  } finally {
    await admin.disconnect()
  }
}

describe.skipIf(!kafkaAvailable)('Kafka', () => {
  test('a topic that is made is listed', async () => {
    const admin = new Kafka({ ...quiet, brokers: [await kafkaServer()] }).admin()
    await admin.connect()
    const topic = `services-${process.pid}`
    await admin.createTopics({ waitForLeaders: true, topics: [{ topic }] })
    expect(await admin.listTopics()).toContain(topic)
    await admin.deleteTopics({ topics: [topic] })
    await admin.disconnect()
  })
})

describe.skipIf(!secureKafkaAvailable)('secure Kafka', () => {
  const mechanisms = ['plain', 'scram-sha-256', 'scram-sha-512'] as const

  test.for(mechanisms)('%s, with and without TLS, takes the password and no other', async (mechanism) => {
    const { sasl, saslTls, user, password, certificates } = await secureKafka()
    // A new object each time: kafkajs keeps the first login's state in it.
    const login = (secret: string): SASLOptions =>
      ({ mechanism, username: user, password: secret }) as SASLOptions
    const ca = readFileSync(certificates.authority)
    expect(await topicsSeen({ brokers: [sasl], sasl: login(password) })).toBeInstanceOf(Array)
    expect(await topicsSeen({ brokers: [saslTls], sasl: login(password), ssl: { ca: [ca] } })).toBeInstanceOf(
      Array,
    )
    await expect(topicsSeen({ brokers: [sasl], sasl: login('wrong') })).rejects.toThrow(/authentication/i)
  })

  test('TLS alone; the certificate is not for another host name', async () => {
    const { tls, certificates } = await secureKafka()
    const ca = readFileSync(certificates.authority)
    expect(await topicsSeen({ brokers: [tls], ssl: { ca: [ca] } })).toBeInstanceOf(Array)
    const socket = connect({
      port: Number(tls.split(':')[1]),
      host: '127.0.0.1',
      ca,
      servername: 'localhost',
    })
    const [refusal] = (await once(socket, 'error')) as [NodeJS.ErrnoException]
    expect(refusal.code).toBe('ERR_TLS_CERT_ALTNAME_INVALID')
  })

  test('mutual TLS takes the client, and refuses one without a certificate and a stranger', async () => {
    const { mutualTls, certificates: files } = await secureKafka()
    const ca = readFileSync(files.authority)
    const enter = (identity: object): Promise<string[]> =>
      topicsSeen({ brokers: [mutualTls], ssl: { ca: [ca], ...identity } })
    const key = readFileSync(files.clientEncryptedKey)
    const cert = readFileSync(files.clientCertificate)
    expect(await enter({ pfx: readFileSync(files.keyStoreP12), passphrase: files.password })).toBeInstanceOf(
      Array,
    )
    expect(await enter({ key, cert, passphrase: files.password })).toBeInstanceOf(Array)
    await expect(enter({})).rejects.toThrow()
    const stranger = { key: readFileSync(files.strangerKey), cert: readFileSync(files.strangerCertificate) }
    await expect(enter(stranger)).rejects.toThrow()
  })
})

describe.skipIf(!connectAvailable)('Kafka Connect', () => {
  test('a worker on the run’s Kafka knows FileStream and Debezium', async () => {
    const groupId = `services-connect-${process.pid}`
    const worker = await startConnect({ bootstrap: await kafkaServer(), groupId })
    try {
      const answer = await fetch(`${worker.url}/connector-plugins`)
      const plugins = (await answer.json()) as { class: string; version: string }[]
      expect(plugins).toContainEqual({
        class: 'io.debezium.connector.postgresql.PostgresConnector',
        type: 'source',
        version: '3.6.1.Final',
      })
      expect(plugins.map((plugin) => plugin.class)).toContain(
        'org.apache.kafka.connect.file.FileStreamSourceConnector',
      )
    } finally {
      await worker.stop()
    }
  })
})

describe.skipIf(!ownKafkaAvailable)('a broker of a test’s own', () => {
  test('keeps records that are years old, as recorded ones are', async () => {
    const often = { 'log.retention.check.interval.ms': '50', 'log.initial.task.delay.ms': '50' }
    const own = await startOwnKafka({ properties: often })
    await using broker = await openKafkaBroker({ properties: { 'bootstrap.servers': own.bootstrap } })
    try {
      const { admin } = broker
      await admin.create({ topic: 'kept', partitions: 1, replicationFactor: 1, config: {} })
      const soon = { 'retention.ms': '1000' }
      await admin.create({ topic: 'gone', partitions: 1, replicationFactor: 1, config: soon })
      await using producer = await broker.producer()
      const old = { partition: 0, key: null, value: Buffer.from('x'), headers: [], timestamp: 1700000000000n }
      await producer.send([{ topic: 'kept', ...old }])
      // Twice: then all topics were looked at in between.
      for (const first of [1n, 2n]) {
        await producer.send([{ topic: 'gone', ...old }])
        await expect.poll(() => admin.bounds('gone')).toEqual([{ first, next: first }])
      }
      expect(await admin.bounds('kept')).toEqual([{ first: 0n, next: 1n }])
    } finally {
      await own.remove()
    }
  })

  test('keeps its port and its topics over a stop and a kill', async () => {
    const own = await startOwnKafka()
    const admin = new Kafka({ ...quiet, brokers: [own.bootstrap] }).admin()
    try {
      await admin.createTopics({ waitForLeaders: true, topics: [{ topic: 'kept' }] })
      await own.stop()
      await own.start()
      expect(await admin.listTopics()).toEqual(['kept'])
      await own.kill()
      await own.start()
      expect(await admin.listTopics()).toEqual(['kept'])
    } finally {
      await admin.disconnect()
      await own.remove()
    }
  })
})
