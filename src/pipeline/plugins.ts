/** What the data plane asks of the plugin registry: plugins by the names that a configuration gives them. */
import type { Registry } from '#plugin'

export type Plugins = Pick<Registry, 'connector' | 'load'>
