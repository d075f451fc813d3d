/** What the properties of the two connectors do not share, and the whole lists of both. */
import {
  connectionFields as sharedConnection,
  eventFields as sharedEvents,
  idleSignalFields,
  notificationFields,
  runFields,
  signalFields,
  tableFields as sharedTables,
  unsupportedFields as sharedUnsupported,
  withoutEffect as sharedWithoutEffect,
} from '#cdc'
import { atLeast, type Config, enumeration, int, javaClass, string } from '#plugin'
import {
  batchFields,
  connectionFields,
  eventFields,
  historyFields,
  snapshotFields,
  tableFields,
} from './fields.ts'

const shared = {
  ...sharedConnection,
  ...connectionFields,
  ...tableFields,
  ...sharedTables,
  ...sharedEvents,
  ...eventFields,
  ...runFields,
  ...batchFields,
  ...snapshotFields,
  ...historyFields,
  ...signalFields,
  ...notificationFields,
}

const tls = 'Whether to use TLS, and what to check of the certificate of the server.'
const locking = 'Which lock the snapshot begins under, and how long it is held.'

export const mysqlFields = {
  ...shared,
  'database.ssl.mode': enumeration({
    values: ['verify_identity', 'disabled', 'preferred', 'required', 'verify_ca'],
    ignoreCase: true,
    default: 'preferred',
    group: 'Connection',
    doc: tls,
  }),
  'snapshot.locking.mode': enumeration({
    values: [
      ...(['minimal', 'minimal_percona', 'custom', 'none'] as const),
      ...(['minimal_percona_no_table_locks', 'extended'] as const),
    ],
    ignoreCase: true,
    default: 'minimal',
    importance: 'LOW',
    group: 'Snapshot',
    doc: locking,
  }),
}

export const mariadbFields = {
  ...shared,
  'database.ssl.mode': enumeration({
    values: ['disable', 'trust', 'verify-ca', 'verify-full'],
    ignoreCase: true,
    default: 'disable',
    group: 'Connection',
    doc: tls,
  }),
  'snapshot.locking.mode': enumeration({
    values: ['minimal', 'custom', 'none', 'extended'],
    ignoreCase: true,
    default: 'minimal',
    importance: 'LOW',
    group: 'Snapshot',
    doc: locking,
  }),
}

/** What the parts of the connector read: the same for both servers. */
export type MysqlConfig = Config<typeof shared> & {
  readonly 'database.ssl.mode':
    | Config<typeof mysqlFields>['database.ssl.mode']
    | Config<typeof mariadbFields>['database.ssl.mode']
  readonly 'snapshot.locking.mode': Config<typeof mysqlFields>['snapshot.locking.mode']
}

const idleSpec = {
  importance: 'LOW',
  group: 'Without effect',
  doc: 'Accepted without effect: there is nothing here that it could tune.',
} as const

const idle = (value: string | null) => string({ ...idleSpec, default: value })

/** Those of `fields` that are none of `others`. */
function without<F extends object, O extends object>(fields: F, others: O): Omit<F, keyof O> {
  return Object.fromEntries(
    Object.entries(fields).filter(([name]) => !Object.hasOwn(others, name)),
  ) as unknown as Omit<F, keyof O>
}

export const unsupportedFields = without(sharedUnsupported, shared)

export const withoutEffect = {
  ...without(sharedWithoutEffect, shared),
  ...idleSignalFields,
  'max.queue.size': batchFields['max.queue.size'],
  'min.row.count.to.stream.results': int({ ...idleSpec, default: 1000, validate: atLeast(0) }),
  'binlog.buffer.size': int({ ...idleSpec, importance: 'MEDIUM', default: 0, validate: atLeast(0) }),
  'database.protocol': idle('jdbc:mysql'),
  'database.jdbc.driver': javaClass({ ...idleSpec, default: 'com.mysql.cj.jdbc.Driver' }),
  'ddl.parser.type': idle('default'),
  'resolve.create.table.like.schema': idle('false'),
  'schema.history.internal.memory.optimization': idle('off'),
  'schema.history.internal.kafka.recovery.poll.interval.ms': idle('100'),
  'schema.history.internal.kafka.recovery.attempts': idle('100'),
  'schema.history.internal.kafka.query.timeout.ms': idle('3000'),
  'schema.history.internal.kafka.create.timeout.ms': idle('30000'),
  'schema.history.internal.kafka.buffer.batch.size': idle('1024'),
  'schema.history.internal.connector.class': idle(null),
  'schema.history.internal.connector.id': idle(null),
  'schema.history.internal.name': idle(null),
  'snapshot.scan.all.columns.force': idle('false'),
}

/** Of a driver that is not here. */
export const idlePrefixes: readonly string[] = ['driver.', 'database.driver.']

/** Families of properties that are read elsewhere, or named in a warning of their own. */
export const knownPrefixes: readonly string[] = [
  ...idlePrefixes,
  'snapshot.max.threads.multiplier.',
  ...['transforms', 'predicates', 'key.converter', 'value.converter', 'header.converter', 'errors.'],
  ...['topic.creation.', 'producer.override.', 'admin.override.', 'consumer.override.'],
  ...['snapshot.select.statement.overrides.', 'config.', 'tasks.max', 'connector.', 'exactly.once.'],
  ...['schema.history.internal.producer.', 'schema.history.internal.consumer.', 'signal.consumer.'],
  ...['transaction.boundary', 'offsets.storage.topic', 'name', 'task.'],
]
