/**
 * A connector's transforms in their order, each behind its predicate. The first that drops the record ends the chain.
 * A step can be tried again alone: a failure says at which step, and `run` goes on from there.
 */
import type { ConnectRecord } from '#data'
import { ConfigError } from '#errors'
import type { Predicate, RawConfig, Transform } from '#plugin'
import type { Plugins } from './plugins.ts'
import { below, flagOf, listOf } from './settings.ts'

export interface ChainStep {
  readonly javaClass: string
  readonly transform: Transform
  /** null: applies to every record. */
  readonly when: Predicate | null
  readonly negate: boolean
}

/** Where `run` is: after a throw, the step that failed and the record it was given. */
export interface ChainState {
  step: number
  record: ConnectRecord
}

export type Chain = readonly ChainStep[]

/** Runs the steps from `state.step` on; null where one dropped the record. */
export function runChain(chain: Chain, state: ChainState): ConnectRecord | null {
  for (; state.step < chain.length; state.step++) {
    const { transform, when, negate } = chain[state.step] as ChainStep
    if (when !== null && when(state.record) === negate) continue
    const changed = transform(state.record)
    if (changed === null) return null
    state.record = changed
  }
  return state.record
}

export async function chainOf(config: RawConfig, plugins: Plugins): Promise<Chain> {
  const predicates = new Map<string, Predicate>()
  for (const name of listOf(config, 'predicates')) {
    const inner = below(config, `predicates.${name}.`)
    const plugin = await plugins.load('predicate', required(inner, 'type', `predicates.${name}.type`))
    predicates.set(name, plugin.create(without(inner, 'type')))
  }
  const chain: ChainStep[] = []
  for (const name of listOf(config, 'transforms')) {
    const inner = below(config, `transforms.${name}.`)
    const plugin = await plugins.load('transformation', required(inner, 'type', `transforms.${name}.type`))
    chain.push({
      javaClass: plugin.javaClass,
      transform: plugin.create(without(inner, 'type', 'predicate', 'negate')),
      when: predicateOf(config, name, predicates),
      negate: flagOf(config, `transforms.${name}.negate`),
    })
  }
  return chain
}

function predicateOf(
  config: RawConfig,
  transform: string,
  predicates: ReadonlyMap<string, Predicate>,
): Predicate | null {
  const property = `transforms.${transform}.predicate`
  const name = config[property]?.trim()
  if (name === undefined || name === '') {
    if (config[`transforms.${transform}.negate`] === undefined) return null
    throw new ConfigError(
      `Config 'transforms.${transform}.negate' was provided but there is no config '${property}' defining a predicate to be negated.`,
    )
  }
  const predicate = predicates.get(name)
  if (predicate === undefined)
    throw new ConfigError(`Invalid value ${name} for configuration ${property}: it is not among 'predicates'`)
  return predicate
}

function required(inner: RawConfig, name: string, property: string): string {
  const value = inner[name]?.trim()
  if (value === undefined || value === '')
    throw new ConfigError(`Missing required configuration "${property}" which has no default value.`)
  return value
}

function without(config: RawConfig, ...names: readonly string[]): RawConfig {
  return Object.fromEntries(Object.entries(config).filter(([name]) => !names.includes(name)))
}
