/** Configurations as they come in over REST: the connector's name put in, and refused where they are invalid. */
import type { RawConfig, SubmittedConfig } from '#plugin'
import { type ConfigValidator, HerderError } from './herder.ts'

/** The configuration with its name in it: in the place where it was typed, or last. */
export function named(name: string, config: SubmittedConfig): SubmittedConfig {
  const given = config['name'] ?? ''
  if (given !== '' && given !== name)
    throw new HerderError(
      400,
      `Connector name configuration (${given}) doesn't match connector name in the URL (${name})`,
    )
  return { ...config, name }
}

/** Null removes a key, everything else is set. */
export function patched(config: RawConfig, patch: SubmittedConfig): SubmittedConfig {
  return Object.fromEntries(Object.entries({ ...config, ...patch }).filter(([, value]) => value !== null))
}

/** Throws a 400 that lists all that is wrong. */
export async function validated(config: SubmittedConfig, validate: ConfigValidator): Promise<RawConfig> {
  const { error_count: count, configs } = await validate(config)
  if (count > 0) {
    const errors = configs.flatMap(({ value }) => value.errors).map((error) => `\n${error}`)
    throw new HerderError(
      400,
      `Connector configuration is invalid and contains the following ${count} error(s):${errors.join('')}\nYou can also find the above list of errors at the endpoint \`/connector-plugins/{connectorType}/config/validate\``,
    )
  }
  const valid: Record<string, string> = {}
  for (const [key, value] of Object.entries(config)) if (value !== null) valid[key] = value
  return valid
}

/** Java's `String.trim`. */
export function javaTrimmed(text: string): string {
  return text.replace(/^[\u0000-\u0020]+|[\u0000-\u0020]+$/g, '')
}
