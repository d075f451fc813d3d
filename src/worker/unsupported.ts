/**
 * Worker properties of Kafka Connect that this worker does not have. What would change who may do what, or what a user
 * relies on, is refused by name; what merely has no meaning here is named in a warning.
 */
import { ConfigError } from '#errors'
import type { RawConfig } from '#plugin'

interface Refusal {
  readonly key: string
  /** Values that ask for nothing. */
  readonly harmless: RegExp
  readonly remedy: string
}

const refusals: readonly Refusal[] = [
  {
    key: 'bootstrap.servers',
    harmless: /^$/,
    remedy:
      'This version has its embedded broker only, Kafka comes with the next version. Remove bootstrap.servers (or unset CONNECT_BOOTSTRAP_SERVERS) to use the embedded broker.',
  },
  {
    key: 'exactly.once.source.support',
    harmless: /^(disabled|enabled)$/i,
    remedy: 'Leave it out: the embedded broker stores records and source offsets in one transaction always.',
  },
  {
    key: 'rest.extension.classes',
    harmless: /^$/,
    remedy: 'REST extensions are Java classes. Put a proxy that checks who may call before the worker.',
  },
  {
    key: 'admin.listeners',
    harmless: /^$/,
    remedy: 'The admin resources are on the main listener; an empty value switches them off.',
  },
]

/** Without meaning here, by what comes instead. */
const meaningless: Readonly<Record<string, string>> = {
  'plugin.path': 'plugins are part of rowtap',
  'plugin.discovery': 'plugins are part of rowtap',
  'metric.reporters': 'metrics are at GET /metrics',
  'offset.storage.file.filename': 'offsets are in the data directory (data.dir)',
  'internal.key.converter': 'internal topics always hold JSON without schemas',
  'internal.value.converter': 'internal topics always hold JSON without schemas',
}

/** Throws for the first property that must not be passed over. */
export function refuseUnsupported(properties: RawConfig): void {
  for (const { key, harmless, remedy } of refusals) {
    const value = properties[key]?.trim()
    if (value === undefined || harmless.test(value)) continue
    throw new ConfigError(`The worker property ${key} is set to ${value}, which rowtap does not support.`, {
      remedy,
    })
  }
}

/** One sentence for each property that has no effect. */
export function withoutEffect(properties: RawConfig): readonly string[] {
  return Object.entries(meaningless)
    .filter(([key]) => (properties[key] ?? '') !== '')
    .map(([key, instead]) => `The worker property ${key} has no effect: ${instead}.`)
}
