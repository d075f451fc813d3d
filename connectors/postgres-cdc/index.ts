/** `postgres-cdc`: drop-in for Debezium's connector for PostgreSQL. */
import type { SourcePlugin } from '#plugin'
import { check } from './check.ts'
import { fields } from './config.ts'
import { connectorVersion, openTask } from './task.ts'
import { warnAbout } from './warnings.ts'

export const postgresSource: SourcePlugin = {
  kind: 'source',
  javaClass: 'io.debezium.connector.postgresql.PostgresConnector',
  aliases: ['postgres-cdc'],
  taskClass: 'io.debezium.connector.postgresql.PostgresConnectorTask',
  version: connectorVersion,
  config: fields,
  dedicatedThread: true,

  check,

  replay:
    'PostgreSQL forgets the log behind its replication slot, which cannot go back. Read the tables again with a snapshot instead.',

  /** One slot, one reader: always one task. */
  taskConfigs: (config) => [config],

  async open(config, context) {
    warnAbout(config, context.log)
    return openTask(config, context)
  },
}
