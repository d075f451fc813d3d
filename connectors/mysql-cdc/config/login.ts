/** How to reach the server, as the configuration says. */
import { initialStatements, type Login, type Server, tlsPlan } from '../server/index.ts'
import type { MysqlConfig } from './servers.ts'

/** `connectTimeoutMs`: other than connect.timeout.ms while a configuration is checked. */
export function loginOf(server: Server, config: MysqlConfig, connectTimeoutMs?: number): Login {
  return {
    server,
    host: config['database.hostname'],
    port: config['database.port'],
    user: config['database.user'],
    password: config['database.password'],
    tls: tlsPlan(config['database.ssl.mode'], {
      keystore: config['database.ssl.keystore'],
      keystorePassword: config['database.ssl.keystore.password'],
      truststore: config['database.ssl.truststore'],
      truststorePassword: config['database.ssl.truststore.password'],
    }),
    connectTimeoutMs: connectTimeoutMs ?? config['connect.timeout.ms'],
    queryTimeoutMs: config['database.query.timeout.ms'],
    initialStatements: initialStatements(config['database.initial.statements']),
    keepAlive: config['connect.keep.alive'],
    keepAliveMs: config['connect.keep.alive.interval.ms'],
  }
}
