/** What a configuration asks for in vain without being wrong: named in the log at every start. */
import { columnRulePrefixes, notDefault, partPrefixes } from '#cdc'
import type { Logger } from '#observe'
import { type ConfigFields, type RawConfig, unknownKeys } from '#plugin'
import { idlePrefixes, knownPrefixes, withoutEffect } from './config/servers.ts'
import { missingOverrides } from './config/settings.ts'

export function warnings(fields: ConfigFields, config: RawConfig): readonly string[] {
  const parts = ['converters', 'post.processors'].flatMap((property) => partPrefixes(config, property))
  const known = [...knownPrefixes, ...columnRulePrefixes, ...parts]
  const unknown = unknownKeys(config, [fields], known)
  const driver = Object.keys(config).filter((name) => idlePrefixes.some((each) => name.startsWith(each)))
  return [
    ...unknown.map((name) => `The property ${name} is unknown and has no effect.`),
    ...driver.map((name) => `The property ${name} has no effect: there is no JDBC driver here.`),
    ...notDefault(withoutEffect, config).map(({ name }) => `The property ${name} has no effect.`),
    ...missingOverrides(config).map(
      (table) =>
        `snapshot.select.statement.overrides names ${table}, which has no statement: it is read as a whole.`,
    ),
  ]
}

export function warnAbout(fields: ConfigFields, config: RawConfig, log: Logger): void {
  for (const warning of warnings(fields, config)) log.warn(warning)
}
