/**
 * Which of a worker's properties say how to reach its Kafka. The worker's own clients (stores, history, dead letters,
 * topics) use what stands at the top level, and the admin `admin.…` over it; what stands under `producer.` and
 * `consumer.` is for connectors' clients, which get it with their overrides.
 */
import type { ClientProperties, ClientRole, KafkaConnection } from './client-properties.ts'
import { knownProperties } from './known-properties.ts'

/** At the top level they say something about the worker, or are no client's to share. */
const notForClients = [
  'client.id',
  'group.id',
  'group.instance.id',
  'transactional.id',
  'config.providers',
  'metric.reporters',
]

export function kafkaConnection(worker: ClientProperties): KafkaConnection {
  return {
    properties: {
      producer: topLevel(worker, 'producer'),
      consumer: topLevel(worker, 'consumer'),
      admin: { ...topLevel(worker, 'admin'), ...below(worker, 'admin.') },
    },
  }
}

function topLevel(worker: ClientProperties, role: ClientRole): ClientProperties {
  const known = knownProperties[role]
  const own = Object.entries(worker).filter(([name]) => known.has(name) && !notForClients.includes(name))
  return Object.fromEntries(own)
}

function below(properties: ClientProperties, prefix: string): ClientProperties {
  const inner = Object.entries(properties).filter(([name]) => name.startsWith(prefix))
  return Object.fromEntries(inner.map(([name, value]) => [name.slice(prefix.length), value]))
}
