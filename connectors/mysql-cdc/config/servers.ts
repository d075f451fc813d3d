/** What the properties of the two connectors do not share, and the whole lists of both. */
import {
  connectionFields as sharedConnection,
  eventFields as sharedEvents,
  notificationFields,
  runFields,
  signalFields,
  tableFields as sharedTables,
  unsupportedFields as sharedUnsupported,
  withoutEffect as sharedWithoutEffect,
} from '#cdc'
import { type Config, enumeration, string } from '#plugin'
import { connectionFields, eventFields, historyFields, snapshotFields, tableFields } from './fields.ts'

const shared = {
  ...sharedConnection,
  ...connectionFields,
  ...tableFields,
  ...sharedTables,
  ...sharedEvents,
  ...eventFields,
  ...runFields,
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

const idle = (value: string | null) =>
  string({
    default: value,
    importance: 'LOW',
    group: 'Without effect',
    doc: 'Accepted without effect: there is nothing here that it could tune.',
  })

/** Those of `fields` that are none of `others`. */
function without<F extends object, O extends object>(fields: F, others: O): Omit<F, keyof O> {
  return Object.fromEntries(
    Object.entries(fields).filter(([name]) => !Object.hasOwn(others, name)),
  ) as unknown as Omit<F, keyof O>
}

export const unsupportedFields = without(sharedUnsupported, shared)

export const withoutEffect = {
  ...without(sharedWithoutEffect, shared),
  'min.row.count.to.stream.results': idle('1000'),
  'binlog.buffer.size': idle('0'),
  'database.protocol': idle(null),
  'database.jdbc.driver': idle(null),
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

/** Families of properties that others read. */
export const knownPrefixes: readonly string[] = [
  ...['transforms', 'predicates', 'key.converter', 'value.converter', 'header.converter', 'errors.'],
  ...['topic.creation.', 'producer.override.', 'admin.override.', 'consumer.override.', 'driver.'],
  ...['snapshot.select.statement.overrides.', 'config.', 'tasks.max', 'connector.', 'exactly.once.'],
  ...['schema.history.internal.producer.', 'schema.history.internal.consumer.', 'signal.consumer.'],
  ...['transaction.boundary', 'offsets.storage.topic', 'name', 'task.', 'database.driver.'],
]
