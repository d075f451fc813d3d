/**
 * A real MySQL 9 for tests: the server named by ROWTAP_TEST_MYSQL (`mysql://user:password@host:port`), else a `mysqld`
 * of the PATH, else the one that `install-mysql.sh` has put into ~/.cache/rowtap-test; without any, the tests that need
 * it are skipped by name. It writes a binlog of rows with full metadata, under GTIDs.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { homedir, tmpdir, userInfo } from 'node:os'
import { delimiter, join } from 'node:path'
import mysql from 'mysql2/promise'
import { addressIn, type ServerAddress } from './address.ts'
import { freePort } from './ports.ts'
import { startProcess } from './process.ts'
import { type RestartableServer, sharedServer } from './shared.ts'

const given = addressIn('ROWTAP_TEST_MYSQL', 3306)
const binary = findServer()

/** For `describe.skipIf(!mySqlAvailable)`. */
export const mySqlAvailable = given !== null || binary !== undefined

/** The run's MySQL. */
export async function mySqlServer(): Promise<ServerAddress> {
  return given ?? sharedServer('mysql')
}

/** A server that one test has for itself; an option of `mysqld` wins over ours (`--gtid-mode=OFF`). */
export async function startMySql(options: readonly string[] = []): Promise<RestartableServer<ServerAddress>> {
  if (binary === undefined)
    throw new Error('There is no mysqld: run test/support/services/install-mysql.sh or install MySQL 9.')
  const directory = mkdtempSync(join(tmpdir(), 'rowtap-mysql-'))
  const socket = join(directory, 'socket')
  const port = await freePort()
  const account = ['--no-defaults', `--user=${userInfo().username}`, `--datadir=${join(directory, 'data')}`]
  const initialization = startProcess(binary, [...account, '--initialize-insecure'], directory)
  await initialization.wrote('is created with an empty password')
  await initialization.ended
  const args = [
    ...[...account, `--socket=${socket}`, `--port=${port}`, '--bind-address=127.0.0.1', '--mysqlx=0'],
    ...['--server-id=1', '--log-bin=binlog', '--binlog-row-metadata=FULL', '--secure-file-priv='],
    ...['--gtid-mode=ON', '--enforce-gtid-consistency=ON', '--skip-name-resolve'],
    // For tests, not for data: nothing has to outlast the machine, but what is committed outlasts the server.
    ...['--innodb-flush-log-at-trx-commit=2', '--sync-binlog=0', '--innodb-buffer-pool-size=64M'],
    ...['--performance-schema=OFF', ...options],
  ]
  let server = startProcess(binary, args, directory)
  const restart = async (signal: 'TERM' | 'KILL'): Promise<void> => {
    await server.end(signal)
    server = startProcess(binary, args, directory)
    await server.wrote('ready for connections')
  }
  const stop = async (): Promise<void> => {
    await server.end('KILL')
    rmSync(directory, { recursive: true, force: true })
  }
  try {
    await server.wrote('ready for connections')
    await makeUser(socket)
  } catch (error) {
    await stop()
    throw error
  }
  return { address: { host: '127.0.0.1', port, user: 'rowtap', password: 'rowtap' }, restart, stop }
}

/** A `mysqld` of the PATH may be MariaDB's. */
function findServer(): string | undefined {
  const onPath = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'mysqld'))
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'rowtap-test')
  const folders = existsSync(cache) ? readdirSync(cache).filter((name) => name.startsWith('mysql-')) : []
  const installed = folders.map((folder) => join(cache, folder, 'mysqld'))
  return [...onPath, ...installed].filter(existsSync).find((file) => {
    const { stdout } = spawnSync(file, ['--no-defaults', '--version'], { encoding: 'utf8' })
    return /Ver 9\./.test(stdout ?? '')
  })
}

/** The user that tests log in as. */
async function makeUser(socketPath: string): Promise<void> {
  const root = await mysql.createConnection({ socketPath, user: 'root' })
  await root.query(`CREATE USER 'rowtap'@'%' IDENTIFIED BY 'rowtap'`)
  await root.query(`GRANT ALL ON *.* TO 'rowtap'@'%' WITH GRANT OPTION`)
  await root.end()
}
