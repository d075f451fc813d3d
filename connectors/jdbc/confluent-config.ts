/** The properties of `jdbc-sink`, Confluent's JDBC sink, and of Aiven's fork of it. */
import { atLeast, boolean, enumeration, int, list, nonEmpty, oneOf, password, string } from '#plugin'
import { wallClock } from './time-zone.ts'
import { messageOf } from '#errors'

const database = 'Database'
const writes = 'Writes'
const mapping = 'Data Mapping'
const ddl = 'DDL Support'
const retries = 'Retries'

const dialects = ['', 'MySqlDatabaseDialect', 'PostgreSqlDatabaseDialect', 'SqliteDatabaseDialect'] as const

function timeZone(value: string | null): string | null {
  try {
    if (value !== null) wallClock(value)
    return null
  } catch (error) {
    return messageOf(error)
  }
}

const connection = {
  'connection.url': string({
    importance: 'HIGH',
    group: database,
    order: 1,
    width: 'LONG',
    displayName: 'JDBC URL',
    doc: 'Where to connect: jdbc:postgresql://host:5432/database, jdbc:mysql://host:3306/database, jdbc:mariadb://… or jdbc:sqlite:file.',
  }),
  'connection.user': string({
    default: null,
    importance: 'HIGH',
    group: database,
    order: 2,
    width: 'MEDIUM',
    displayName: 'JDBC User',
    doc: 'The user to log in as.',
  }),
  'connection.password': password({
    default: null,
    importance: 'HIGH',
    group: database,
    order: 3,
    width: 'MEDIUM',
    displayName: 'JDBC Password',
    doc: 'The password of the user.',
  }),
  'db.timezone': string({
    default: 'UTC',
    importance: 'MEDIUM',
    group: database,
    order: 4,
    width: 'MEDIUM',
    displayName: 'DB time zone',
    validate: timeZone,
    doc: 'The wall clock that Time and Timestamp values are written by, where the column has no time zone of its own.',
  }),
  'dialect.name': string({
    default: '',
    importance: 'LOW',
    group: database,
    order: 5,
    width: 'MEDIUM',
    displayName: 'Database Dialect',
    recommended: dialects,
    validate: oneOf(...dialects),
    doc: 'The dialect that the URL is expected to mean. Empty: whatever the URL says.',
  }),
}

const writing = {
  'insert.mode': enumeration({
    values: ['insert', 'upsert', 'update'],
    ignoreCase: true,
    default: 'insert',
    importance: 'HIGH',
    group: writes,
    order: 1,
    width: 'MEDIUM',
    displayName: 'Insert Mode',
    doc: 'insert: rows are added. upsert: a row with the same key is updated, else added. update: rows that are there are updated.',
  }),
  'batch.size': int({
    default: 3000,
    importance: 'MEDIUM',
    group: writes,
    order: 2,
    width: 'SHORT',
    displayName: 'Batch Size',
    validate: atLeast(0),
    doc: 'How many records of one table are written together at most.',
  }),
  'delete.enabled': boolean({
    default: false,
    importance: 'MEDIUM',
    group: writes,
    order: 3,
    width: 'SHORT',
    displayName: 'Delete enabled',
    dependents: ['pk.mode'],
    doc: 'Whether a record without a value deletes the row of its key. Needs pk.mode=record_key.',
  }),
}

const data = {
  'table.name.format': string({
    default: `\${topic}`,
    importance: 'MEDIUM',
    group: mapping,
    order: 1,
    width: 'LONG',
    displayName: 'Table Name Format',
    validate: nonEmpty,
    doc: `The table of a topic: \${topic} stands for its name. A dot parts the schema from the table unless it is in quotes.`,
  }),
  'pk.mode': enumeration({
    values: ['none', 'kafka', 'record_key', 'record_value'],
    ignoreCase: true,
    default: 'none',
    importance: 'HIGH',
    group: mapping,
    order: 4,
    width: 'MEDIUM',
    displayName: 'Primary Key Mode',
    doc: 'Where the key columns come from: none, kafka (topic, partition and offset), record_key, record_value.',
  }),
  'pk.fields': list({
    default: [],
    importance: 'MEDIUM',
    group: mapping,
    order: 5,
    width: 'LONG',
    displayName: 'Primary Key Fields',
    doc: 'The names of the key columns: fields of the key or the value, three names for kafka, one for a key that is no struct. Empty: all fields.',
  }),
  'fields.whitelist': list({
    default: [],
    importance: 'MEDIUM',
    group: mapping,
    order: 6,
    width: 'LONG',
    displayName: 'Fields Whitelist',
    doc: 'The fields of the value that become columns. Empty: all. Key columns are written in any case.',
  }),
}

const schema = {
  'auto.create': boolean({
    default: false,
    importance: 'MEDIUM',
    group: ddl,
    order: 1,
    width: 'SHORT',
    displayName: 'Auto-Create',
    doc: 'Whether a missing table is created.',
  }),
  'auto.evolve': boolean({
    default: false,
    importance: 'MEDIUM',
    group: ddl,
    order: 2,
    width: 'SHORT',
    displayName: 'Auto-Evolve',
    doc: 'Whether missing columns are added.',
  }),
}

const retrying = {
  'max.retries': int({
    default: 10,
    importance: 'MEDIUM',
    group: retries,
    order: 1,
    width: 'SHORT',
    displayName: 'Maximum Retries',
    validate: atLeast(0),
    doc: 'How often a failed batch is tried again before the task fails.',
  }),
  'retry.backoff.ms': int({
    default: 3000,
    importance: 'MEDIUM',
    group: retries,
    order: 2,
    width: 'SHORT',
    displayName: 'Retry Backoff (millis)',
    validate: atLeast(0),
    doc: 'How long to wait before a batch is tried again.',
  }),
}

export const aivenSinkFields = {
  ...connection,
  'sql.quote.identifiers': boolean({
    default: true,
    importance: 'LOW',
    group: database,
    order: 6,
    width: 'SHORT',
    displayName: 'Quote SQL Identifiers',
    doc: 'Whether names keep their case. false: PostgreSQL folds them to lower case.',
  }),
  ...writing,
  'delete.enabled': { ...writing['delete.enabled'], dependents: [] },
  'table.name.format': data['table.name.format'],
  'table.name.normalize': boolean({
    default: false,
    importance: 'MEDIUM',
    group: mapping,
    order: 2,
    width: 'LONG',
    displayName: 'Table Name Normalize',
    doc: 'Whether characters of a topic other than letters, digits and underscores become underscores in the table name.',
  }),
  'topics.to.tables.mapping': list({
    default: null,
    importance: 'MEDIUM',
    group: mapping,
    order: 3,
    width: 'LONG',
    displayName: 'Topics To Tables Mapping',
    doc: 'topic:table pairs; topics that are not among them follow table.name.format.',
  }),
  'pk.mode': data['pk.mode'],
  'pk.fields': data['pk.fields'],
  'fields.whitelist': data['fields.whitelist'],
  ...schema,
  ...retrying,
}

export const confluentSinkFields = {
  ...connection,
  'connection.attempts': int({
    default: 3,
    importance: 'LOW',
    group: database,
    order: 7,
    width: 'SHORT',
    displayName: 'JDBC connection attempts',
    validate: atLeast(1),
    doc: 'How often to try to connect before the task fails.',
  }),
  'connection.backoff.ms': int({
    default: 10_000,
    importance: 'LOW',
    group: database,
    order: 8,
    width: 'SHORT',
    displayName: 'JDBC connection backoff in milliseconds',
    validate: atLeast(0),
    doc: 'How long to wait between attempts to connect.',
  }),
  'date.timezone': enumeration({
    values: ['DB_TIMEZONE', 'UTC'],
    ignoreCase: true,
    default: 'DB_TIMEZONE',
    importance: 'MEDIUM',
    group: database,
    order: 9,
    width: 'MEDIUM',
    displayName: 'Date time zone',
    doc: 'The zone that Date values are written in. DB_TIMEZONE west of UTC writes the day before, as the original does; UTC is exact.',
  }),
  'date.calendar.system': enumeration({
    values: ['LEGACY', 'PROLEPTIC_GREGORIAN'],
    ignoreCase: true,
    default: 'LEGACY',
    importance: 'MEDIUM',
    group: database,
    order: 10,
    width: 'MEDIUM',
    displayName: 'Date calendar system',
    doc: 'Dates are written by the proleptic Gregorian calendar with both values: LEGACY differs in Java only before 1582.',
  }),
  ...writing,
  'table.types': list({
    default: ['TABLE'],
    importance: 'LOW',
    group: writes,
    order: 4,
    width: 'MEDIUM',
    displayName: 'Table Types',
    doc: 'What may be written to: TABLE, PARTITIONED TABLE, VIEW. Partitioned tables are tables in any case.',
  }),
  ...data,
  'replace.null.with.default': boolean({
    default: true,
    importance: 'LOW',
    group: mapping,
    order: 7,
    width: 'SHORT',
    displayName: 'Replace null with default',
    doc: 'Whether a null in a field with a default is written as the default.',
  }),
  'timestamp.fields.list': list({
    default: [],
    importance: 'LOW',
    group: mapping,
    order: 8,
    width: 'LONG',
    displayName: 'Timestamp fields',
    doc: 'Fields of type INT64 or STRING that count time since 1970 and become timestamp columns.',
  }),
  'timestamp.precision.mode': enumeration({
    values: ['microseconds', 'nanoseconds'],
    ignoreCase: true,
    default: 'microseconds',
    importance: 'LOW',
    group: mapping,
    order: 9,
    width: 'MEDIUM',
    displayName: 'Timestamp precision',
    doc: 'The unit of the fields in timestamp.fields.list.',
  }),
  'string.output.value.column.name': string({
    default: 'record_value',
    importance: 'LOW',
    group: mapping,
    order: 10,
    width: 'MEDIUM',
    displayName: 'Column of text values',
    validate: nonEmpty,
    doc: 'The column for values that are a text and no struct.',
  }),
  ...schema,
  'quote.sql.identifiers': enumeration({
    values: ['always', 'never'],
    ignoreCase: true,
    default: 'always',
    importance: 'MEDIUM',
    group: ddl,
    order: 3,
    width: 'MEDIUM',
    displayName: 'Quote Identifiers',
    doc: 'always: names keep their case. never: PostgreSQL folds them to lower case.',
  }),
  ...retrying,
  'trim.sensitive.log': boolean({
    default: false,
    internal: true,
    importance: 'LOW',
    doc: 'Accepted without effect: values of records never reach the log.',
  }),
}
