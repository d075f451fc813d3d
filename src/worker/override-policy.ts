/**
 * `connector.client.config.override.policy`: which properties of Kafka's clients a connector may override. By Connect's
 * names or Java classes; a policy that is not there is refused when the worker starts.
 */
import { ConfigError } from '#errors'
import type { RawConfig } from '#plugin'

export interface OverridePolicy {
  readonly name: string
  allows(key: string): boolean
}

const property = 'connector.client.config.override.policy'
const allowlist = 'connector.client.config.override.allowlist'
const principal = new Set(['sasl.jaas.config', 'sasl.mechanism', 'security.protocol'])

export function overridePolicy(worker: RawConfig): OverridePolicy {
  const given = worker[property]?.trim() ?? 'All'
  const pattern = /(?:^|\.)(All|None|Principal|Allowlist)(?:ConnectorClientConfigOverridePolicy)?$/
  const [, name = ''] = pattern.exec(given) ?? []
  switch (name) {
    case 'All':
      return { name, allows: () => true }
    case 'None':
      return { name, allows: () => false }
    case 'Principal':
      return { name, allows: (key) => principal.has(key) }
    case 'Allowlist': {
      const allowed = (worker[allowlist] ?? '').split(',').map((each) => each.trim())
      return { name, allows: (key) => allowed.includes(key) }
    }
    default:
      throw new ConfigError(`Invalid value ${given} for configuration ${property}.`, {
        remedy: `It must be All, None, Principal or Allowlist (with ${allowlist}).`,
      })
  }
}

export function notAllowed(policy: OverridePolicy, key: string): string {
  return `The '${policy.name}' policy does not allow '${key}' to be overridden in the connector configuration.`
}

/** Refuses a connector that overrides more than it may: it may have been written before the policy was. */
export function refuseOverrides(config: RawConfig, worker: RawConfig): void {
  const policy = overridePolicy(worker)
  for (const name of Object.keys(config)) {
    const [, key] = /^(?:producer|consumer|admin)\.override\.(.+)$/.exec(name) ?? []
    if (key === undefined || policy.allows(key)) continue
    throw new ConfigError(notAllowed(policy, key), {
      remedy: `Remove ${name} from the connector's configuration, or set ${property} of the worker.`,
    })
  }
}
