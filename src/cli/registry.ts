/** All plugins of this build. Task threads load this module by its URL, as plugins are functions and cannot be sent. */
import { connectors } from '#connectors'
import { converterEntries } from '#converters'
import { createRegistry, type Registry } from '#plugin'
import { transformEntries } from '#transforms'

export const registry: Registry = createRegistry([...converterEntries, ...transformEntries, ...connectors])
