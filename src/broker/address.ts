/** How another thread finds the broker: plain data that can be sent to it. */
import type { MessagePort } from 'node:worker_threads'
import type { Broker } from './broker.ts'
import { connectEmbedded } from './embedded/client.ts'

export interface BrokerAddress {
  readonly kind: 'embedded'
  /** Belongs to the one thread it is transferred to. */
  readonly port: MessagePort
}

/** The broker at that address, for this thread. Disposing of it closes this thread's connection only. */
export function connectBroker(address: BrokerAddress): Promise<Broker> {
  return connectEmbedded(address.port)
}
