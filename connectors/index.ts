/**
 * The table of connectors: what there is and how to load it. A connector is loaded when it is first used, so a worker
 * pays only for those that its users configure. Adding or removing a connector is a folder and its lines here.
 */
import { type PluginEntry, version } from '#plugin'

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
  {
    kind: 'sink',
    javaClass: 'io.confluent.connect.jdbc.JdbcSinkConnector',
    aliases: ['jdbc-sink', 'JdbcSinkConnector', 'JdbcSink'],
    version,
    load: async () => (await import('./jdbc/sink.ts')).jdbcSink,
  },
  {
    kind: 'sink',
    javaClass: 'io.aiven.connect.jdbc.JdbcSinkConnector',
    aliases: ['aiven-jdbc-sink'],
    version,
    load: async () => (await import('./jdbc/sink.ts')).aivenJdbcSink,
  },
  {
    kind: 'sink',
    javaClass: 'io.debezium.connector.jdbc.JdbcSinkConnector',
    aliases: ['debezium-jdbc-sink'],
    version,
    load: async () => (await import('./jdbc/debezium-sink.ts')).debeziumJdbcSink,
  },
  {
    kind: 'source',
    javaClass: 'io.debezium.connector.postgresql.PostgresConnector',
    aliases: ['postgres-cdc'],
    version: '0.1.0',
    load: async () => (await import('./postgres-cdc/index.ts')).postgresSource,
  },
  {
    kind: 'source',
    javaClass: 'io.debezium.connector.mysql.MySqlConnector',
    aliases: ['mysql-cdc'],
    version,
    load: async () => (await import('./mysql-cdc/index.ts')).mysqlSource,
  },
  {
    kind: 'source',
    javaClass: 'io.debezium.connector.mariadb.MariaDbConnector',
    aliases: ['mariadb-cdc'],
    version,
    load: async () => (await import('./mysql-cdc/index.ts')).mariadbSource,
  },
]
