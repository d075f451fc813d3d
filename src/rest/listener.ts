/**
 * What the worker's properties say of the REST server. What it cannot do is refused by name before it listens: an
 * extension that was to check passwords, say, must not be passed over.
 */
import { ConfigError } from '#errors'
import type { RawConfig } from '#plugin'
import { type Listener, listenersOf } from '#worker'

const proxy = 'Put a proxy that does this before the worker, and let the worker listen on 127.0.0.1.'

/** The one listener. */
export function listenerOf(properties: RawConfig): Listener {
  const given = (key: string): string => properties[key]?.trim() ?? ''
  if (given('rest.extension.classes') !== '')
    throw new ConfigError(
      `The worker property rest.extension.classes is set to ${given('rest.extension.classes')}: Java extensions of the REST API do not run here.`,
      { remedy: proxy },
    )
  if (given('admin.listeners') !== '')
    throw new ConfigError(
      `The worker property admin.listeners is set to ${given('admin.listeners')}: the admin resources have no listener of their own.`,
      { remedy: 'Leave it out to have them beside the others, or set it to nothing to have none.' },
    )
  const [listener, ...more] = listenersOf(properties)
  if (listener === undefined || listener.protocol === 'https' || more.length > 0)
    throw new ConfigError("The worker property 'listeners' must name one listener, with the protocol http.", {
      remedy: proxy,
    })
  return listener
}
