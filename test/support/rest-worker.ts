/** A whole worker in this process, REST included: embedded broker in a directory, tasks in this thread. */
import type { AddressInfo } from 'node:net'
import { openEmbeddedBroker } from '#broker'
import { connectors } from '#connectors'
import { converterEntries } from '#converters'
import { createLocalRunner } from '#pipeline'
import { createRegistry, createResolver, type RawConfig } from '#plugin'
import { createServer } from '#rest'
import {
  brokerTable,
  openStores,
  topicView,
  validateConnector,
  Worker,
  workerLimits,
  workerProperties,
} from '#worker'
import { freePort } from './services/postgres.ts'

export interface RestWorker extends AsyncDisposable {
  /** host:port, as `worker_id` shows it. */
  readonly address: string
}

export async function startRestWorker(directory: string, more: RawConfig = {}): Promise<RestWorker> {
  const properties = workerProperties({ 'offset.flush.interval.ms': '200', ...more }, {})
  const limits = workerLimits(properties)
  const port = Number(properties['rest.port'] ?? (await freePort()))
  const address = `127.0.0.1:${port}`
  await using stack = new AsyncDisposableStack()
  const broker = stack.use(await openEmbeddedBroker({ directory, properties: {} }))
  const stores = stack.use(
    await openStores('distributed', properties, limits, (topic, partitions) =>
      brokerTable(broker, topic, partitions),
    ),
  )
  const registry = createRegistry([...connectors, ...converterEntries])
  const runner = stack.use(createLocalRunner({ broker, plugins: registry }))
  const resolver = createResolver(properties)
  const { signal } = new AbortController()
  const worker = stack.use(
    new Worker({
      mode: 'distributed',
      workerId: address,
      rowtapVersion: '0.0.0',
      properties,
      limits,
      broker,
      stores,
      runner,
      registry,
      resolver,
      validate: (config) => validateConnector(registry, properties, config, signal),
    }),
  )
  const app = createServer({ herder: worker, registry, topics: topicView(broker) })
  stack.defer(() => app.close())
  await app.listen({ host: '127.0.0.1', port })
  worker.start()
  const held = stack.move()
  const bound = (app.server.address() as AddressInfo).port
  return { address: `127.0.0.1:${bound}`, [Symbol.asyncDispose]: () => held.disposeAsync() }
}
