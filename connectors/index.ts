/**
 * The table of connectors: what there is and how to load it. A connector is loaded when it is first used, so a worker
 * pays only for those that its users configure. Adding or removing a connector is a folder and its lines here.
 */
import type { PluginEntry } from '#plugin'

const file = 'org.apache.kafka.connect.file'
const fileVersion = '4.3.0'

export const connectors: readonly PluginEntry[] = [
  {
    kind: 'source',
    javaClass: `${file}.FileStreamSourceConnector`,
    aliases: ['file-source'],
    version: fileVersion,
    load: async () => (await import('./file/source.ts')).fileSource,
  },
  {
    kind: 'sink',
    javaClass: `${file}.FileStreamSinkConnector`,
    aliases: ['file-sink'],
    version: fileVersion,
    load: async () => (await import('./file/sink.ts')).fileSink,
  },
]
