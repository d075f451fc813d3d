/** The settings of the converters that a connector names itself, prefixed: `value.converter.schemas.enable`. */
import { hashMapOrder, type ConfigFields, type RawConfig, type Registry, validateConfig } from '#plugin'
import type { ConfigInfo } from '../herder.ts'
import { Sheet } from './sheet.ts'

export interface Section {
  readonly groups: readonly string[]
  readonly infos: readonly ConfigInfo[]
}

export async function converterSections(
  registry: Registry,
  config: RawConfig,
  faulty: (key: string) => boolean,
): Promise<Section[]> {
  const sections: Section[] = []
  for (const part of ['header', 'key', 'value'] as const) {
    const key = `${part}.converter`
    const name = config[key]
    if (name !== undefined && !faulty(key)) sections.push(await section(registry, part, name.trim(), config))
  }
  return sections
}

async function section(
  registry: Registry,
  part: 'header' | 'key' | 'value',
  name: string,
  config: RawConfig,
): Promise<Section> {
  const plugin = await registry.load(part === 'header' ? 'header_converter' : 'converter', name)
  const prefix = `${part}.converter.`
  const own = Object.fromEntries(
    Object.entries(config)
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, value]) => [key.slice(prefix.length), value]),
  )
  const all: ConfigFields = plugin.config
  // Connect lists them in the order of a Java HashMap.
  const fields = Object.fromEntries(
    hashMapOrder(Object.keys(all)).flatMap((key) => (all[key] === undefined ? [] : [[key, all[key]]])),
  ) as ConfigFields
  const sheet = new Sheet()
  sheet.define(fields, validateConfig(fields, { 'converter.type': part, ...own }))
  return { groups: sheet.groups, infos: sheet.infos(prefix) }
}
