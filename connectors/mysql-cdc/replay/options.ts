/** How a replay, and whoever looks for a place, reads the log: apart from the live reader, under a number of its own. */
import { loginOf } from '../config/login.ts'
import type { MysqlConfig } from '../config/servers.ts'
import type { Server } from '../server/index.ts'
import type { LogAccess } from './live-log.ts'

const heartbeatMs = 5000
const maxBytes = 4 * 1024 * 1024

/** By which the server knows a replay. */
export function replayServerId(config: MysqlConfig): number {
  return config['database.server.id'] + config['database.server.id.offset']
}

/** For looking into the log; `serverId` must be that of no other reader. */
export function logAccess(
  server: Server,
  config: MysqlConfig,
  serverId: number,
  signal: AbortSignal,
): LogAccess {
  return {
    login: loginOf(server, config),
    binlog: {
      serverId,
      annotateRows: false,
      heartbeatMs,
      maxBytes,
      netWriteTimeoutSeconds: config['binlog.net.write.timeout'],
      netReadTimeoutSeconds: config['binlog.net.read.timeout'],
      nongracefulDisconnect: false,
    },
    signal,
  }
}
