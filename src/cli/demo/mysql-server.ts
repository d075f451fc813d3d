/**
 * A MySQL or MariaDB of the demo's own, out of the binaries of this machine: the first `mysqld` or `mariadbd` of the
 * PATH and of the folders where packages put it. What it holds is worth nothing, so it is killed at the end.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { ConfigError } from '#errors'
import type { DemoServer } from './database.ts'
import { finished, freePort, startServer } from './server-process.ts'

const login = { user: 'rowtap', password: 'rowtap' }

/** Makes a server's data in `directory` and starts it on a free port of 127.0.0.1. */
export async function startMysql(directory: string, signal: AbortSignal): Promise<DemoServer> {
  const { file, isMariaDb } = binary()
  const data = join(directory, 'data')
  mkdirSync(directory, { recursive: true })
  // A server that starts sweeps the temporary tables of others out of its folder.
  const common = [
    '--no-defaults',
    `--user=${userInfo().username}`,
    `--datadir=${data}`,
    `--tmpdir=${directory}`,
  ]
  if (isMariaDb)
    await finished(
      installer(file),
      [...common, '--skip-test-db', '--auth-root-authentication-method=normal'],
      {},
      signal,
    )
  else await finished(file, [...common, '--initialize-insecure'], {}, signal)
  const [port, users] = [await freePort(), join(directory, 'users.sql')]
  writeFileSync(
    users,
    `CREATE USER '${login.user}'@'%' IDENTIFIED BY '${login.password}';\nGRANT ALL ON *.* TO '${login.user}'@'%';\n`,
  )
  const options = [
    ...[...common, `--socket=${join(directory, 'socket')}`, `--port=${port}`, `--init-file=${users}`],
    ...['--bind-address=127.0.0.1', '--skip-name-resolve', '--server-id=1', '--log-bin=binlog'],
    ...['--binlog-row-metadata=FULL', '--performance-schema=OFF'],
    ...['--innodb-flush-log-at-trx-commit=0', '--sync-binlog=0', '--innodb-buffer-pool-size=64M'],
    ...(isMariaDb
      ? ['--binlog-format=ROW']
      : ['--gtid-mode=ON', '--enforce-gtid-consistency=ON', '--mysqlx=0', '--secure-file-priv=']),
  ]
  const signals = { stop: 'SIGKILL', lastResort: 'SIGKILL' } as const
  const ready = 'ready for connections'
  const stop = await startServer({ file, options, owner: {}, ready, directory, signals }, signal)
  return { ...login, host: '127.0.0.1', port, given: false, stop }
}

interface Binary {
  readonly file: string
  readonly isMariaDb: boolean
}

/** A `mysqld` may be MariaDB's. */
function binary(): Binary {
  for (const name of ['mysqld', 'mariadbd'])
    for (const file of inFolders(name)) {
      const version = versionOf(file)
      if (version !== null) return { file, isMariaDb: version.includes('MariaDB') }
    }
  throw new ConfigError(
    'The demo needs a MySQL or MariaDB server, and there is no mysqld or mariadbd here.',
    {
      remedy:
        'Install one (Debian, Ubuntu: mariadb-server; Fedora: mariadb-server or mysql-server; Homebrew: mysql or mariadb) ' +
        'or name one with --mysql mysql://user:password@host:3306.',
    },
  )
}

function inFolders(name: string): string[] {
  const path = (process.env['PATH'] ?? '').split(delimiter)
  const usual = ['/usr/sbin', '/usr/local/sbin', '/usr/local/bin', '/usr/libexec', '/opt/homebrew/bin']
  return [...path, ...usual].map((folder) => join(folder, name)).filter(existsSync)
}

/** null for what does not run. */
function versionOf(file: string): string | null {
  try {
    return execFileSync(file, ['--no-defaults', '--version'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  } catch {
    return null
  }
}

/** Makes MariaDB's system tables: it lies beside the server, or in the folder of programs for everybody. */
function installer(server: string): string {
  const beside = join(dirname(server), 'mariadb-install-db')
  const found = [beside, ...inFolders('mariadb-install-db'), '/usr/bin/mariadb-install-db'].find(existsSync)
  if (found !== undefined) return found
  throw new ConfigError(`${server} is here, mariadb-install-db is not.`, {
    remedy:
      'Install the whole package (mariadb-server), or name a server with --mysql mysql://user:password@host:3306.',
  })
}
