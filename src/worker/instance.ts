/**
 * The running instance of a connector (not of its tasks): knows its plugin and resolved configuration, watches the
 * system through the plugin's `monitor`, and generates task configurations.
 */
import { ConfigError, ConnectError } from '#errors'
import { logger, release } from '#observe'
import type { ConnectorPlugin, RawConfig, Resolver } from '#plugin'
import { refuseOverrides } from './override-policy.ts'
import type { World } from './world.ts'

export interface Instance {
  readonly plugin: ConnectorPlugin
  /** As typed. */
  readonly raw: RawConfig
  readonly config: RawConfig
  /** Ends `monitor`, if it runs. */
  quiet(timeoutMs: number): Promise<void>
  /** Runs `monitor`, if the plugin has one and it does not run. */
  watch(): void
  /** Generated, with task.class and topics, references back in place of what they stand for. */
  taskConfigs(): Promise<readonly RawConfig[]>
}

export interface InstanceListener {
  /** `monitor` has thrown. */
  failed(error: unknown): void
  /** The task configurations shall be generated anew. */
  reconfigure(): void
}

/** More tasks than `tasks.max` allows. */
export class TooManyTasksError extends ConnectError {
  override readonly name = 'TooManyTasksError'

  constructor(connector: string, generated: number, most: number) {
    super(
      `The connector ${connector} has generated ${generated} tasks, which is greater than ${most}, the maximum number of tasks it is configured to create. This behaviour should be considered a bug and is disallowed.`,
      { remedy: "Set 'tasks.max' higher, or 'tasks.max.enforce' to false to permit it." },
    )
  }
}

/** Finds the plugin and resolves the configuration; throws what is wrong with either. */
export async function openInstance(
  connector: string,
  raw: RawConfig,
  world: World,
  listener: InstanceListener,
): Promise<Instance> {
  const plugin = await world.registry.connector(raw['connector.class'] ?? '')
  const config = world.resolver.resolve(raw)
  refuseOverrides(config, world.settings.properties)
  if (config['offsets.storage.topic'] !== undefined && plugin.kind === 'source')
    throw new ConfigError(
      `The connector property offsets.storage.topic is set to ${config['offsets.storage.topic']}, and rowtap keeps all source offsets in the worker's own topic ${world.settings.offsetsTopic}.`,
      { remedy: 'Remove the property.' },
    )
  return {
    plugin,
    raw,
    config,
    ...watcher(connector, plugin, config, listener),
    taskConfigs: () => generate(connector, plugin, raw, config, world.resolver),
  }
}

function watcher(
  connector: string,
  plugin: ConnectorPlugin,
  config: RawConfig,
  listener: InstanceListener,
): Pick<Instance, 'quiet' | 'watch'> {
  let running: { readonly controller: AbortController; readonly done: Promise<void> } | null = null
  return {
    watch() {
      if (running !== null || plugin.monitor === undefined) return
      const controller = new AbortController()
      const { signal } = controller
      const log = logger(`connector.${connector}`, { connector })
      const reconfigure = () => {
        if (!signal.aborted) listener.reconfigure()
      }
      const context = { connector, log, signal, reconfigure }
      const done = plugin
        .monitor(config, context)
        .catch((error: unknown) => {
          if (!signal.aborted) listener.failed(error)
        })
        .finally(() => release(log))
      running = { controller, done }
    },
    async quiet(timeoutMs) {
      if (running === null) return
      const { controller, done } = running
      running = null
      controller.abort()
      await within(timeoutMs, done)
    },
  }
}

/** Waits for `done`, but no longer than this. */
export async function within(timeoutMs: number, done: Promise<unknown>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, timeoutMs)
  await Promise.race([done, promise])
  clearTimeout(timer)
}

async function generate(
  connector: string,
  plugin: ConnectorPlugin,
  raw: RawConfig,
  config: RawConfig,
  resolver: Resolver,
): Promise<readonly RawConfig[]> {
  const most = Number(config['tasks.max'] ?? '1')
  const generated = await plugin.taskConfigs(config, most)
  if (generated.length > most && config['tasks.max.enforce']?.toLowerCase() !== 'false')
    throw new TooManyTasksError(connector, generated.length, most)
  return generated.map((task) => {
    const kept: Record<string, string> = {}
    for (const [key, value] of Object.entries(task)) {
      const typed = raw[key]
      kept[key] = typed !== undefined && resolver.refers(typed) ? typed : value
    }
    for (const key of ['topics', 'topics.regex']) if (raw[key] !== undefined) kept[key] = raw[key]
    kept['task.class'] = plugin.taskClass
    return kept
  })
}
