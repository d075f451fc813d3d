/** One `postgres-cdc` task on a database of its own, driven by hand: the setup of the connector's integration tests. */
import type { QueryResult } from 'pg'
import { afterEach, beforeEach } from 'vitest'
import type { RawConfig } from '#plugin'
import { createDatabase, type TestDatabase } from './services/database.ts'
import type { SourceDriver } from './source-driver.ts'

export interface PostgresStage {
  readonly database: TestDatabase
  /** Set by the test; stopped after it. */
  driver: SourceDriver
  configOf(more?: RawConfig): RawConfig
  sql(text: string): Promise<QueryResult>
  /** The ids of the keys of all records emitted so far. */
  keys(): (number | undefined)[]
  slot(): Promise<{ readonly confirmed: bigint; readonly active: boolean }>
  /** Of this database. */
  slotNames(): Promise<string[]>
  walPosition(): Promise<bigint>
}

/** Call it at the top of a test file: each test gets a database with a table `t (id int PRIMARY KEY, v text)`. */
export function postgresStage(): PostgresStage {
  let database: TestDatabase | undefined
  let driver: SourceDriver | undefined
  const there = <T>(value: T | undefined): T => {
    if (value === undefined) throw new Error('it is there only within a test')
    return value
  }
  beforeEach(async () => {
    database = await createDatabase()
    await database.client.query('CREATE TABLE t (id int PRIMARY KEY, v text)')
  })
  afterEach(async () => {
    await driver?.stop().catch(() => {})
    await database?.drop()
    driver = undefined
  })
  const one = async <T extends object>(text: string, values: unknown[] = []): Promise<T | undefined> =>
    (await there(database).client.query<T>(text, values)).rows[0]
  return {
    get database() {
      return there(database)
    },
    get driver() {
      return there(driver)
    },
    set driver(given) {
      driver = given
    },
    configOf: (more = {}) => ({ ...configOf(there(database)), ...more }),
    sql: (text) => there(database).client.query(text),
    keys: () => there(driver).emitted.map((record) => (JSON.parse(record.key ?? '{}') as { id?: number }).id),
    slot: async () => {
      const found = await one<{ confirmed: string; active: boolean }>(
        `SELECT (confirmed_flush_lsn - '0/0')::text AS confirmed, active FROM pg_replication_slots WHERE slot_name = $1`,
        [there(database).database],
      )
      return { confirmed: BigInt(found?.confirmed ?? 0), active: found?.active ?? false }
    },
    slotNames: async () => {
      const query = 'SELECT slot_name AS name FROM pg_replication_slots WHERE database = current_database()'
      const { rows } = await there(database).client.query<{ name: string }>(query)
      return rows.map(({ name }) => name)
    },
    walPosition: async () =>
      BigInt((await one<{ at: string }>(`SELECT (pg_current_wal_lsn() - '0/0')::text AS at`))?.at ?? 0),
  }
}

function configOf({ host, port, user, password, database }: TestDatabase): RawConfig {
  return {
    'topic.prefix': 'p',
    'database.hostname': host,
    'database.port': String(port),
    'database.user': user,
    'database.password': password,
    'database.dbname': database,
    'slot.name': database,
    'publication.name': 'pub',
    'plugin.name': 'pgoutput',
    'poll.interval.ms': '100',
    'extended.headers.enabled': 'false',
    'key.converter.schemas.enable': 'false',
    'value.converter.schemas.enable': 'false',
  }
}
