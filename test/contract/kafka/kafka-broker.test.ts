/** The common suite over a real Kafka: plain, with a password over TLS, and with a certificate of the client's. */
import { afterAll, beforeAll, describe } from 'vitest'
import { type OwnedBroker, connectBroker, openKafkaBroker } from '#broker'
import { kafkaAvailable, kafkaServer, secureKafkaAvailable } from '../../support/services/kafka.ts'
import { brokerSuite } from '../broker-suite.ts'
import { mutualTls, scramOverTls } from './security.ts'

function kafkaSuite(name: string, properties: () => Promise<Record<string, string>>): void {
  let owner: OwnedBroker
  beforeAll(async () => {
    owner = await openKafkaBroker({ properties: await properties() })
  })
  afterAll(() => owner[Symbol.asyncDispose]())
  brokerSuite(name, () => ({ open: () => connectBroker(structuredClone(owner.connect())) }))
}

describe.skipIf(!kafkaAvailable)('over PLAINTEXT', () => {
  kafkaSuite('Kafka', async () => ({ 'bootstrap.servers': await kafkaServer() }))
})

describe.skipIf(!secureKafkaAvailable)('over SASL_SSL', () => kafkaSuite('Kafka', scramOverTls))

describe.skipIf(!secureKafkaAvailable)('over mutual TLS', () => kafkaSuite('Kafka', mutualTls))
