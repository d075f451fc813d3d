/**
 * A connector as a file on the command line of a standalone worker, in one of the three forms that Connect takes: a
 * flat JSON map with `name`, the JSON body of `POST /connectors`, or Java properties.
 */
import { ConfigError } from '#errors'
import { jsonPlace, parseProperties, type SubmittedConfig } from '#plugin'
import type { CreateRequest, TargetState } from '#worker'

const states: Readonly<Record<string, TargetState>> = {
  RUNNING: 'STARTED',
  PAUSED: 'PAUSED',
  STOPPED: 'STOPPED',
}

/** `file` names it in errors. */
export function parseConnectorFile(text: string, file: string): CreateRequest {
  if (!text.trimStart().startsWith('{')) return request(file, null, parseProperties(text), null)
  const parsed = parsedJson(text, file)
  const { name, config, initial_state: state } = parsed
  if (typeof config !== 'object' || config === null) return request(file, null, configOf(parsed, file), null)
  return request(
    file,
    typeof name === 'string' ? name : null,
    configOf(config as Record<string, unknown>, file),
    typeof state === 'string' ? state : null,
  )
}

function request(
  file: string,
  given: string | null,
  config: SubmittedConfig,
  state: string | null,
): CreateRequest {
  const name = given ?? config['name'] ?? ''
  if (name === '')
    throw new ConfigError(`The connector in ${file} has no name.`, { remedy: "Give it a 'name'." })
  if (state === null) return { name, config }
  const targetState = states[state.toUpperCase()]
  if (targetState === undefined)
    throw new ConfigError(`The initial_state '${state}' in ${file} is none of RUNNING, PAUSED, STOPPED.`)
  return { name, config, targetState }
}

function parsedJson(text: string, file: string): Record<string, unknown> {
  try {
    return JSON.parse(text, asTyped as (key: string, value: unknown) => unknown) as Record<string, unknown>
  } catch {
    throw new ConfigError(`${file} is no valid JSON: it cannot be read from ${jsonPlace(text)} on.`)
  }
}

/** Numbers keep their text: configurations are made of strings. */
function asTyped(_key: string, value: unknown, { source }: { readonly source?: string }): unknown {
  return typeof value === 'number' ? (source ?? String(value)) : value
}

function configOf(members: Readonly<Record<string, unknown>>, file: string): SubmittedConfig {
  const config: Record<string, string | null> = {}
  for (const [key, value] of Object.entries(members)) {
    if (typeof value === 'object' && value !== null)
      throw new ConfigError(
        `The property ${key} in ${file} is an object or a list: it must be a plain value.`,
      )
    config[key] = value === null || value === undefined ? null : String(value)
  }
  return config
}
