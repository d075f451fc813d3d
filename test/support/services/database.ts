/** A database of its own for one test file, on the run's PostgreSQL. */
import pg from 'pg'
import type { PostgresAddress } from './postgres.ts'
import { sharedServer } from './shared.ts'

export interface TestDatabase extends PostgresAddress {
  readonly database: string
  readonly client: pg.Client
  /** Drops its replication slots and the database. */
  drop(): Promise<void>
}

export async function createDatabase(prefix = 'rowtap'): Promise<TestDatabase> {
  const server = await sharedServer<PostgresAddress>('postgres')
  const database = `${prefix}_${process.pid}_${Math.random().toString(36).slice(2, 8)}`
  const admin = new pg.Client({ ...server, database: 'postgres' })
  await admin.connect()
  await admin.query(`CREATE DATABASE "${database}"`)
  const client = new pg.Client({ ...server, database })
  await client.connect()
  return {
    ...server,
    database,
    client,
    drop: async () => {
      await client.end()
      await admin.query(
        `SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE database = $1 AND active_pid IS NOT NULL`,
        [database],
      )
      await admin.query(
        `SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = $1 AND NOT active`,
        [database],
      )
      await admin.query(`DROP DATABASE "${database}" WITH (FORCE)`)
      await admin.end()
    },
  }
}
