/**
 * The two databases of the demo, `shop` (the source) and `warehouse`: in a server of its own, or in any that
 * `--postgres postgres://user:password@host:port` names. There they have names that nobody else uses, and go when the
 * demo ends, with its replication slot.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { ConfigError, ConnectError, messageOf } from '#errors'
import pg from 'pg'
import { startEmbedded } from './embedded-postgres.ts'

export interface DemoPostgres extends AsyncDisposable {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  readonly version: string
  readonly shop: string
  readonly warehouse: string
  /** The server was named by the user: its password is a secret. */
  readonly given: boolean
  client(database: string): Promise<pg.Client>
}

export const slotName = 'rowtap_demo'

export async function openPostgres(
  directory: string,
  url: string | undefined,
  signal: AbortSignal,
): Promise<DemoPostgres> {
  const given = url !== undefined
  const server = given ? named(url) : await startEmbedded(directory, signal)
  const { host, port, user, password } = server
  const prefix = given ? 'rowtap_demo_' : ''
  const databases = { shop: `${prefix}shop`, warehouse: `${prefix}warehouse` }
  const client = async (database: string): Promise<pg.Client> => {
    const made = new pg.Client({ host, port, user, password, database })
    made.on('error', () => {}) // its next query tells
    await made.connect()
    return made
  }
  try {
    const version = await prepare(client, server, Object.values(databases))
    const close = (): Promise<void> => (given ? remove(client, Object.values(databases)) : server.stop())
    return {
      ...{ host, port, user, password, ...databases, given, version, client },
      [Symbol.asyncDispose]: close,
    }
  } catch (error) {
    await server.stop()
    throw error
  }
}

interface Server {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  stop(): Promise<void>
}

function named(text: string): Server {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || !/^postgres(ql)?:$/.test(url.protocol) || url.hostname === '')
    throw new ConfigError('--postgres takes an address like postgres://user:password@host:5432.')
  return {
    host: url.hostname,
    port: url.port === '' ? 5432 : Number(url.port),
    user: decodeURIComponent(url.username) || 'postgres',
    password: decodeURIComponent(url.password),
    stop: async () => {},
  }
}

type Connect = (database: string) => Promise<pg.Client>

/** Checks what change data capture needs and makes the databases; resolves to the server's version. */
async function prepare(
  connect: Connect,
  { host, port }: Server,
  databases: readonly string[],
): Promise<string> {
  const admin = await connect('postgres').catch((cause: unknown) => {
    throw new ConnectError(`The PostgreSQL at ${host}:${port} cannot be used: ${messageOf(cause)}.`, {
      remedy: 'Check the address, the user and the password given with --postgres.',
      cause,
    })
  })
  try {
    const asked = 'SELECT name, setting FROM pg_settings WHERE name = ANY($1)'
    const { rows } = await admin.query<{ name: string; setting: string }>(asked, [
      ['wal_level', 'server_version'],
    ])
    const settings = new Map(rows.map(({ name, setting }) => [name, setting]))
    if (settings.get('wal_level') !== 'logical')
      throw new ConnectError(
        `The PostgreSQL at ${host}:${port} has wal_level=${settings.get('wal_level')}.`,
        { remedy: 'Run ALTER SYSTEM SET wal_level = logical, and start it anew.' },
      )
    await drop(admin, databases)
    for (const database of databases) await admin.query(`CREATE DATABASE ${database}`)
    return settings.get('server_version') ?? ''
  } finally {
    await admin.end()
  }
}

async function remove(connect: Connect, databases: readonly string[]): Promise<void> {
  const admin = await connect('postgres')
  try {
    await drop(admin, databases)
  } finally {
    await admin.end()
  }
}

/** Also of a demo that was killed. A slot must go before its database, and whoever reads it before the slot. */
async function drop(admin: pg.Client, databases: readonly string[]): Promise<void> {
  const where = 'FROM pg_replication_slots WHERE slot_name = $1'
  for (let tries = 0; ; tries++) {
    await admin.query(`SELECT pg_terminate_backend(active_pid) ${where} AND active_pid IS NOT NULL`, [
      slotName,
    ])
    try {
      await admin.query(`SELECT pg_drop_replication_slot(slot_name) ${where}`, [slotName])
      break
    } catch (error) {
      if (tries === 50) throw error
      await delay(100)
    }
  }
  for (const database of databases) await admin.query(`DROP DATABASE IF EXISTS ${database} WITH (FORCE)`)
}
