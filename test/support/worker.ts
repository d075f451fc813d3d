/** A worker over tables in memory, fake tasks and connectors that a test describes. */
import type { Admin, Broker, GroupOffset, TopicDescription } from '#broker'
import { createRegistry, createResolver, type RawConfig, type SinkPlugin, type SourcePlugin } from '#plugin'
import {
  type ConfigInfos,
  type ConfigValidator,
  type InternalTopic,
  internalTopics,
  memoryTable,
  openStores,
  type StoreEntry,
  type StoreTable,
  Worker,
  workerLimits,
  workerProperties,
} from '#worker'
import { FakeRunner } from './fake-runner.ts'

export interface TestTable extends StoreTable {
  /** Everything ever put, in order. */
  readonly log: StoreEntry[]
}

export function recordingTable(before: readonly StoreEntry[] = []): TestTable {
  const table = memoryTable()
  const log: StoreEntry[] = []
  const seeded = table.put(before)
  return {
    log,
    entries: () => table.entries(),
    async put(entries) {
      await seeded
      log.push(...entries)
      await table.put(entries)
    },
    refresh: () => table.refresh(),
    [Symbol.asyncDispose]: () => table[Symbol.asyncDispose](),
  }
}

const nothingToDo: Pick<SourcePlugin, 'aliases' | 'version' | 'config'> = {
  aliases: [],
  version: '1.0',
  config: {},
}

/** A source whose tasks are given by `count` and hold its configuration. */
export function testSource(more: Partial<SourcePlugin> = {}): SourcePlugin {
  return {
    ...nothingToDo,
    kind: 'source',
    javaClass: 'test.Source',
    taskClass: 'test.SourceTask',
    taskConfigs: (config) => Array.from({ length: Number(config['count'] ?? 1) }, () => config),
    open: () => Promise.reject(new Error('never opened here')),
    ...more,
  }
}

export function testSink(): SinkPlugin {
  return {
    ...nothingToDo,
    kind: 'sink',
    javaClass: 'test.Sink',
    taskClass: 'test.SinkTask',
    taskConfigs: (config) => [config],
    open: () => Promise.reject(new Error('never opened here')),
  }
}

export const anythingGoes: ConfigValidator = async (config) => ({
  name: config['connector.class'] ?? '',
  error_count: 0,
  groups: [],
  configs: [],
})

export function invalid(...errors: string[]): ConfigInfos {
  const value = { name: 'x', value: null, recommended_values: [], errors, visible: true }
  return { name: '', error_count: errors.length, groups: [], configs: [{ definition: null, value }] }
}

export interface TestWorkerOptions {
  readonly source?: SourcePlugin
  readonly mode?: 'distributed' | 'standalone'
  readonly properties?: RawConfig
  readonly validate?: ConfigValidator
  readonly tables?: Readonly<Record<string, TestTable>>
  readonly admin?: Partial<Admin>
}

export interface TestWorker extends AsyncDisposable {
  readonly worker: Worker
  readonly runner: FakeRunner
  readonly configs: TestTable
  readonly statuses: TestTable
  readonly offsets: TestTable
}

export async function testWorker(options: TestWorkerOptions = {}): Promise<TestWorker> {
  const properties = workerProperties(options.properties ?? {}, {})
  const limits = workerLimits(properties)
  const topics = internalTopics(properties, false)
  const tables: Record<string, TestTable> = { ...options.tables }
  const open = async ({ topic }: InternalTopic) => (tables[topic] ??= recordingTable())
  const mode = options.mode ?? 'distributed'
  const stores = await openStores(mode, topics, open)
  const runner = new FakeRunner()
  const plugins = [options.source ?? testSource(), testSink()]
  const worker = new Worker({
    mode,
    workerId: 'here:8083',
    rowtapVersion: '0.0.0',
    properties,
    limits,
    broker: { kind: 'embedded', clusterId: 'cluster', admin: { ...noAdmin, ...options.admin } } as Broker,
    stores,
    runner,
    registry: createRegistry(plugins.map((plugin) => ({ ...plugin, load: async () => plugin }))),
    resolver: createResolver(properties),
    validate: options.validate ?? anythingGoes,
  })
  const table = (topic: string) => tables[topic] ?? recordingTable()
  return {
    worker,
    runner,
    configs: table('connect-configs'),
    statuses: table('connect-status'),
    offsets: table('connect-offsets'),
    [Symbol.asyncDispose]: () => worker[Symbol.asyncDispose](),
  }
}

const noAdmin: Admin = {
  topics: async () => [],
  describe: async (): Promise<TopicDescription | null> => null,
  create: async () => true,
  delete: async () => {},
  bounds: async () => [],
  groupOffsets: async (): Promise<readonly GroupOffset[]> => [],
  alterGroupOffsets: async () => {},
  deleteGroup: async () => {},
  groupMembers: async () => [],
}
