/** The table of transforms and predicates. Each is loaded when a configuration first names it. */
import { ConfigError } from '#errors'
import { type Plugin, type PluginEntry, version } from '#plugin'
import { packageName, type PartTransform, partPlugin } from './part.ts'

type Load = () => Promise<Plugin>

function entry(
  kind: 'transformation' | 'predicate',
  javaClass: string,
  load: Load,
  aliases: string[] = [],
): PluginEntry {
  return { kind, javaClass, aliases, version, load }
}

/** `Name$Key` and `Name$Value`. */
function pair(name: string, load: () => Promise<PartTransform>): PluginEntry[] {
  return [
    entry('transformation', `${packageName}${name}$Key`, async () => partPlugin(await load(), 'key')),
    entry('transformation', `${packageName}${name}$Value`, async () => partPlugin(await load(), 'value')),
  ]
}

const debezium = 'io.debezium.transforms.'

const one = (name: string, load: Load) => entry('transformation', packageName + name, load)
const own = (name: string, load: Load) => entry('transformation', debezium + name, load)
const predicate = (name: string, load: Load) => entry('predicate', `${packageName}predicates.${name}`, load)

/** Transforms that run scripts. */
function refused(name: string, instead: string): PluginEntry {
  const reason = `${debezium}${name} runs scripts in a JSR 223 engine of Java, which is not there: use ${instead}.`
  const load = () => Promise.reject(new ConfigError(reason))
  return { ...entry('transformation', debezium + name, load), refused: reason }
}

export const transformEntries: readonly PluginEntry[] = [
  entry(
    'transformation',
    `${debezium}ExtractNewRecordState`,
    async () => (await import('./extract-new-record-state.ts')).extractNewRecordState,
    ['unwrap'],
  ),
  entry(
    'transformation',
    `${debezium}outbox.EventRouter`,
    async () => (await import('./event-router.ts')).eventRouter,
    ['outbox'],
  ),
  own('ByLogicalTableRouter', async () => (await import('./logical-router.ts')).byLogicalTableRouter),
  own(
    'ExtractChangedRecordState',
    async () => (await import('./extract-changed-record-state.ts')).extractChangedRecordState,
  ),
  own('HeaderToValue', async () => (await import('./header-to-value.ts')).headerToValue),
  own('partitions.PartitionRouting', async () => (await import('./partition-routing.ts')).partitionRouting),
  own(
    'SchemaChangeEventFilter',
    async () => (await import('./schema-change-event-filter.ts')).schemaChangeEventFilter,
  ),
  own('TimezoneConverter', async () => (await import('./timezone-converter.ts')).timezoneConverter),
  own('ToLogicalTopicRouter', async () => (await import('./logical-router.ts')).toLogicalTopicRouter),
  entry(
    'transformation',
    'io.debezium.connector.mysql.transforms.ReadToInsertEvent',
    async () => (await import('./read-to-insert-event.ts')).readToInsertEvent,
  ),
  refused('ContentBasedRouter', 'RegexRouter with a predicate'),
  refused('Filter', "Kafka's own Filter with a predicate"),
  ...pair('Cast', async () => (await import('./cast.ts')).cast),
  ...pair('ExtractField', async () => (await import('./extract-field.ts')).extractField),
  ...pair('Flatten', async () => (await import('./flatten.ts')).flatten),
  ...pair('HeaderFrom', async () => (await import('./header-from.ts')).headerFrom),
  ...pair('HoistField', async () => (await import('./hoist-field.ts')).hoistField),
  ...pair('InsertField', async () => (await import('./insert-field.ts')).insertField),
  ...pair('MaskField', async () => (await import('./mask-field.ts')).maskField),
  ...pair('ReplaceField', async () => (await import('./replace-field.ts')).replaceField),
  ...pair('SetSchemaMetadata', async () => (await import('./set-schema-metadata.ts')).setSchemaMetadata),
  ...pair('TimestampConverter', async () => (await import('./timestamp-converter.ts')).timestampConverter),
  one('DropHeaders', async () => (await import('./headers.ts')).dropHeaders),
  one('Filter', async () => (await import('./filter.ts')).filter),
  one('InsertHeader', async () => (await import('./headers.ts')).insertHeader),
  one('RegexRouter', async () => (await import('./regex-router.ts')).regexRouter),
  one('TimestampRouter', async () => (await import('./timestamp-router.ts')).timestampRouter),
  one('ValueToKey', async () => (await import('./value-to-key.ts')).valueToKey),
  predicate('HasHeaderKey', async () => (await import('./predicates.ts')).hasHeaderKey),
  predicate('RecordIsTombstone', async () => (await import('./predicates.ts')).recordIsTombstone),
  predicate('TopicNameMatches', async () => (await import('./predicates.ts')).topicNameMatches),
]
