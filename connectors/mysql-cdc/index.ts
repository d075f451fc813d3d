/** `mysql-cdc` and `mariadb-cdc`: drop-ins for Debezium's connectors for MySQL and MariaDB. */
import { type ConfigFields, type SourcePlugin, version } from '#plugin'
import { check } from './check.ts'
import { mariadbFields, mysqlFields, unsupportedFields, withoutEffect } from './config/servers.ts'
import { partsWith, readLog } from './parts.ts'
import { alterOffsets, type OpenReplayLog, sourceReplay } from './replay/index.ts'
import type { Server } from './server/index.ts'
import { resumeAt } from './offset.ts'
import { openTask } from './task.ts'
import { warnAbout } from './warnings.ts'

function plugin(
  server: Server,
  supported: ConfigFields,
  names: Pick<SourcePlugin, 'javaClass' | 'taskClass' | 'aliases'>,
): SourcePlugin {
  const fields = { ...supported, ...unsupportedFields, ...withoutEffect }
  return {
    kind: 'source',
    ...names,
    version,
    config: fields,
    dedicatedThread: true,

    check: (config, signal) => check(server, supported, config, signal),

    /** One log, one reader: always one task. */
    taskConfigs: (config) => [config],

    async open(config, context) {
      warnAbout(fields, config, context.log)
      return openTask(server, supported, config, context)
    },

    alterOffsets: alterOffsets(server, supported),
    replay: sourceReplay(server, supported, replayLog(server)),
  }
}

/** The log of a replay is read as the connector's own, with the schema of its beginning. */
function replayLog(server: Server): OpenReplayLog {
  return async ({ raw, config, facts, context, capture, schema, from, until }) => {
    const parts = partsWith({ raw, config, context, server, facts }, capture, schema)
    const log = readLog(parts, resumeAt({ ...from, gtids: null }), { until: { ...until, gtids: null } })
    return {
      poll: (deadline, signal) => log.poll(deadline, signal),
      get arrived() {
        return log.arrived
      },
      get place() {
        return log.reader.place
      },
      async [Symbol.asyncDispose]() {
        await log[Symbol.asyncDispose]()
        await schema[Symbol.asyncDispose]()
      },
    }
  }
}

const debezium = 'io.debezium.connector'

export const mysqlSource = plugin('mysql', mysqlFields, {
  javaClass: `${debezium}.mysql.MySqlConnector`,
  aliases: ['mysql-cdc'],
  taskClass: `${debezium}.mysql.MySqlConnectorTask`,
})

export const mariadbSource = plugin('mariadb', mariadbFields, {
  javaClass: `${debezium}.mariadb.MariaDbConnector`,
  aliases: ['mariadb-cdc'],
  taskClass: `${debezium}.mariadb.MariaDbConnectorTask`,
})
