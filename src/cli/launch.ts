/**
 * Puts a worker together: broker, stores, runner of tasks, herder, REST. REST listens as soon as the stores have been
 * read; the stored connectors come up after that.
 */
import { hostname } from 'node:os'
import type { Broker, OwnedBroker } from '#broker'
import { ConfigError } from '#errors'
import { logger } from '#observe'
import { createResolver, type RawConfig, type Resolver, version } from '#plugin'
import type { Worker } from '#worker'
// Not by their folder's door: the broker's thread shall start before the rest of the code is even loaded.
import { advertisedAddress, listenersOf } from '../worker/listener.ts'
import { unknownProperties } from '../worker/known-properties.ts'
import {
  usesKafka,
  type WorkerLimits,
  type WorkerMode,
  workerLimits,
  workerProperties,
} from '../worker/properties.ts'
import { withoutEffect } from '../worker/unsupported.ts'
import { registry } from './registry.ts'
import { openWorkerBroker } from './worker-broker.ts'

export interface LaunchOptions {
  readonly mode: WorkerMode
  /** The worker's properties file. */
  readonly file: RawConfig
  /** What the environment says over it. */
  readonly environment: RawConfig
}

/** Disposing of it stops everything, in order. A standalone one waits for its connectors and `worker.start()`. */
export interface LaunchedWorker extends AsyncDisposable {
  readonly url: string
  readonly worker: Worker
  /** Where its records and stores are. */
  readonly broker: Broker
  /** Resolves if the broker is no more: so is this worker. */
  readonly failed: Promise<Error>
}

export async function launch({ mode, file, environment }: LaunchOptions): Promise<LaunchedWorker> {
  const given = workerProperties(file, environment, mode)
  const resolver = createResolver(given)
  const properties = resolver.resolve(given)
  const limits = workerLimits(properties)
  const [listener] = listenersOf(properties)
  for (const key of ['key.converter', 'value.converter', 'header.converter']) mustBeKnown(key, properties)
  await using opened = new AsyncDisposableStack()
  const opening = openWorkerBroker(properties)
  opening.catch(() => {}) // awaited below, where its failure is told
  const code = Promise.all([import('#worker'), import('#pipeline'), import('#rest')])
  code.catch(() => {}) // awaited below, where its failure is told
  const broker = opened.use(await opening)
  const [{ topicView }, , { startServer }] = await code
  const worker = await openWorker({ mode, properties, limits, resolver, broker }, opened)
  const server = await startServer({ herder: worker, registry, topics: topicView(broker) })
  opened.defer(async () => {
    await server.close()
  })
  const url = `http://${listener?.host || '0.0.0.0'}:${listener?.port}`
  const log = logger('worker')
  log.info({ url, workerId: worker.workerId, version }, `REST API listens on ${url}`)
  const idle = withoutEffect({ ...file, ...environment }, usesKafka(properties))
  for (const warning of [...idle, ...unknownProperties(properties)]) log.warn(warning)
  if (mode === 'distributed') worker.start()
  const all = opened.move()
  return { url, worker, broker, failed: broker.failed, [Symbol.asyncDispose]: () => all.disposeAsync() }
}

interface WorkerBasis {
  readonly mode: WorkerMode
  readonly properties: RawConfig
  readonly limits: WorkerLimits
  readonly resolver: Resolver
  readonly broker: OwnedBroker
}

async function openWorker(basis: WorkerBasis, opened: AsyncDisposableStack): Promise<Worker> {
  const { mode, properties, broker } = basis
  const { brokerTable, internalTopics, joinAlone, openStores, validateConnector, Worker } = await import(
    '#worker'
  )
  const { createTaskRunner } = await import('#pipeline')
  const kafka = usesKafka(properties)
  if (kafka && mode === 'distributed') opened.use(await joinAlone(broker.admin, properties['group.id'] ?? ''))
  const topics = internalTopics(properties, kafka)
  const stores = opened.use(await openStores(mode, topics, (topic) => brokerTable(broker, topic)))
  const runner = opened.use(createTaskRunner({ broker, plugins: registry, registryModule }))
  return opened.use(
    new Worker({
      ...basis,
      workerId: advertisedAddress(properties, hostname()),
      rowtapVersion: version,
      stores,
      runner,
      registry,
      validate: (config) =>
        validateConnector(registry, properties, config, AbortSignal.timeout(validationMs)),
    }),
  )
}

/** As long as REST waits for an answer. */
const validationMs = 90_000

const registryModule = new URL(
  import.meta.url.endsWith('.ts') ? './registry.ts' : './registry.js',
  import.meta.url,
).href

function mustBeKnown(key: string, properties: RawConfig): void {
  const name = properties[key] ?? ''
  const kind = key === 'header.converter' ? 'header_converter' : 'converter'
  if (registry.find(kind, name) !== null) return
  throw new ConfigError(`Invalid value ${name} for configuration ${key}: Class ${name} could not be found.`, {
    remedy: `Known are: ${registry.classes(kind).join(', ')}.`,
  })
}
