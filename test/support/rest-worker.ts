/** A whole worker in this process, as `rowtap worker` puts it together, on a free port. */
import type { Broker } from '#broker'
import type { RawConfig } from '#plugin'
import { launch } from '../../src/cli/launch.ts'
import { freePort } from './services/ports.ts'

export interface RestWorker extends AsyncDisposable {
  /** host:port, as `worker_id` shows it. */
  readonly address: string
  readonly broker: Broker
}

export async function startRestWorker(directory: string, properties: RawConfig = {}): Promise<RestWorker> {
  const address = `127.0.0.1:${await freePort()}`
  const own = { listeners: `http://${address}`, 'data.dir': directory, 'offset.flush.interval.ms': '200' }
  const launched = await launch({ mode: 'distributed', file: { ...own, ...properties }, environment: {} })
  const { broker } = launched
  return { address, broker, [Symbol.asyncDispose]: () => launched[Symbol.asyncDispose]() }
}
