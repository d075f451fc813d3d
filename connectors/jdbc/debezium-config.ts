/** The properties of `debezium-jdbc-sink`. */
import { atLeast, boolean, enumeration, int, javaClass, list, long, password, regex, string } from '#plugin'

const group = 'Connector'

const naming = (order: number) =>
  javaClass({
    default: 'io.debezium.sink.naming.DefaultCollectionNamingStrategy',
    importance: 'LOW',
    group,
    order,
    width: 'LONG',
    displayName: 'CollectionNamingStrategy class',
    validate: strategy,
    doc: 'How a topic becomes a table: DefaultCollectionNamingStrategy (dots become underscores) or PassthroughCollectionNamingStrategy.',
  })

function strategy(value: string | null): string | null {
  return value === null || /(^|\.)(Default|Passthrough)(Collection|Table|Column)NamingStrategy$/.test(value)
    ? null
    : 'Only the Default and the Passthrough naming strategy are known: Java classes cannot be loaded'
}

const tableFormat = (order: number) =>
  string({
    default: `\${topic}`,
    importance: 'MEDIUM',
    group,
    order,
    width: 'MEDIUM',
    displayName: 'A format string for the collection name',
    doc: `The table of a topic: \${topic} is its name with underscores for dots, \${source.field} a field of a change event’s source. A dot parts the schema from the table.`,
  })

const timeZone = (order: number) =>
  string({
    default: 'UTC',
    importance: 'MEDIUM',
    group,
    order,
    width: 'SHORT',
    displayName: 'The timezone used when inserting temporal values.',
    doc: 'Accepted without effect: instants are written with their zone, local times as they are.',
  })

const connection = {
  'connection.url': string({
    default: null,
    importance: 'HIGH',
    group,
    order: 1,
    width: 'LONG',
    displayName: 'Hostname',
    doc: 'Where to connect: jdbc:postgresql://host:5432/database, jdbc:mysql://host:3306/database, jdbc:mariadb://… or jdbc:sqlite:file.',
  }),
  'connection.username': string({
    default: null,
    importance: 'HIGH',
    group,
    order: 2,
    width: 'SHORT',
    displayName: 'User',
    doc: 'The user to log in as.',
  }),
  'connection.password': password({
    default: null,
    importance: 'HIGH',
    group,
    order: 3,
    width: 'SHORT',
    displayName: 'Password',
    doc: 'The password of the user.',
  }),
  'connection.pool.min_size': int({
    default: 5,
    importance: 'LOW',
    group,
    order: 4,
    width: 'SHORT',
    displayName: 'Connection pool minimum size',
    doc: 'Accepted without effect: a task has one connection.',
  }),
  'connection.pool.max_size': int({
    default: 32,
    importance: 'LOW',
    group,
    order: 5,
    width: 'SHORT',
    displayName: 'Connection pool maximum size',
    doc: 'Accepted without effect: a task has one connection.',
  }),
  'connection.pool.timeout': long({
    default: 1800,
    importance: 'LOW',
    group,
    order: 6,
    width: 'SHORT',
    displayName: 'Connection pool timeout',
    doc: 'Accepted without effect: a task has one connection.',
  }),
}

const writing = {
  'insert.mode': enumeration({
    values: ['insert', 'upsert', 'update'],
    ignoreCase: true,
    default: 'insert',
    importance: 'LOW',
    group,
    order: 7,
    width: 'SHORT',
    displayName: 'The insertion mode to use',
    doc: 'insert: rows are added. upsert: a row with the same key is updated, else added. update: rows that are there are updated.',
  }),
  'delete.enabled': boolean({
    default: false,
    importance: 'LOW',
    group,
    order: 8,
    width: 'SHORT',
    displayName: 'Controls whether records can be deleted by the connector',
    doc: 'Whether delete events and tombstones delete rows. Needs primary.key.mode record_key, record_value or record_header.',
  }),
  'truncate.enabled': boolean({
    default: false,
    importance: 'LOW',
    group,
    order: 9,
    width: 'SHORT',
    displayName: 'Controls whether tables can be truncated by the connector',
    doc: 'Whether truncate events empty the table.',
  }),
  'collection.name.format': tableFormat(10),
  'table.name.format': tableFormat(10),
  'primary.key.mode': enumeration({
    values: ['none', 'kafka', 'record_key', 'record_value', 'record_header'],
    ignoreCase: true,
    default: 'none',
    importance: 'HIGH',
    group,
    order: 11,
    width: 'SHORT',
    displayName: 'Primary key mode',
    doc: 'Where the key columns come from: none, kafka (topic, partition and offset), record_key, record_value, record_header (all headers).',
  }),
  'primary.key.fields': string({
    default: null,
    importance: 'LOW',
    group,
    order: 12,
    width: 'MEDIUM',
    displayName: 'Comma-separated list of primary key field names',
    doc: 'The fields of the key or the value that make the key, or the name of the column for a key that is no struct. Absent: all fields.',
  }),
  'schema.evolution': enumeration({
    values: ['none', 'basic'],
    ignoreCase: true,
    default: 'none',
    importance: 'LOW',
    group,
    order: 13,
    width: 'SHORT',
    displayName: 'Controls how schema evolution is handled by the sink connector',
    doc: 'none: tables and columns must be there. basic: missing tables are created and missing columns added.',
  }),
  'quote.identifiers': boolean({
    default: false,
    importance: 'LOW',
    group,
    order: 14,
    width: 'SHORT',
    displayName: 'Controls whether table, column, or other identifiers are quoted',
    doc: 'Whether names keep their case. false: PostgreSQL folds them to lower case.',
  }),
}

const names = {
  'collection.naming.strategy': naming(15),
  'table.naming.strategy': naming(15),
  'column.naming.strategy': javaClass({
    default: 'io.debezium.connector.jdbc.naming.DefaultColumnNamingStrategy',
    importance: 'LOW',
    group,
    order: 16,
    width: 'LONG',
    displayName: 'Name of the strategy class that implements the ColumnNamingStrategy interface',
    validate: strategy,
    doc: 'How a field becomes a column: by its name.',
  }),
  'collection.table.format': string({
    default: `\${table}`,
    importance: 'MEDIUM',
    group,
    order: 17,
    width: 'LONG',
    displayName: 'Format string using table name',
    validate: (value) => (value === null || value === `\${table}` ? null : 'Use collection.name.format'),
    doc: `Only \${table} is accepted; collection.name.format does the rest.`,
  }),
  'use.time.zone': timeZone(18),
  'database.time_zone': timeZone(18),
}

const rest = {
  'dialect.postgres.postgis.schema': string({
    default: 'public',
    importance: 'LOW',
    group,
    order: 19,
    width: 'LONG',
    displayName: 'Name of the schema where postgis extension is installed',
    doc: 'Accepted without effect: geometries are written in PostGIS’s own text form, which needs no function.',
  }),
  'dialect.postgres.unnest.insert.enabled': boolean({
    default: false,
    importance: 'MEDIUM',
    group,
    order: 20,
    width: 'SHORT',
    displayName: 'Enable UNNEST-based batch inserts for PostgreSQL',
    doc: 'Accepted without effect: batches are always unnested, repeated keys, bytes and times included.',
  }),
  'dialect.sqlserver.identity.insert': boolean({
    default: false,
    importance: 'LOW',
    group,
    order: 21,
    width: 'SHORT',
    displayName: 'Allowing to insert explicit value for identity column in table for SQLSERVER.',
    validate: (value) => (value === true ? 'SQL Server is not supported' : null),
    doc: 'Must be false: SQL Server is not supported.',
  }),
  'batch.size': int({
    default: 500,
    importance: 'MEDIUM',
    group,
    order: 22,
    width: 'SHORT',
    validate: atLeast(1),
    displayName: 'Records per batch',
    doc: 'How many records of one table are written together at most. consumer.override.max.poll.records bounds it too.',
  }),
  'use.reduction.buffer': boolean({
    default: false,
    internal: true,
    importance: 'LOW',
    doc: 'Whether only the last change of each key in a batch is written.',
  }),
  'field.include.list': list({
    default: null,
    importance: 'MEDIUM',
    group,
    order: 23,
    width: 'LONG',
    displayName: 'Include Fields',
    doc: 'Regular expressions for the fields that become columns, as topic:field or field. Key columns are written in any case.',
  }),
  'field.exclude.list': list({
    default: null,
    importance: 'MEDIUM',
    group,
    order: 24,
    width: 'LONG',
    displayName: 'Exclude Fields',
    doc: 'Regular expressions for the fields that do not become columns, as topic:field or field.',
  }),
  'flush.max.retries': int({
    default: 5,
    importance: 'LOW',
    group,
    order: 25,
    width: 'SHORT',
    displayName: 'Max retry count',
    validate: atLeast(0),
    doc: 'How often a batch is tried again after a lost connection or a deadlock.',
  }),
  'flush.retry.delay.ms': long({
    default: 1000,
    importance: 'LOW',
    group,
    order: 26,
    width: 'SHORT',
    displayName: 'Delay to retry flush',
    validate: atLeast(0),
    doc: 'How long to wait before a batch is tried again.',
  }),
  'connection.restart.on.errors': boolean({
    default: false,
    importance: 'LOW',
    group,
    order: 27,
    width: 'SHORT',
    displayName: 'Restart connection on errors',
    doc: 'Whether to go on trying when flush.max.retries did not help, for as long as the database is away.',
  }),
  'cloud.events.schema.name.pattern': string({
    default: '.*CloudEvents\\.Envelope$',
    importance: 'LOW',
    group,
    order: 28,
    width: 'LONG',
    displayName: 'CloudEvents messages schema name pattern',
    validate: regex,
    doc: 'The schema names of CloudEvents, whose data is then taken for the value.',
  }),
}

export const debeziumSinkFields = { ...connection, ...writing, ...names, ...rest }
