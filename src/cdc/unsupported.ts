/**
 * Debezium's properties that rowtap knows and does not do. Each is a field, so that it is listed with its default; any
 * other value is refused by name, never ignored. Those without effect (there is nothing here that they could tune)
 * are accepted and named in a warning.
 */
import {
  boolean,
  type ConfigFields,
  type ConfigProblem,
  type Importance,
  int,
  javaClass,
  list,
  long,
  type RawConfig,
  string,
  type SubmittedConfig,
  validateConfig,
} from '#plugin'

const group = 'Not supported'
const doc = 'Known, but not supported: only the default is accepted.'
const text = (value: string | null = null, importance: Importance = 'LOW') =>
  string({ default: value, importance, group, doc })
const flag = (value: boolean) => boolean({ default: value, importance: 'LOW', group, doc })
const number = (value: number) => int({ default: value, importance: 'MEDIUM', group, doc })

/** Of all CDC connectors. */
export const unsupportedFields = {
  'event.processing.failure.handling.mode': text('fail'),
  'snapshot.mode.custom.name': text(null, 'MEDIUM'),
  'snapshot.mode.configuration.based.snapshot.data': flag(false),
  'snapshot.mode.configuration.based.snapshot.schema': flag(false),
  'snapshot.mode.configuration.based.start.stream': flag(false),
  'snapshot.mode.configuration.based.snapshot.on.schema.error': flag(false),
  'snapshot.mode.configuration.based.snapshot.on.data.error': flag(false),
  'snapshot.locking.mode.custom.name': text(),
  'snapshot.query.mode': text('select_all'),
  'snapshot.query.mode.custom.name': text(null, 'MEDIUM'),
  'signal.data.collection': text(),
  'signal.enabled.channels': text('source'),
  'signal.kafka.topic': text(),
  'signal.kafka.bootstrap.servers': text(),
  'signal.file': text('file-signals.txt'),
  'notification.enabled.channels': text(),
  'notification.sink.topic.name': text(),
  'read.only': flag(false),
  'guardrail.collections.max': number(0),
  'guardrail.collections.limit.action': text('warn', 'MEDIUM'),
  'openlineage.integration.enabled': flag(false),
  'database.connection.factory.class': text(),
  'queue.provider.type': text('memory'),
} satisfies ConfigFields

/** Prefixes of whole families of such properties. */
export const refusedPrefixes: readonly string[] = ['snapshot.max.threads.multiplier.']

const idle = 'Accepted without effect: there is nothing here that it could tune.'
const idleInt = (value: number | null, importance: Importance = 'LOW') =>
  int({ default: value, importance, group: 'Without effect', doc: idle })
const idleLong = (value: number, importance: Importance = 'LOW') =>
  long({ default: value, importance, group: 'Without effect', doc: idle })
const idleFlag = (value: boolean, importance: Importance = 'LOW') =>
  boolean({ default: value, importance, group: 'Without effect', doc: idle })
const idleText = (value: string | null) =>
  string({ default: value, importance: 'LOW', group: 'Without effect', doc: idle })
const idleList = () => list({ default: null, importance: 'LOW', group: 'Without effect', doc: idle })
const idleClass = (value: string) =>
  javaClass({ default: value, importance: 'LOW', group: 'Without effect', doc: idle })
const sanitized =
  '.*secret$|.*password$|.*sasl\\.jaas\\.config$|.*basic\\.auth\\.user\\.info|.*registry\\.auth\\.client-secret|.*credentials\\.json$|.*connectionstring$|.*connection\\.string$'
const mappings = 'io.debezium.relational.ConcurrentMapTableMappingStorage'

export const withoutEffect = {
  'snapshot.fetch.size': idleInt(null, 'MEDIUM'),
  'query.fetch.size': idleInt(0, 'MEDIUM'),
  'snapshot.max.threads': idleInt(1),
  'snapshot.max.threads.multiplier': idleInt(1),
  'legacy.snapshot.max.threads': idleFlag(false),
  'internal.legacy.snapshot.max.threads': idleFlag(false),
  'snapshot.tables.order.by.row.count': idleText('disabled'),
  'incremental.snapshot.chunk.size': idleInt(1024),
  'incremental.snapshot.allow.schema.changes': idleFlag(false),
  'incremental.snapshot.watermarking.strategy': idleText('insert_insert'),
  'signal.poll.interval.ms': idleLong(5000),
  'signal.kafka.groupId': idleText('kafka-signal'),
  'signal.kafka.poll.timeout.ms': idleInt(0),
  'topic.cache.size': idleInt(10_000),
  'heartbeat.topics.prefix': idleText('__debezium-heartbeat'),
  'executor.shutdown.timeout.ms': idleLong(4000, 'MEDIUM'),
  'custom.metric.tags': idleList(),
  'statistics.metrics.enabled': idleFlag(true, 'MEDIUM'),
  'advanced.metrics.enable': idleFlag(false),
  'custom.sanitize.pattern': idleText(sanitized),
  'memory.management.schemas.class': idleClass(mappings),
  'memory.management.tables.class': idleClass(mappings),
  'poll.dispatch.interval.ms': idleLong(0),
  'log.position.check.enable': idleFlag(true),
  'internal.log.position.check.enable': idleFlag(true, 'MEDIUM'),
  'internal.advanced.metrics.enable': idleFlag(false, 'MEDIUM'),
  'internal.snapshot.scan.all.columns.force': idleFlag(false),
  'openlineage.integration.config.file.path': idleText('./openlineage.yml'),
  'openlineage.integration.job.namespace': idleText(null),
  'openlineage.integration.job.description': idleText('Debezium change data capture job'),
  'openlineage.integration.job.tags': idleList(),
  'openlineage.integration.job.owners': idleList(),
  'openlineage.integration.dataset.kafka.bootstrap.servers': idleText(null),
} satisfies ConfigFields

/** The properties of `fields` (and of the families of `prefixes`) that ask for what is not there. */
export function refused(
  fields: ConfigFields,
  config: RawConfig,
  prefixes: readonly string[] = refusedPrefixes,
): readonly ConfigProblem[] {
  const families = Object.keys(config).filter((name) => prefixes.some((each) => name.startsWith(each)))
  return [
    ...[...notDefault(fields, config)].map(({ name, standard }) => ({
      field: name,
      message: `The property ${name} is not supported by this version of rowtap: remove it, or set it to its default (${standard ?? 'unset'}).`,
    })),
    ...families.map((name) => ({
      field: name,
      message: `The property ${name} is not supported by this version of rowtap: remove it.`,
    })),
  ]
}

/** The properties of `fields` that are set to anything but their default. */
export function notDefault(
  fields: ConfigFields,
  config: SubmittedConfig,
): readonly { readonly name: string; readonly standard: string | null }[] {
  const standards = new Map(validateConfig(fields, {}).map((each) => [each.name, each.value]))
  return validateConfig(fields, config)
    .filter((given) => {
      const standard = standards.get(given.name) ?? null
      return (
        given.value?.toLowerCase() !== standard?.toLowerCase() && !(given.value === '' && standard === null)
      )
    })
    .map(({ name }) => ({ name, standard: standards.get(name) ?? null }))
}
