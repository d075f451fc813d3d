/**
 * A real MariaDB for one test file: the server named by ROWTAP_TEST_MARIADB (`mariadb://user:password@host:port`), else
 * a `mariadbd` of this machine (Debian: mariadb-server) with a data directory of its own, else null: the tests that
 * need it are skipped by name.
 */
import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { userInfo, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import mysql from 'mysql2/promise'
import { freePort } from './ports.ts'

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
  const server = spawn(
    binary,
    [
      ...['--no-defaults', `--user=${username}`, `--datadir=${data}`, `--socket=${socket}`, `--port=${port}`],
      ...['--bind-address=127.0.0.1', '--innodb-buffer-pool-size=64M', '--innodb-flush-log-at-trx-commit=0'],
      ...['--character-set-server=utf8mb4', '--skip-name-resolve', ...flags],
    ],
    { stdio: 'ignore' },
  )
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()))
  const stop = async (): Promise<void> => {
    server.kill('SIGKILL')
    await ended
    rmSync(directory, { recursive: true, force: true })
  }
  try {
    await openRoot(socket, server)
  } catch (error) {
    await stop()
    throw error
  }
  return { host: '127.0.0.1', port, user: 'rowtap', password: 'rowtap', stop }
}

/** Waits for the socket, then makes the user that tests log in as. */
async function openRoot(socketPath: string, server: { exitCode: number | null }): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      const root = await mysql.createConnection({ socketPath, user: 'root' })
      await root.query(`CREATE USER 'rowtap'@'%' IDENTIFIED BY 'rowtap'`)
      await root.query(`GRANT ALL ON *.* TO 'rowtap'@'%' WITH GRANT OPTION`)
      await root.end()
      return
    } catch (error) {
      if (server.exitCode !== null || attempt > 300) throw error
      await sleep(100)
    }
  }
}
