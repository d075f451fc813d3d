/**
 * A real MariaDB for tests: the server named by ROWTAP_TEST_MARIADB (`mariadb://user:password@host:port`), else a
 * `mariadbd` of this machine (Debian: mariadb-server); without any, the tests that need it are skipped by name. It
 * writes a binlog of rows with full metadata. Its default character set is MariaDB's own, latin1.
 */
import { execFile } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { userInfo, tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import mysql from 'mysql2/promise'
import { addressIn, type ServerAddress } from './address.ts'
import { freePort } from './ports.ts'
import { startProcess } from './process.ts'
import { type RestartableServer, sharedServer } from './shared.ts'

const given = addressIn('ROWTAP_TEST_MARIADB', 3306)
const binary = ['/usr/sbin/mariadbd', '/usr/bin/mariadbd', '/usr/local/bin/mariadbd'].find(existsSync)

/** For `describe.skipIf(!mariaDbAvailable)`. */
export const mariaDbAvailable = given !== null || binary !== undefined

/** The run's MariaDB. */
export async function mariaDbServer(): Promise<ServerAddress> {
  return given ?? sharedServer('mariadb')
}

/** A server that one test has for itself; an option of `mariadbd` wins over ours. */
export async function startMariaDb(
  options: readonly string[] = [],
): Promise<RestartableServer<ServerAddress>> {
  if (binary === undefined)
    throw new Error('There is no mariadbd: install mariadb-server or set ROWTAP_TEST_MARIADB.')
  const directory = mkdtempSync(join(tmpdir(), 'rowtap-mariadb-'))
  chmodSync(directory, 0o755)
  const { username } = userInfo()
  const data = join(directory, 'data')
  const install = [
    '--no-defaults',
    `--user=${username}`,
    `--datadir=${data}`,
    // A server that starts sweeps the temporary tables of others out of its folder.
    `--tmpdir=${directory}`,
    '--auth-root-authentication-method=normal',
  ]
  await promisify(execFile)('mariadb-install-db', [...install, '--skip-test-db'])
  const port = await freePort()
  const socket = join(directory, 'socket')
  const args = [
    ...['--no-defaults', `--user=${username}`, `--datadir=${data}`, `--socket=${socket}`, `--port=${port}`],
    ...[
      `--tmpdir=${directory}`,
      '--bind-address=127.0.0.1',
      '--innodb-buffer-pool-size=64M',
      '--innodb-flush-log-at-trx-commit=2',
    ],
    ...['--server-id=1', '--log-bin=binlog', '--binlog-format=ROW', '--binlog-row-metadata=FULL'],
    ...['--skip-name-resolve', ...options],
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

/** The user that tests log in as. */
async function makeUser(socketPath: string): Promise<void> {
  const root = await mysql.createConnection({ socketPath, user: 'root' })
  await root.query(`CREATE USER 'rowtap'@'%' IDENTIFIED BY 'rowtap'`)
  await root.query(`GRANT ALL ON *.* TO 'rowtap'@'%' WITH GRANT OPTION`)
  await root.end()
}
