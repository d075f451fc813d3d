/** The properties of the PostgreSQL connector: those of Debezium's, by the same names and with the same defaults. */
import {
  columnRulePrefixes,
  connectionFields,
  eventFields,
  patterns,
  runFields,
  tableFields,
  unsupportedFields as sharedUnsupported,
  withoutEffect as sharedWithoutEffect,
} from '#cdc'
import {
  atLeast,
  boolean,
  type Config,
  enumeration,
  int,
  long,
  password,
  short,
  string,
  type Validator,
} from '#plugin'

const slotName: Validator<string> = (value) =>
  value !== null && /^[a-z0-9_]{1,63}$/.test(value)
    ? null
    : 'it must consist of 1 to 63 lower case letters, digits and underscores'

const postgresConnection = {
  'database.port': int({
    default: 5432,
    importance: 'HIGH',
    group: 'Connection',
    doc: 'Port of the database server.',
  }),
  'database.dbname': string({ importance: 'HIGH', group: 'Connection', doc: 'The database to capture.' }),
  'database.sslmode': enumeration({
    values: ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'],
    ignoreCase: true,
    default: 'prefer',
    group: 'Connection',
    doc: 'Whether to use TLS, and what to check of the certificate of the server.',
  }),
  'database.sslrootcert': string({
    default: null,
    group: 'Connection',
    doc: 'File with the certificates of the authorities to trust.',
  }),
  'database.sslcert': string({
    default: null,
    group: 'Connection',
    doc: 'File with the certificate to show to the server.',
  }),
  'database.sslkey': string({ default: null, group: 'Connection', doc: 'File with its key (PEM).' }),
  'database.sslpassword': password({ default: null, group: 'Connection', doc: 'The password of the key.' }),
  'database.tcpKeepAlive': boolean({
    default: true,
    importance: 'LOW',
    group: 'Connection',
    doc: 'Whether idle connections are probed.',
  }),
}

const replication = {
  'plugin.name': enumeration({
    values: ['pgoutput', 'decoderbufs'],
    default: 'decoderbufs',
    group: 'Replication',
    doc: 'The output plugin. pgoutput is built into every server and is used in either case.',
  }),
  'slot.name': string({
    default: 'debezium',
    validate: slotName,
    importance: 'HIGH',
    group: 'Replication',
    doc: 'The replication slot: keeps the place in the log. Made if need be; one per connector.',
  }),
  'slot.drop.on.stop': boolean({
    default: false,
    group: 'Replication',
    doc: 'Drops the slot when the task stops in order. The next start cannot go on where this one ended.',
  }),
  'slot.failover': boolean({
    default: false,
    group: 'Replication',
    doc: 'Makes a slot that is kept in step on standby servers (PostgreSQL 17 and later).',
  }),
  'slot.stream.params': string({
    default: null,
    importance: 'LOW',
    group: 'Replication',
    doc: 'Further options for pgoutput, `name=value;name=value`.',
  }),
  'slot.max.retries': int({
    default: 6,
    validate: atLeast(0),
    importance: 'LOW',
    group: 'Replication',
    doc: 'How often to try again when the slot is in use by another session.',
  }),
  'slot.retry.delay.ms': long({
    default: 10_000,
    validate: atLeast(1),
    importance: 'LOW',
    group: 'Replication',
    doc: 'How long to wait between these tries.',
  }),
  'offset.mismatch.strategy': enumeration({
    values: ['no_validation', 'trust_offset', 'trust_slot', 'trust_greater_lsn'],
    default: 'no_validation',
    group: 'Replication',
    doc: 'A slot past the stored offset fails the task, unless trust_slot, trust_greater_lsn or no_validation is set here: then it goes on from the slot.',
  }),
  'publication.name': string({
    default: 'dbz_publication',
    group: 'Replication',
    doc: 'The publication: says which tables the server sends.',
  }),
  'publication.autocreate.mode': enumeration({
    values: ['disabled', 'all_tables', 'filtered', 'no_tables'],
    default: 'all_tables',
    group: 'Replication',
    doc: 'Makes the publication for all tables, for the captured ones, for none, or not at all.',
  }),
  'publish.via.partition.root': boolean({
    default: false,
    group: 'Replication',
    doc: 'Changes of partitions appear as changes of the partitioned table.',
  }),
  'replica.identity.autoset.values': string({
    default: null,
    group: 'Replication',
    doc: 'Replica identities to set at each start, `table:FULL,table:INDEX name`, with regular expressions for the tables.',
  }),
  'status.update.interval.ms': int({
    default: 10_000,
    validate: atLeast(1),
    group: 'Replication',
    doc: 'How often the server hears how far the log has been read.',
  }),
  'lsn.flush.mode': enumeration({
    values: ['connector', 'manual', 'connector_and_driver'],
    default: 'connector',
    group: 'Replication',
    doc: 'manual: positions are never confirmed, somebody else advances the slot.',
  }),
  'flush.lsn.source': boolean({
    default: true,
    group: 'Replication',
    doc: 'Older name: false is lsn.flush.mode=manual.',
  }),
}

const postgresTables = {
  'schema.include.list': patterns('The schemas to capture. Not together with schema.exclude.list.'),
  'schema.exclude.list': patterns('The schemas not to capture.'),
  'table.ignore.builtin': boolean({
    default: true,
    importance: 'LOW',
    group: 'Tables and columns',
    doc: 'Leaves out the schemas of the system.',
  }),
}

const postgresEvents = {
  'time.precision.mode': enumeration({
    values: ['adaptive', 'adaptive_time_microseconds', 'connect', 'isostring', 'microseconds', 'nanoseconds'],
    default: 'adaptive',
    group: 'Events',
    doc: 'How dates and times are announced: by their precision, by Connect types, as text, or in one unit.',
  }),
  'hstore.handling.mode': enumeration({
    values: ['json', 'map'],
    default: 'json',
    group: 'Events',
    doc: 'hstore as JSON text or as a map.',
  }),
  'interval.handling.mode': enumeration({
    values: ['numeric', 'string'],
    default: 'numeric',
    group: 'Events',
    doc: 'Intervals as microseconds (a month has 30.4375 days) or as ISO 8601 text.',
  }),
  'money.fraction.digits': short({ default: 2, group: 'Events', doc: 'Digits after the point of money.' }),
  'include.unknown.datatypes': boolean({
    default: false,
    group: 'Events',
    doc: 'Columns of types that have no mapping, as the bytes of their text.',
  }),
  'message.prefix.include.list': patterns('Prefixes of the logical messages to capture.'),
  'message.prefix.exclude.list': patterns('Prefixes of the logical messages to leave out.'),
}

const postgresSnapshot = {
  'snapshot.mode': enumeration({
    values: ['initial', 'initial_only', 'always', 'no_data', 'when_needed', 'configuration_based', 'custom'],
    ignoreCase: true,
    default: 'initial',
    group: 'Snapshot',
    doc: 'When the tables are read: at the first start, then ending, at every start, never, or when the place in the log is lost.',
  }),
  'snapshot.locking.mode': enumeration({
    values: ['none', 'shared', 'custom'],
    ignoreCase: true,
    default: 'none',
    group: 'Snapshot',
    doc: 'shared: takes ACCESS SHARE locks on the tables before they are read.',
  }),
  'snapshot.lock.timeout.ms': long({
    default: 10_000,
    validate: atLeast(0),
    group: 'Snapshot',
    doc: 'How long to wait for these locks.',
  }),
}

/** What the connector does. */
export const supportedFields = {
  ...connectionFields,
  ...postgresConnection,
  ...replication,
  ...postgresTables,
  ...tableFields,
  ...eventFields,
  ...postgresEvents,
  ...runFields,
  ...postgresSnapshot,
}

const refusedText = (value: string | null) =>
  string({
    default: value,
    importance: 'LOW',
    group: 'Not supported',
    doc: 'Known, but not supported: only the default is accepted.',
  })

export const unsupportedFields = {
  ...sharedUnsupported,
  'xmin.fetch.interval.ms': refusedText('0'),
  'database.sslfactory': refusedText(null),
  'slot.seek.to.known.offset.on.start': refusedText('false'),
}

const idleText = (value: string | null) =>
  string({
    default: value,
    importance: 'LOW',
    group: 'Without effect',
    doc: 'Accepted without effect: there is nothing here that it could tune.',
  })

export const withoutEffect = {
  ...sharedWithoutEffect,
  'include.schema.comments': idleText('false'),
  'snapshot.isolation.mode': idleText('serializable'),
  'schema.refresh.mode': idleText('columns_diff'),
  'lsn.flush.timeout.ms': idleText('30000'),
  'lsn.flush.timeout.action': idleText('fail'),
  'create.slot.command.timeout': idleText('90'),
}

export const fields = { ...supportedFields, ...unsupportedFields, ...withoutEffect }

export type PostgresConfig = Config<typeof supportedFields>

/** Families of properties that others read. */
export const knownPrefixes: readonly string[] = [
  ...columnRulePrefixes,
  ...['transforms', 'predicates', 'key.converter', 'value.converter', 'header.converter', 'errors.'],
  ...['topic.creation.', 'producer.override.', 'admin.override.', 'consumer.override.', 'driver.'],
  ...['snapshot.select.statement.overrides.', 'config.', 'tasks.max', 'connector.', 'exactly.once.'],
  ...['transaction.boundary', 'offsets.storage.topic', 'name', 'task.'],
]
