/** Where recorded cases are played, many at once: one worker, its broker, and the databases there are. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Broker } from '#broker'
import { mariaDbAvailable, mariaDbServer } from './services/mariadb.ts'
import { mySqlAvailable, mySqlServer } from './services/mysql.ts'
import type { Engine } from './recorded-case.ts'
import { reader } from './recorded-config.ts'
import { sql, type SqlServer } from './recorded-sql.ts'
import { startRestWorker } from './rest-worker.ts'
import { sharedServer } from './services/shared.ts'

export interface Stage extends AsyncDisposable {
  /** `http://host:port` of the worker. */
  readonly url: string
  readonly broker: Broker
  /** For the connectors of the worker. */
  readonly bootstrap: string
  /** For files that connectors read and write. */
  readonly folder: string
  readonly servers: Readonly<Partial<Record<Engine, SqlServer>>>
}

/** Why a case that needs this engine cannot be played here; null if it can. */
export function missing(engine: Engine | undefined): string | null {
  if (engine === 'mysql' && !mySqlAvailable)
    return 'needs MySQL 9: set ROWTAP_TEST_MYSQL to mysql://user:password@host:port, or run install-mysql.sh'
  return engine === 'mariadb' && !mariaDbAvailable ? 'needs MariaDB: install mariadb-server' : null
}

/** With the address of a Kafka the worker and the cases use that, else the embedded broker. */
export async function openStage(engines: ReadonlySet<Engine>, kafka: string | null = null): Promise<Stage> {
  await using opened = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'rowtap-recorded-'))
  opened.defer(() => rm(folder, { recursive: true, force: true }))
  const servers: Partial<Record<Engine, SqlServer>> = { postgres: await sharedServer<SqlServer>('postgres') }
  if (engines.has('mysql') && mySqlAvailable) servers.mysql = await withReader('mysql', await mySqlServer())
  if (engines.has('mariadb') && mariaDbAvailable)
    servers.mariadb = await withReader('mariadb', await mariaDbServer())
  const worker = opened.use(await startRestWorker(join(folder, 'data'), kafka === null ? {} : onKafka(kafka)))
  const all = opened.move()
  return {
    url: `http://${worker.address}`,
    broker: worker.broker,
    bootstrap: kafka ?? '',
    folder,
    servers,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}

/** With the account that the connectors of the cases log in as. */
async function withReader(engine: 'mysql' | 'mariadb', server: SqlServer): Promise<SqlServer> {
  const account = `'${reader.user}'@'%'`
  const statements = [
    `CREATE USER IF NOT EXISTS ${account} IDENTIFIED BY '${reader.password}'`,
    `GRANT SELECT, RELOAD, SHOW DATABASES, REPLICATION SLAVE, REPLICATION CLIENT, LOCK TABLES ON *.* TO ${account}`,
  ]
  await sql(engine, server, '', statements.join(';'))
  return server
}

/** Topics and group of their own, so that a Kafka may be shared. */
function onKafka(kafka: string): Readonly<Record<string, string>> {
  const name = `recorded-${process.pid}`
  const topics = ['config', 'offset', 'status'].flatMap((store) => [
    [`${store}.storage.topic`, `${name}-${store}`],
    [`${store}.storage.replication.factor`, '1'],
  ])
  return { 'bootstrap.servers': kafka, 'group.id': name, ...Object.fromEntries(topics) }
}
