/**
 * Config → Connect's validation answer. Every property is read for itself first, then the rules over several of them,
 * then the connector's own checks, which may ask the live system; overrides and converters have sections of their own.
 */
import { ConnectError, messageOf } from '#errors'
import {
  type ConfigFields,
  connectorFields,
  type ConnectorPlugin,
  createResolver,
  hashMapOrder,
  type PluginEntry,
  type RawConfig,
  type Registry,
  sinkFields,
  sourceFields,
  type SubmittedConfig,
  transformFields,
  validateConfig,
} from '#plugin'
import { type ConfigInfos, HerderError } from '../herder.ts'
import { overrideInfos } from './client-overrides.ts'
import { sinkRules, sourceRules } from './connector-rules.ts'
import { converterSections } from './converter-section.ts'
import { answer, Sheet } from './sheet.ts'

const VERSION = '.plugin.version'

/** Throws a `HerderError` for what cannot be validated at all. References are resolved, secrets hidden (invariant 7). */
export async function validateConnector(
  registry: Registry,
  worker: RawConfig,
  submitted: SubmittedConfig,
  signal: AbortSignal,
): Promise<ConfigInfos> {
  const className = submitted['connector.class'] ?? null
  if (className === null) throw new HerderError(400, withoutType(submitted))
  const { plugin, entry } = await connectorNamed(registry, className)
  const { config, given } = resolved(worker, submitted)
  const sheet = new Sheet()
  const common = connectorFields(plugin.kind, { registry, config: given, worker, connector: entry })
  sheet.define(common, validateConfig(common, given))
  if (sheet.errors(`connector${VERSION}`).length > 0)
    return wrongVersion(
      className,
      connectorFields(plugin.kind, { registry, config: given, connector: entry }),
      given,
    )
  hideVersionsOfNothing(sheet)
  const chained = await transformFields(given, registry)
  sheet.define(chained, validateConfig(chained, given))
  spreadVersionErrors(sheet, { ...common, ...chained })
  if (plugin.kind === 'source') sourceRules(sheet, config, worker)
  else sinkRules(sheet, config, worker)
  for (const [key, value] of Object.entries(submitted))
    if (value === null && !Object.hasOwn(plugin.config, key))
      sheet.addError(key, 'Null value can not be supplied as the configuration value.')
  await ownChecks(sheet, plugin, config, given, signal)
  const overrides = overrideInfos(plugin.kind, config, worker)
  const converters = await converterSections(registry, config, (key) => sheet.errors(key).length > 0)
  const groups = [...new Set([...sheet.groups, ...converters.flatMap((each) => each.groups)])]
  return answer(className, groups, [sheet.infos(), overrides, ...converters.map((each) => each.infos)])
}

async function connectorNamed(
  registry: Registry,
  className: string,
): Promise<{ plugin: ConnectorPlugin; entry: PluginEntry | null }> {
  const name = className.trim()
  try {
    const plugin = await registry.connector(name)
    return { plugin, entry: registry.find(plugin.kind, name) }
  } catch (error) {
    if (error instanceof ConnectError) throw new HerderError(400, messageOf(error), { cause: error })
    throw error
  }
}

/** The configuration with its references resolved: as given, and without its nulls. */
function resolved(
  worker: RawConfig,
  submitted: SubmittedConfig,
): { config: RawConfig; given: SubmittedConfig } {
  const present = Object.entries(submitted).filter((each): each is [string, string] => each[1] !== null)
  const config = createResolver(worker).resolve(Object.fromEntries(present))
  return { config, given: { ...submitted, ...config } }
}

/** The connector's own properties, and, once each of them is valid, its own checks. */
async function ownChecks(
  sheet: Sheet,
  plugin: ConnectorPlugin,
  config: RawConfig,
  given: SubmittedConfig,
  signal: AbortSignal,
): Promise<void> {
  const values = validateConfig(plugin.config, given)
  sheet.define(plugin.config, values)
  if (plugin.check === undefined || values.some(({ errors }) => errors.length > 0)) return
  for (const { field, message } of await plugin.check(config, signal)) sheet.addError(field, message)
}

/** A connector of another version than the one asked for: nothing of it is looked at. */
function wrongVersion(className: string, common: ConfigFields, given: SubmittedConfig): ConfigInfos {
  const shared = Object.fromEntries(
    Object.entries(common).filter(
      ([key]) => !Object.hasOwn(sourceFields, key) && !Object.hasOwn(sinkFields, key),
    ),
  )
  const sheet = new Sheet()
  sheet.define(shared, validateConfig(shared, given))
  for (const message of sheet.errors(`connector${VERSION}`)) sheet.addError('connector.class', message)
  hideVersionsOfNothing(sheet)
  return answer(className, sheet.groups, [sheet.infos()])
}

/** The version of a converter that is not known says nothing. */
function hideVersionsOfNothing(sheet: Sheet): void {
  for (const part of ['key', 'value', 'header'])
    if (sheet.value(`${part}.converter`) === null) sheet.hide(`${part}.converter${VERSION}`)
}

/** What is wrong with a version is wrong with its class too; of a transform of the wrong version nothing more is said. */
function spreadVersionErrors(sheet: Sheet, fields: ConfigFields): void {
  for (const key of Object.keys(fields)) {
    if (!key.endsWith(VERSION)) continue
    const owner = key.slice(0, -VERSION.length)
    const isChained = Object.hasOwn(fields, `${owner}.type`)
    for (const message of sheet.errors(key)) {
      sheet.addError(isChained ? `${owner}.type` : owner, message)
      if (isChained) sheet.remove(Object.keys(fields).filter((each) => settingOf(each, owner)))
    }
  }
}

function settingOf(key: string, owner: string): boolean {
  return key.startsWith(`${owner}.`) && key !== `${owner}.type` && key !== owner + VERSION
}

/** Java's rendering of the map. Values whose names speak of secrets are hidden, which Connect does not do. */
function withoutType(submitted: SubmittedConfig): string {
  const secret = /password|secret|token|credential|jaas|private\.?key|api\.?key/i
  const entries = hashMapOrder(Object.keys(submitted), Object.keys(submitted).length).map((key) => {
    const value = submitted[key] ?? null
    return `${key}=${value !== null && secret.test(key) ? '[hidden]' : value}`
  })
  return `Connector config {${entries.join(', ')}} contains no connector type`
}
