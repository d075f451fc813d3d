/**
 * The properties that Debezium's connectors for MySQL and MariaDB have in common, by the same names and with the same
 * defaults. What the two servers name differently is in `servers.ts`.
 */
import { patterns, runFields } from '#cdc'
import { atLeast, boolean, enumeration, int, javaClass, list, long, password, string } from '#plugin'

export const connectionFields = {
  'database.port': int({
    default: 3306,
    importance: 'HIGH',
    group: 'Connection',
    doc: 'Port of the database server.',
  }),
  'database.server.id': long({
    validate: atLeast(1),
    importance: 'HIGH',
    group: 'Connection',
    doc: 'The number by which the server knows this reader of its log. No other replica may have it.',
  }),
  'database.server.id.offset': long({
    default: 10_000,
    validate: atLeast(1),
    importance: 'HIGH',
    group: 'Connection',
    doc: 'Added to database.server.id for a replay that runs beside the live stream.',
  }),
  'database.ssl.keystore': string({
    default: null,
    group: 'Connection',
    doc: 'File with the certificate to show to the server, and its key (PEM or PKCS #12).',
  }),
  'database.ssl.keystore.password': password({
    default: null,
    group: 'Connection',
    doc: 'The password of that file.',
  }),
  'database.ssl.truststore': string({
    default: null,
    group: 'Connection',
    doc: 'File with the certificates of the authorities to trust (PEM or PKCS #12).',
  }),
  'database.ssl.truststore.password': password({
    default: null,
    group: 'Connection',
    doc: 'The password of that file.',
  }),
  'connect.timeout.ms': int({
    default: 30_000,
    validate: atLeast(1),
    group: 'Connection',
    doc: 'How long connecting may take.',
  }),
  'connect.keep.alive': boolean({
    default: true,
    importance: 'LOW',
    group: 'Connection',
    doc: 'Whether an idle connection to the log is probed.',
  }),
  'connect.keep.alive.interval.ms': long({
    default: 60_000,
    validate: atLeast(1),
    importance: 'LOW',
    group: 'Connection',
    doc: 'How often: the server tells of its life that often while the log is idle.',
  }),
  'use.nongraceful.disconnect': boolean({
    default: false,
    group: 'Connection',
    doc: 'Cuts the connection to the log at the end instead of closing it.',
  }),
  'binlog.net.write.timeout': long({
    default: 0,
    validate: atLeast(0),
    group: 'Connection',
    doc: "The session's net_write_timeout while the log is read, in seconds; 0: the server's.",
  }),
  'binlog.net.read.timeout': long({
    default: 0,
    validate: atLeast(0),
    group: 'Connection',
    doc: "The session's net_read_timeout while the log is read, in seconds; 0: the server's.",
  }),
}

export const tableFields = {
  'database.include.list': patterns(
    'The databases to capture. Not together with database.exclude.list.',
    'HIGH',
  ),
  'database.exclude.list': patterns('The databases not to capture.'),
  'table.ignore.builtin': boolean({
    default: true,
    importance: 'LOW',
    group: 'Tables and columns',
    doc: 'Leaves out the databases of the system.',
  }),
  'guardrail.collections.max': int({
    default: 0,
    validate: atLeast(0),
    group: 'Tables and columns',
    doc: 'How many tables may be captured, counted at the start; 0: any number.',
  }),
  'guardrail.collections.limit.action': enumeration({
    values: ['warn', 'fail'],
    ignoreCase: true,
    default: 'warn',
    group: 'Tables and columns',
    doc: 'What to do about more than that: a warning, or a failed task.',
  }),
}

const onFailure = (standard: 'fail', doc: string) =>
  enumeration({
    values: ['warn', 'fail', 'ignore', 'skip'],
    ignoreCase: true,
    default: standard,
    group: 'Events',
    doc,
  })

export const eventFields = {
  'time.precision.mode': enumeration({
    values: ['adaptive_time_microseconds', 'connect', 'isostring', 'microseconds', 'nanoseconds'],
    ignoreCase: true,
    default: 'adaptive_time_microseconds',
    group: 'Events',
    doc: 'How dates and times are announced: by their precision, by Connect types, as text, or in one unit.',
  }),
  'bigint.unsigned.handling.mode': enumeration({
    values: ['precise', 'long'],
    ignoreCase: true,
    default: 'long',
    group: 'Events',
    doc: 'BIGINT UNSIGNED as 64 bits with a sign (from 2^63 on negative), or as exact decimal numbers.',
  }),
  'enable.time.adjuster': boolean({
    default: true,
    importance: 'LOW',
    group: 'Events',
    doc: 'Years of two digits are those of 1970 to 2069.',
  }),
  'include.query': boolean({
    default: false,
    group: 'Events',
    doc: 'The statement behind each change in `source.query`, where the server logs it (binlog_rows_query_log_events, binlog_annotate_row_events).',
  }),
  'include.schema.changes': boolean({
    default: true,
    group: 'Events',
    doc: 'Whether changes of the schema are told in the topic that topic.prefix names.',
  }),
  'include.schema.comments': boolean({
    default: false,
    group: 'Events',
    doc: 'Comments of tables and columns in schemas and in schema changes.',
  }),
  'event.processing.failure.handling.mode': onFailure(
    'fail',
    'An event of the log that cannot be decoded: a failed task, or a counted and logged gap.',
  ),
  'event.deserialization.failure.handling.mode': onFailure(
    'fail',
    'Older name of event.processing.failure.handling.mode.',
  ),
  'inconsistent.schema.handling.mode': onFailure(
    'fail',
    'Rows of a table that the schema history does not know, or knows otherwise than the log: a failed task, or a counted gap.',
  ),
  'gtid.source.includes': list({
    default: null,
    importance: 'HIGH',
    group: 'Log',
    doc: 'Sources whose transactions count, as regular expressions: UUIDs (MySQL), domains (MariaDB).',
  }),
  'gtid.source.excludes': string({
    default: null,
    group: 'Log',
    doc: 'Sources whose transactions do not count. Not together with gtid.source.includes.',
  }),
  'gtid.source.filter.dml.events': boolean({
    default: true,
    group: 'Log',
    doc: 'Leaves out the rows of these sources too, not only their GTIDs.',
  }),
  'gtid.ignore.on.recovery': boolean({
    default: false,
    importance: 'LOW',
    group: 'Log',
    doc: 'A restart goes on by file and position even where GTIDs are stored.',
  }),
}

export const historyFields = {
  'schema.history.internal': javaClass({
    default: 'io.debezium.storage.kafka.history.KafkaSchemaHistory',
    importance: 'LOW',
    group: 'Schema history',
    doc: 'Where the history of the schema is kept: KafkaSchemaHistory (a topic), FileSchemaHistory, MemorySchemaHistory.',
  }),
  'schema.history.internal.kafka.topic': string({
    default: null,
    importance: 'HIGH',
    group: 'Schema history',
    doc: "The topic of the history: this connector's alone, never compacted.",
  }),
  'schema.history.internal.kafka.bootstrap.servers': string({
    default: null,
    importance: 'HIGH',
    group: 'Schema history',
    doc: "The Kafka that holds it. Not set: the worker's own broker.",
  }),
  'schema.history.internal.file.filename': string({
    default: null,
    group: 'Schema history',
    doc: 'The file of FileSchemaHistory.',
  }),
  'schema.history.internal.skip.unparseable.ddl': boolean({
    default: false,
    importance: 'LOW',
    group: 'Schema history',
    doc: 'Passes over statements that cannot be read, instead of failing. The tables in them may be wrong from there on.',
  }),
  'schema.history.internal.store.only.captured.tables.ddl': boolean({
    default: false,
    importance: 'LOW',
    group: 'Schema history',
    doc: 'Keeps the history of captured tables only.',
  }),
  'schema.history.internal.store.only.captured.databases.ddl': boolean({
    default: false,
    importance: 'LOW',
    group: 'Schema history',
    doc: 'Keeps the history of captured databases only.',
  }),
  'schema.history.internal.ddl.filter': string({
    default: null,
    importance: 'LOW',
    group: 'Schema history',
    doc: 'Statements to pass over, as regular expressions, in place of the usual ones.',
  }),
  'schema.history.internal.prefer.ddl': boolean({
    default: false,
    importance: 'LOW',
    group: 'Schema history',
    doc: 'Recovery reads the statements again, not the tables that were noted with them.',
  }),
}

/** What bounds memory here, and a poll. */
export const batchFields = {
  'max.batch.size': {
    ...runFields['max.batch.size'],
    documentation: 'How many records a poll returns at most; no more than 256 in any case.',
  },
  'max.queue.size': {
    ...runFields['max.queue.size'],
    documentation:
      'Accepted without effect: max.queue.size.in.bytes bounds what is held in memory. More than max.batch.size.',
  },
}

const based = (doc: string) => boolean({ default: false, group: 'Snapshot', doc })

export const snapshotFields = {
  'snapshot.mode': enumeration({
    values: [
      ...(['always', 'initial_only', 'configuration_based', 'when_needed'] as const),
      ...(['initial', 'custom', 'no_data', 'recovery'] as const),
    ],
    ignoreCase: true,
    default: 'initial',
    importance: 'LOW',
    group: 'Snapshot',
    doc: 'When the tables are read: at the first start, then ending, at every start, never, or when the place in the log is lost. recovery reads the schema anew and goes on.',
  }),
  'snapshot.mode.configuration.based.snapshot.data': based(
    'Of snapshot.mode=configuration_based: the first start reads the tables.',
  ),
  'snapshot.mode.configuration.based.snapshot.schema': based(
    'Of snapshot.mode=configuration_based: the first start reads the schema.',
  ),
  'snapshot.mode.configuration.based.start.stream': based(
    'Of snapshot.mode=configuration_based: the log is followed.',
  ),
  'snapshot.mode.configuration.based.snapshot.on.schema.error': based(
    'Of snapshot.mode=configuration_based: a schema history that is gone is read anew.',
  ),
  'snapshot.mode.configuration.based.snapshot.on.data.error': based(
    'Of snapshot.mode=configuration_based: a position that is gone is given up for a new snapshot.',
  ),
  'snapshot.lock.timeout.ms': long({
    default: 10_000,
    validate: atLeast(0),
    group: 'Snapshot',
    doc: 'How long to wait for the lock under which the snapshot begins.',
  }),
  'snapshot.max.threads': int({
    default: 1,
    validate: atLeast(1),
    group: 'Snapshot',
    doc: 'How many connections read tables at the same time.',
  }),
  'snapshot.max.threads.multiplier': int({
    default: 1,
    validate: atLeast(1),
    group: 'Snapshot',
    doc: 'Into how many chunks for each connection a table is divided.',
  }),
  'legacy.snapshot.max.threads': boolean({
    default: false,
    importance: 'LOW',
    group: 'Snapshot',
    doc: 'Does not divide tables: each is read over one connection.',
  }),
  'internal.legacy.snapshot.max.threads': boolean({
    default: false,
    importance: 'LOW',
    group: 'Snapshot',
    doc: 'Another name of legacy.snapshot.max.threads.',
  }),
  'snapshot.tables.order.by.row.count': enumeration({
    values: ['disabled', 'ascending', 'descending'],
    ignoreCase: true,
    default: 'disabled',
    group: 'Snapshot',
    doc: 'Reads small tables first, or large ones, by the estimates of the server.',
  }),
}
