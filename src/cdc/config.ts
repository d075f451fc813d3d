/**
 * The properties that all change data capture connectors share, as Debezium names them: where to connect, which
 * tables and columns, what the events look like, how the connector runs. Those that rowtap refuses are in
 * `unsupported.ts`.
 */
import {
  atLeast,
  boolean,
  type ConfigField,
  enumeration,
  type Importance,
  int,
  javaClass,
  long,
  password,
  string,
  type Validator,
} from '#plugin'
import { namePatterns } from './filter.ts'
import { parseKeyRules } from './message-keys.ts'
import { topicFields } from './topics.ts'
import { messageOf } from '#errors'

/** A validator out of anything that throws. */
function accepting<T>(parse: (value: T, name: string) => unknown): Validator<T> {
  return (value, name) => {
    if (value === null) return null
    try {
      parse(value, name)
      return null
    } catch (error) {
      return [messageOf(error)]
    }
  }
}

const patternList: Validator<string> = accepting((value, name) => namePatterns(name, value))

/** Announced as a list, and read as it stands: a comma in it may be escaped. */
export function textList<F extends ConfigField<string> | ConfigField<string | null>>(field: F): F {
  return { ...field, type: 'LIST', read: (text: string) => ({ value: text }) }
}

/** A list of Java regular expressions, each matching a whole name in any case. */
export function patterns(doc: string, importance: Importance = 'MEDIUM') {
  return textList(
    string({ default: null, validate: patternList, doc, importance, group: 'Tables and columns' }),
  )
}

const topicPrefix: Validator<string> = (value) =>
  value !== null && /^[A-Za-z0-9._-]+$/.test(value)
    ? null
    : 'it must consist of letters, digits, dots, underscores and hyphens'

const given: Validator<string> = (value) => (value === '' ? 'a value is required' : null)

export const connectionFields = {
  'topic.prefix': string({
    importance: 'HIGH',
    group: 'Connection',
    validate: topicPrefix,
    doc: 'The name of this source: begins every topic and stands in every event and offset. Never change it.',
  }),
  'database.hostname': string({
    importance: 'HIGH',
    group: 'Connection',
    validate: given,
    doc: 'Name or address of the database server.',
  }),
  'database.user': string({
    importance: 'HIGH',
    group: 'Connection',
    validate: given,
    doc: 'The user to connect as.',
  }),
  'database.password': password({
    default: null,
    importance: 'HIGH',
    group: 'Connection',
    doc: 'The password of the user.',
  }),
  'database.query.timeout.ms': int({
    default: 600_000,
    validate: atLeast(0),
    importance: 'LOW',
    group: 'Connection',
    doc: 'How long a statement may take, other than reading a table; 0: for ever.',
  }),
  'database.initial.statements': string({
    default: null,
    importance: 'LOW',
    group: 'Connection',
    doc: 'SQL statements for each new connection but that of the log, separated by `;` (`;;` is a semicolon).',
  }),
  'connection.validation.timeout.ms': long({
    default: 60_000,
    validate: atLeast(1),
    importance: 'LOW',
    group: 'Connection',
    doc: 'How long connecting may take when a configuration is checked.',
  }),
}

export const tableFields = {
  'table.include.list': patterns('The tables to capture. Not together with table.exclude.list.', 'HIGH'),
  'table.exclude.list': patterns('The tables not to capture.'),
  'column.include.list': patterns('The columns to keep in events; keys are not affected.'),
  'column.exclude.list': patterns('The columns to leave out of events; keys are not affected.'),
  'message.key.columns': string({
    default: null,
    group: 'Tables and columns',
    validate: accepting((value) => parseKeyRules(value)),
    doc: 'Keys of your choice, `table:column,column;table:column`, with a regular expression for the tables.',
  }),
}

const skippedOperations: Validator<string> = (value) => {
  const entries = (value ?? '').split(',').map((entry) => entry.trim().toLowerCase())
  if (entries.length === 1 && entries[0] === 'none') return null
  const wrong = entries.filter((entry) => !/^[crudt]$/.test(entry))
  return wrong.length === 0 ? null : 'it must be `none`, or some of c, u, d, t separated by commas'
}

/** Classes of Java are not loaded: only those whose work is built in may be named. */
function standardClass(classes: readonly string[], doc: string) {
  const isStandard: Validator<string> = (value) =>
    value === null || classes.includes(value)
      ? null
      : `classes of Java are not loaded; only ${classes.join(', ')} is built in: remove the property`
  return javaClass({ default: null, importance: 'LOW', group: 'Events', validate: isStandard, doc })
}

export const eventFields = {
  'decimal.handling.mode': enumeration({
    values: ['precise', 'string', 'double'],
    ignoreCase: true,
    default: 'precise',
    group: 'Events',
    doc: 'Decimal numbers as exact bytes with a scale, as text, or as floating point numbers that may lose digits.',
  }),
  'binary.handling.mode': enumeration({
    values: ['bytes', 'base64', 'base64-url-safe', 'hex'],
    ignoreCase: true,
    default: 'bytes',
    group: 'Events',
    doc: 'Binary values as bytes, or as text in one of three encodings.',
  }),
  'column.propagate.source.type': patterns(
    'Columns whose schemas tell their database type, length and scale (`__debezium.source.column.*`).',
  ),
  'datatype.propagate.source.type': patterns('The same for all columns of some types (`.*\\\\.numeric`).'),
  'event.converting.failure.handling.mode': enumeration({
    values: ['warn', 'skip', 'fail'],
    ignoreCase: true,
    default: 'warn',
    group: 'Events',
    doc: 'A value that the announced schema cannot hold (NaN as an exact decimal): null, or a failed task.',
  }),
  'schema.name.adjustment.mode': enumeration({
    values: ['none', 'avro', 'avro_unicode'],
    ignoreCase: true,
    default: 'none',
    importance: 'LOW',
    group: 'Events',
    doc: 'Makes names of schemas fit for Avro: `_` for what is not allowed, or `_uXXXX`.',
  }),
  'field.name.adjustment.mode': enumeration({
    values: ['none', 'avro', 'avro_unicode'],
    ignoreCase: true,
    default: 'none',
    group: 'Events',
    doc: 'The same for names of fields, that is of columns.',
  }),
  'tombstones.on.delete': boolean({
    default: true,
    group: 'Events',
    doc: 'Whether an empty record follows each delete, so that log compaction forgets the key.',
  }),
  'skipped.operations': textList(
    string({
      default: 't',
      importance: 'LOW',
      group: 'Events',
      validate: skippedOperations,
      doc: 'Changes to leave out: c (inserts), u, d, t (truncates), separated by commas, or none.',
    }),
  ),
  'skip.messages.without.change': boolean({
    default: false,
    group: 'Events',
    doc: 'Leaves out updates that change no captured column, where the log has the full old row.',
  }),
  'unavailable.value.placeholder': string({
    default: '__debezium_unavailable_value',
    group: 'Events',
    doc: 'Stands for a value that the log does not carry because it was not changed. `hex:…` gives bytes.',
  }),
  converters: string({
    default: null,
    importance: 'LOW',
    group: 'Events',
    doc: 'Names of value converters, each with its class in `<name>.type` and its options in `<name>.<option>`.',
  }),
  'post.processors': string({
    default: null,
    importance: 'LOW',
    group: 'Events',
    doc: 'Names of post processors, each with its class in `<name>.type`: ReselectColumnsPostProcessor is there.',
  }),
  'provide.transaction.metadata': boolean({
    default: false,
    importance: 'LOW',
    group: 'Events',
    doc: 'Events tell their transaction and their number in it, and a topic has a record for each BEGIN and END.',
  }),
  'transaction.metadata.factory': standardClass(
    ['io.debezium.pipeline.txmetadata.DefaultTransactionMetadataFactory'],
    'What transaction metadata looks like: only the standard class.',
  ),
  'sourceinfo.struct.maker': standardClass(
    [
      'io.debezium.connector.mysql.MySqlSourceInfoStructMaker',
      'io.debezium.connector.mariadb.MariaDbSourceInfoStructMaker',
      'io.debezium.connector.postgresql.PostgresSourceInfoStructMaker',
    ],
    'What the source block looks like: only the standard class.',
  ),
  'extended.headers.enabled': boolean({
    default: true,
    importance: 'LOW',
    group: 'Events',
    doc: 'Headers with the names of connector and task and the id of the run (`__debezium.context.*`).',
  }),
  ...topicFields,
}

export const runFields = {
  'snapshot.include.collection.list': patterns('The tables to read at first; the others are only followed.'),
  'snapshot.select.statement.overrides': string({
    default: null,
    group: 'Snapshot',
    doc: 'Tables with a SELECT of their own in `snapshot.select.statement.overrides.<table>`.',
  }),
  'snapshot.delay.ms': long({
    default: 0,
    validate: atLeast(0),
    importance: 'LOW',
    group: 'Snapshot',
    doc: 'How long to wait before the snapshot.',
  }),
  'streaming.delay.ms': long({
    default: 0,
    validate: atLeast(0),
    importance: 'LOW',
    group: 'Snapshot',
    doc: 'How long to wait after the snapshot before the log is read.',
  }),
  'heartbeat.interval.ms': int({
    default: 0,
    validate: atLeast(0),
    group: 'Heartbeats',
    doc: 'How often a heartbeat record is written; 0: never.',
  }),
  'heartbeat.action.query': string({
    default: null,
    importance: 'LOW',
    group: 'Heartbeats',
    doc: 'A statement to run on the database with each heartbeat.',
  }),
  'max.batch.size': int({
    default: 2048,
    validate: atLeast(1),
    group: 'Engine',
    doc: 'How many records a poll returns at least, where there are so many.',
  }),
  'max.queue.size': int({
    default: 8192,
    validate: atLeast(1),
    group: 'Engine',
    doc: 'How many changes are held in memory before the log is read no further. More than max.batch.size.',
  }),
  'max.queue.size.in.bytes': long({
    default: 0,
    validate: atLeast(0),
    group: 'Engine',
    doc: 'How many bytes of changes are held in memory at most; 0: 32 MiB, or 8 MiB of a binlog.',
  }),
  'poll.interval.ms': long({
    default: 500,
    validate: atLeast(1),
    group: 'Engine',
    doc: 'How long a poll waits for changes.',
  }),
  'errors.max.retries': int({
    default: -1,
    validate: atLeast(-1),
    importance: 'LOW',
    group: 'Engine',
    doc: 'How often a lost connection is tried again; -1: for ever.',
  }),
  'retriable.restart.connector.wait.ms': long({
    default: 10_000,
    validate: atLeast(0),
    importance: 'LOW',
    group: 'Engine',
    doc: 'The longest wait between two tries.',
  }),
}
