import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { ClientRole } from '../../../../../src/broker/kafka/properties/client-properties.ts'
import { readAdminSettings } from '../../../../../src/broker/kafka/properties/admin-settings.ts'
import { readConsumerSettings } from '../../../../../src/broker/kafka/properties/consumer-settings.ts'
import {
  knownProperties,
  propertyGroups,
} from '../../../../../src/broker/kafka/properties/known-properties.ts'
import { readProducerSettings } from '../../../../../src/broker/kafka/properties/producer-settings.ts'
import { PropertyReader } from '../../../../../src/broker/kafka/properties/property-reader.ts'

/** As Kafka's own ProducerConfig, ConsumerConfig and AdminClientConfig list them. */
const kafka = JSON.parse(readFileSync('test/golden/kafka/client-properties-4.3.json', 'utf8')) as Record<
  ClientRole,
  string[]
>
const roles: ClientRole[] = ['producer', 'consumer', 'admin']

test.each(roles)('the table holds every property of the %s in Kafka 4.3, and no other', (role) => {
  expect([...knownProperties[role].keys()].sort()).toEqual(kafka[role])
})

test('no property stands twice for one client', () => {
  const all = propertyGroups.flatMap(({ names, clients }) =>
    names.flatMap((name) => clients.map((client) => `${client} ${name}`)),
  )
  expect(all.filter((each, i) => all.indexOf(each) !== i)).toEqual([])
})

const stores = 'test/golden/kafka/stores'
const secure = {
  'bootstrap.servers': 'b:9092',
  'security.protocol': 'SASL_SSL',
  'sasl.mechanism': 'PLAIN',
  'sasl.jaas.config':
    'org.apache.kafka.common.security.plain.PlainLoginModule required username=a password=b;',
  'ssl.truststore.location': `${stores}/trust.jks`,
}
const read: Record<ClientRole, (reader: PropertyReader) => unknown> = {
  producer: (reader) => readProducerSettings(reader, ''),
  consumer: (reader) => readConsumerSettings(reader, ''),
  admin: (reader) => readAdminSettings(reader, ''),
}

test.each(roles)('what the table calls honoured or mapped for the %s is read, and nothing else', (role) => {
  const reader = new PropertyReader(role, secure)
  read[role](reader)
  const promised = [...knownProperties[role]]
    .filter(([, { support }]) => support === 'honoured' || support === 'mapped')
    .map(([name]) => name)
  // The consumer's own options carry it.
  const elsewhere = role === 'consumer' ? ['group.id'] : []
  expect([...reader.asked, ...elsewhere].sort()).toEqual(promised.sort())
})
