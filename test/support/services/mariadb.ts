/**
 * A real MariaDB for one test file: the server named by ROWTAP_TEST_MARIADB (`mariadb://user:password@host:port`), else
 * a `mariadbd` of this machine (Debian: mariadb-server) with a data directory of its own, else null: the tests that
 * need it are skipped by name.
 */
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { userInfo, tmpdir } from 'node:os'
import { join } from 'node:path'
import mysql from 'mysql2/promise'
import { freePort } from './ports.ts'
import { startProcess } from './process.ts'

export interface MariaDbServer {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  stop(): Promise<void>
}

const binary = ['/usr/sbin/mariadbd', '/usr/bin/mariadbd', '/usr/local/bin/mariadbd'].find(existsSync)

/** For `describe.skipIf(!mariaDbAvailable)`. */
export const mariaDbAvailable = process.env['ROWTAP_TEST_MARIADB'] !== undefined || binary !== undefined

export async function startMariaDb(flags: readonly string[] = []): Promise<MariaDbServer> {
  const given = process.env['ROWTAP_TEST_MARIADB']
  if (given !== undefined && flags.length === 0) {
    const url = new URL(given)
    const { hostname: host, username: user, password } = url
    return { host, port: Number(url.port || 3306), user, password, stop: async () => {} }
  }
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
    '--auth-root-authentication-method=normal',
  ]
  execFileSync('mariadb-install-db', [...install, '--skip-test-db'], { stdio: 'ignore' })
  const port = await freePort()
  const socket = join(directory, 'socket')
  const args = [
    ...['--no-defaults', `--user=${username}`, `--datadir=${data}`, `--socket=${socket}`, `--port=${port}`],
    ...['--bind-address=127.0.0.1', '--innodb-buffer-pool-size=64M', '--innodb-flush-log-at-trx-commit=0'],
    ...['--character-set-server=utf8mb4', '--skip-name-resolve', ...flags],
  ]
  const server = startProcess(binary, args, directory)
  await server.wrote('ready for connections')
  await makeUser(socket)
  const stop = async (): Promise<void> => {
    await server.end('KILL')
    rmSync(directory, { recursive: true, force: true })
  }
  return { host: '127.0.0.1', port, user: 'rowtap', password: 'rowtap', stop }
}

/** The user that tests log in as. */
async function makeUser(socketPath: string): Promise<void> {
  const root = await mysql.createConnection({ socketPath, user: 'root' })
  await root.query(`CREATE USER 'rowtap'@'%' IDENTIFIED BY 'rowtap'`)
  await root.query(`GRANT ALL ON *.* TO 'rowtap'@'%' WITH GRANT OPTION`)
  await root.end()
}
