/** The table of converters. Each is loaded when a configuration first names it. */
import { type PluginEntry, version } from '#plugin'

function converter(javaClass: string, alias: string, load: PluginEntry['load']): PluginEntry {
  return {
    kind: 'converter',
    javaClass: `org.apache.kafka.connect.${javaClass}`,
    aliases: [alias],
    version,
    load,
  }
}

export const converterEntries: readonly PluginEntry[] = [
  converter('json.JsonConverter', 'json', async () => (await import('./json.ts')).jsonConverter),
  converter('storage.StringConverter', 'string', async () => (await import('./string.ts')).stringConverter),
  converter(
    'converters.ByteArrayConverter',
    'bytes',
    async () => (await import('./byte-array.ts')).byteArrayConverter,
  ),
  converter('converters.ShortConverter', 'short', async () => (await import('./numbers.ts')).short),
  converter('converters.IntegerConverter', 'integer', async () => (await import('./numbers.ts')).integer),
  converter('converters.LongConverter', 'long', async () => (await import('./numbers.ts')).long),
  converter('converters.FloatConverter', 'float', async () => (await import('./numbers.ts')).float),
  converter('converters.DoubleConverter', 'double', async () => (await import('./numbers.ts')).double),
  converter('converters.BooleanConverter', 'boolean', async () => (await import('./numbers.ts')).bool),
  {
    kind: 'header_converter',
    javaClass: 'org.apache.kafka.connect.storage.SimpleHeaderConverter',
    aliases: ['simple'],
    version,
    load: async () => (await import('./simple-header.ts')).simpleHeaderConverter,
  },
]
