/** How another thread finds the broker: plain data that can be sent to it. */
import type { MessagePort } from 'node:worker_threads'
import type { Broker } from './broker.ts'
import { connectEmbedded } from './embedded/client.ts'
import type { KafkaConnection } from './kafka/properties/client-properties.ts'

export type BrokerAddress = EmbeddedAddress | KafkaAddress

export interface EmbeddedAddress {
  readonly kind: 'embedded'
  /** Belongs to the one thread it is transferred to. */
  readonly port: MessagePort
}

export interface KafkaAddress {
  readonly kind: 'kafka'
  /** Holds passwords, as the worker's properties do. */
  readonly connection: KafkaConnection
  readonly clusterId: string
}

/** The broker that this process opened, and gives to its other threads. */
export interface OwnedBroker<A extends BrokerAddress = BrokerAddress> extends Broker {
  /** An address of its own for each thread. */
  connect(): A
  /** Resolves if the broker is gone for good; the worker ends with it. */
  readonly failed: Promise<Error>
}

/** What must go into the transfer list of the message that carries the address. */
export function transferOf(address: BrokerAddress): readonly MessagePort[] {
  return address.kind === 'embedded' ? [address.port] : []
}

/** The broker at that address, for this thread. Disposing of it closes this thread's connection only. */
export async function connectBroker(address: BrokerAddress): Promise<Broker> {
  if (address.kind === 'embedded') return connectEmbedded(address.port)
  const { connectKafka } = await import('./kafka/open.ts')
  return connectKafka(address)
}

export interface KafkaBrokerOptions {
  /** A worker's: those of Kafka's clients at the top level, and under `admin.`; the others are left alone. */
  readonly properties: Readonly<Record<string, string>>
}

/** Loads the adapter only now: a worker on the embedded broker never does. */
export async function openKafkaBroker(options: KafkaBrokerOptions): Promise<OwnedBroker<KafkaAddress>> {
  const kafka = await import('./kafka/open.ts')
  return kafka.openKafkaBroker(options)
}

/** What the clients of another Kafka are told; its admin takes what the producer is told of the way there. */
export interface KafkaClients {
  readonly producer: Readonly<Record<string, string>>
  readonly consumer: Readonly<Record<string, string>>
}

/** A Kafka beside the worker's broker, for this thread alone. Fails if it does not answer. */
export async function openKafkaClients(clients: KafkaClients): Promise<Broker> {
  const kafka = await import('./kafka/open.ts')
  return kafka.openKafkaClients(clients)
}
