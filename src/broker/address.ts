/** How another thread finds the broker: plain data that can be sent to it. */
import type { MessagePort } from 'node:worker_threads'
import type { Broker } from './broker.ts'
import { connectEmbedded } from './embedded/client.ts'

export type BrokerAddress = EmbeddedAddress

export interface EmbeddedAddress {
  readonly kind: 'embedded'
  /** Belongs to the one thread it is transferred to. */
  readonly port: MessagePort
}

/** The broker that this process opened, and gives to its other threads. */
export interface OwnedBroker extends Broker {
  /** An address of its own for each thread. */
  connect(): BrokerAddress
  /** Resolves if the broker is gone for good; the worker ends with it. */
  readonly failed: Promise<Error>
}

/** What must go into the transfer list of the message that carries the address. */
export function transferOf(address: BrokerAddress): readonly MessagePort[] {
  return [address.port]
}

/** The broker at that address, for this thread. Disposing of it closes this thread's connection only. */
export function connectBroker(address: BrokerAddress): Promise<Broker> {
  return connectEmbedded(address.port)
}
