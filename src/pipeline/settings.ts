/**
 * What the data plane reads from a connector's configuration, parsed once per task. The worker has validated it before;
 * a value that still does not fit is a ConfigError that names the property.
 */
import { ConfigError, messageOf } from '#errors'
import { javaRegex, type RawConfig } from '#plugin'
import type { TaskSpec } from './runner.ts'

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

/**
 * The settings of a task's own client: a name that says whose it is (`connector-producer-NAME-0`), over it the worker's
 * for that kind of client, then the connector's overrides.
 */
export function clientSettings(
  { connector, task, connectorConfig, worker }: TaskSpec,
  client: 'producer' | 'consumer',
  called: string = client,
): Record<string, string> {
  return {
    'client.id': `connector-${called}-${connector}-${task}`,
    ...below(worker.properties, `${client}.`),
    ...below(connectorConfig, `${client}.override.`),
  }
}

/** What a connector asks of an admin client, which it has none of its own. */
export function adminOverrides(config: RawConfig): readonly string[] {
  return Object.keys(config).filter((name) => name.startsWith('admin.override.'))
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
