/** A database of its own for a file of `debezium-jdbc-sink` tests, and how to look at what was written. */
import type pg from 'pg'
import { afterAll, beforeAll } from 'vitest'
import { createDatabase, type TestDatabase } from '../services/database.ts'

export interface DebeziumTarget {
  /** The sink's configuration, upserting into this database. */
  config(more?: Record<string, string>): Record<string, string>
  readonly client: pg.Client
  /** Rows as PostgreSQL's own JSON text. */
  rowsOf(table: string): Promise<string[]>
  /** Name, type, NOT NULL and DEFAULT of each column. */
  columnsOf(table: string): Promise<string[]>
}

export function debeziumTarget(prefix: string): DebeziumTarget {
  let database: TestDatabase | undefined
  const there = (): TestDatabase => {
    if (database === undefined) throw new Error('the database is there only within a test')
    return database
  }
  const texts = async (query: string, values: unknown[] = []): Promise<string[]> =>
    (await there().client.query<{ text: string }>(query, values)).rows.map(({ text }) => text)
  beforeAll(async () => {
    database = await createDatabase(prefix)
    await database.client.query('CREATE EXTENSION hstore; CREATE EXTENSION citext')
  })
  afterAll(() => database?.drop())
  return {
    get client() {
      return there().client
    },
    config: (more = {}) => ({
      'connection.url': `jdbc:postgresql://${there().host}:${there().port}/${there().database}`,
      'connection.username': there().user,
      'connection.password': there().password,
      'insert.mode': 'upsert',
      'primary.key.mode': 'record_key',
      'schema.evolution': 'basic',
      'delete.enabled': 'true',
      'truncate.enabled': 'true',
      'flush.max.retries': '3',
      'flush.retry.delay.ms': '50',
      ...more,
    }),
    rowsOf: (table) => texts(`SELECT row_to_json(whole)::text AS text FROM ${table} AS whole ORDER BY id`),
    columnsOf: (table) =>
      texts(
        `SELECT a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END
           || coalesce(' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), '') AS text
         FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
         WHERE a.attrelid = $1::regclass AND a.attnum > 0 ORDER BY a.attnum`,
        [table],
      ),
  }
}
