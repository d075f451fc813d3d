/** The offsets of a connector, whether its source partitions' or its consumer group's. */
import type { Admin } from '#broker'
import { sinkGroup } from '#pipeline'
import type { RawConfig, Registry, Resolver } from '#plugin'
import { alterSinkOffsets, alterSourceOffsets, resetSinkOffsets, sinkOffsets } from './alter-offsets.ts'
import type { ConnectorOffset } from './herder.ts'
import type { OffsetStore } from './offset-store.ts'
import { connectorType } from './views.ts'

/** `config` is the connector's, as stored. Altering and resetting answer with Connect's message. */
export interface ConnectorOffsets {
  get(name: string, config: RawConfig): Promise<readonly ConnectorOffset[]>
  alter(name: string, config: RawConfig, offsets: readonly ConnectorOffset[]): Promise<string>
  reset(name: string, config: RawConfig): Promise<string>
}

export function connectorOffsets(
  admin: Admin,
  store: OffsetStore,
  registry: Registry,
  resolver: Resolver,
): ConnectorOffsets {
  const isSink = (config: RawConfig) => connectorType(registry, config['connector.class']) === 'sink'
  const groupOf = (name: string, config: RawConfig) => sinkGroup(name, resolver.resolve(config))
  const source = (config: RawConfig) => registry.load('source', config['connector.class'] ?? '')
  return {
    async get(name, config) {
      return isSink(config) ? sinkOffsets(admin, groupOf(name, config)) : store.of(name)
    },
    async alter(name, config, offsets) {
      if (isSink(config)) return alterSinkOffsets(name, admin, groupOf(name, config), offsets)
      const plugin = await source(config)
      return alterSourceOffsets(name, plugin, resolver.resolve(config), offsets, store, 'altered')
    },
    async reset(name, config) {
      if (isSink(config)) return resetSinkOffsets(name, admin, groupOf(name, config))
      const plugin = await source(config)
      const none = (await store.of(name)).map(({ partition }) => ({ partition, offset: null }))
      return alterSourceOffsets(name, plugin, resolver.resolve(config), none, store, 'reset')
    },
  }
}
