/** What a configuration asks for in vain without being wrong: named in the log at every start. */
import { notDefault, partPrefixes } from '#cdc'
import type { Logger } from '#observe'
import { type RawConfig, unknownKeys } from '#plugin'
import { fields, knownPrefixes, withoutEffect } from './config.ts'
import { missingOverrides } from './settings.ts'

export function warnings(config: RawConfig): readonly string[] {
  const parts = ['converters', 'post.processors'].flatMap((property) => partPrefixes(config, property))
  const unknown = unknownKeys(config, [fields], [...knownPrefixes, ...parts])
  return [
    ...unknown.map((name) => `The property ${name} is unknown and has no effect.`),
    ...notDefault(withoutEffect, config).map(({ name }) => `The property ${name} has no effect.`),
    ...missingOverrides(config).map(
      (table) =>
        `snapshot.select.statement.overrides names ${table}, which has no statement: it is read as a whole.`,
    ),
    ...(config['plugin.name'] === 'pgoutput'
      ? []
      : [
          'plugin.name: decoderbufs is not used, pgoutput is: it is built into every server and gives the same events.',
        ]),
    ...(config['lsn.flush.mode'] === 'connector_and_driver'
      ? [
          'lsn.flush.mode=connector_and_driver is the same as connector: positions of keepalives are confirmed when idle.',
        ]
      : []),
  ]
}

export function warnAbout(config: RawConfig, log: Logger): void {
  for (const warning of warnings(config)) log.warn(warning)
}
