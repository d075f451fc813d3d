/**
 * The three converters of a task: the connector's own where it names one, else the worker's. Settings are never mixed:
 * whoever names the converter also gives all of its settings.
 */
import { ConfigError } from '#errors'
import type { Converter, ConverterPlugin, HeaderConverter, HeaderConverterPlugin, RawConfig } from '#plugin'
import type { Plugins } from './plugins.ts'
import { below } from './settings.ts'

export type ConverterUse = 'key' | 'value' | 'header'

/** A converter, with the Java class that errors name. */
export interface Named<C> {
  readonly javaClass: string
  readonly converter: C
}

export interface Converters {
  readonly key: Named<Converter>
  readonly value: Named<Converter>
  readonly header: Named<HeaderConverter>
}

const defaultHeaderConverter = 'org.apache.kafka.connect.storage.SimpleHeaderConverter'

export async function convertersOf(
  connector: RawConfig,
  worker: RawConfig,
  plugins: Plugins,
): Promise<Converters> {
  const header = choose(connector, worker, 'header')
  return {
    key: await dataConverter(connector, worker, plugins, 'key'),
    value: await dataConverter(connector, worker, plugins, 'value'),
    header: named(await plugins.load('header_converter', header.name), header.settings),
  }
}

async function dataConverter(
  connector: RawConfig,
  worker: RawConfig,
  plugins: Plugins,
  use: 'key' | 'value',
): Promise<Named<Converter>> {
  const { name, settings } = choose(connector, worker, use)
  const plugin = await plugins.load('converter', name)
  return { javaClass: plugin.javaClass, converter: plugin.create(settings, use) }
}

function choose(
  connector: RawConfig,
  worker: RawConfig,
  use: ConverterUse,
): { readonly name: string; readonly settings: RawConfig } {
  const property = `${use}.converter`
  for (const config of [connector, worker]) {
    const name = config[property]?.trim()
    if (name !== undefined && name !== '') return { name, settings: below(config, `${property}.`) }
  }
  if (use === 'header') return { name: defaultHeaderConverter, settings: {} }
  throw new ConfigError(`Missing required configuration "${property}" which has no default value.`, {
    remedy: 'Set it in the connector or in the worker.',
  })
}

function named(plugin: HeaderConverterPlugin | ConverterPlugin, settings: RawConfig): Named<HeaderConverter> {
  const { javaClass } = plugin
  if (plugin.kind === 'header_converter') return { javaClass, converter: plugin.create(settings) }
  const converter = plugin.create(settings, 'header')
  return {
    javaClass,
    converter: {
      write: (topic, _key, datum, out) => converter.write(topic, datum, out),
      read: (topic, _key, bytes) => converter.read(topic, bytes),
    },
  }
}
