/**
 * What the data plane reads from a connector's configuration, parsed once per task. The worker has validated it before;
 * a value that still does not fit is a ConfigError that names the property.
 */
import { ConfigError, messageOf } from '#errors'
import { javaRegex, type RawConfig } from '#plugin'

export function integerOf(config: RawConfig, name: string, fallback: number): number {
  const text = config[name]?.trim()
  if (text === undefined) return fallback
  if (!/^-?\d{1,15}$/.test(text))
    throw new ConfigError(`Invalid value ${text} for configuration ${name}: Not a number of type LONG`)
  return Number(text)
}

export function flagOf(config: RawConfig, name: string): boolean {
  const text = config[name]?.trim().toLowerCase() ?? 'false'
  if (text !== 'true' && text !== 'false')
    throw new ConfigError(
      `Invalid value ${text} for configuration ${name}: Expected value to be either true or false`,
    )
  return text === 'true'
}

export function choiceOf<const T extends string>(config: RawConfig, name: string, among: readonly T[]): T {
  const text = config[name]?.trim().toLowerCase() ?? among[0]
  const choice = among.find((each) => each === text)
  if (choice === undefined)
    throw new ConfigError(
      `Invalid value ${text} for configuration ${name}: String must be one of: ${among.join(', ')}`,
    )
  return choice
}

/** A comma-separated list, blanks around its entries dropped. */
export function listOf(config: RawConfig, name: string): string[] {
  const text = config[name]?.trim() ?? ''
  return text === '' ? [] : text.split(',').map((each) => each.trim())
}

/** The keys below a prefix, without it. */
export function below(config: RawConfig, prefix: string): Record<string, string> {
  const inner: Record<string, string> = {}
  for (const [name, value] of Object.entries(config))
    if (name.startsWith(prefix)) inner[name.slice(prefix.length)] = value
  return inner
}

/** A client's settings: the worker's for that kind of client, then the connector's overrides. */
export function clientSettings(
  worker: RawConfig,
  connector: RawConfig,
  client: 'producer' | 'consumer' | 'admin',
): Record<string, string> {
  return { ...below(worker, `${client}.`), ...below(connector, `${client}.override.`) }
}

/** A Java pattern that must match a whole text; one that cannot be used is refused by the property's name. */
export function wholeMatch(pattern: string, name: string): RegExp {
  try {
    return javaRegex(pattern, { whole: true })
  } catch (cause) {
    throw new ConfigError(`Invalid value ${pattern} for configuration ${name}: ${messageOf(cause)}`, {
      cause,
    })
  }
}
