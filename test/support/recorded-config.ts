/** The configuration of a case's connector: what the case says, over what every case of its engine has. */
import type { RawConfig } from '#plugin'
import type { Engine, RecordedCase } from './recorded-case.ts'
import type { Stage } from './recorded-stage.ts'

const sources: Readonly<Record<Engine, string>> = {
  postgres: 'io.debezium.connector.postgresql.PostgresConnector',
  mysql: 'io.debezium.connector.mysql.MySqlConnector',
  mariadb: 'io.debezium.connector.mariadb.MariaDbConnector',
}

/** The account of a MySQL or MariaDB connector: it has the rights that reading needs, and no others. */
export const reader = { user: 'debezium', password: 'dbz' }

/** Of a MySQL or MariaDB connector, where the case names no other. */
export const historyTopic = 'history-{{prefix}}'

/** With `{{…}}` still in it. */
export function connectorConfig(recorded: RecordedCase, stage: Stage, database: string): RawConfig {
  const { engine, config = {} } = recorded
  const source = recorded.sink !== true && recorded.plain !== true && engine !== undefined
  const whole: Record<string, string> = { ...(source ? sourceConfig(engine, stage) : {}), ...config }
  if (whole['database.dbname'] === 'postgres') whole['database.dbname'] = database
  const server = engine === undefined ? undefined : stage.servers[engine]
  for (const [key, value] of Object.entries(whole)) {
    if (server === undefined || !['postgres', 'root'].includes(value)) continue
    if (/^(connection|database)\.user(name)?$/.test(key)) whole[key] = server.user
    if (/^(connection|database)\.password$/.test(key)) whole[key] = server.password
  }
  return whole
}

function sourceConfig(engine: Engine, { bootstrap }: Stage): RawConfig {
  const common = {
    'connector.class': sources[engine],
    'tasks.max': '1',
    'topic.prefix': '{{prefix}}',
    'database.hostname': '{{host}}',
    'database.port': '{{port}}',
  }
  if (engine === 'postgres')
    return {
      ...common,
      ...{ 'database.user': 'postgres', 'database.password': 'postgres' },
      ...{ 'slot.name': '{{prefix}}_{{side}}', 'publication.name': '{{prefix}}_{{side}}' },
      ...{ 'poll.interval.ms': '100', 'status.update.interval.ms': '100' },
    }
  return {
    ...common,
    ...{ 'database.user': reader.user, 'database.password': reader.password },
    'database.server.id': '{{serverId}}',
    'schema.history.internal.kafka.topic': historyTopic,
    ...(bootstrap === '' ? {} : { 'schema.history.internal.kafka.bootstrap.servers': bootstrap }),
  }
}
