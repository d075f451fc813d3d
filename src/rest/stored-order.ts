/**
 * The key order of configurations that are read back. A Kafka Connect of distributed workers reads them from its
 * topic into Java maps, so that all but the answers to POST and PUT come in a HashMap's order; scripts that compare
 * answers as text see it. A standalone worker keeps the order typed, but for those of tasks.
 */
import { hashMapOrder, type RawConfig } from '#plugin'
import type { ConnectorInfo, ConnectorOffset, ExpandedConnector, Herder, TaskInfo } from '#worker'

export interface StoredOrder {
  config(config: RawConfig): RawConfig
  info(info: ConnectorInfo): ConnectorInfo
  /** The answer to a PATCH: changes put into a copy of the configuration before. */
  patched(info: ConnectorInfo, before: RawConfig): ConnectorInfo
  task(task: TaskInfo): TaskInfo
  expanded(all: Readonly<Record<string, ExpandedConnector>>): Record<string, ExpandedConnector>
}

function hashed<M extends Readonly<Record<string, unknown>>>(map: M, copied: number | null = null): M {
  return Object.fromEntries(hashMapOrder(Object.keys(map), copied).map((key) => [key, map[key]])) as M
}

/** Offsets are read back from their topic by every worker. */
export function offsetInStoredOrder({ partition, offset }: ConnectorOffset): ConnectorOffset {
  return { partition: partition && hashed(partition), offset: offset && hashed(offset) }
}

export function storedOrder({ mode }: Herder): StoredOrder {
  const ordered = (config: RawConfig): RawConfig => (mode === 'standalone' ? config : hashed(config))
  const info = (given: ConnectorInfo): ConnectorInfo => ({ ...given, config: ordered(given.config) })
  return {
    config: ordered,
    info,
    patched: (given, before) => ({
      ...given,
      config: hashed(given.config, Object.keys(before).length),
    }),
    task: (task) => ({ ...task, config: hashed(task.config) }),
    expanded: (all) =>
      Object.fromEntries(
        Object.entries(all).map(([name, each]) => [
          name,
          each.info === undefined ? each : { ...each, info: info(each.info) },
        ]),
      ),
  }
}
