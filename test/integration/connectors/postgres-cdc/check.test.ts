/** What `config/validate` says of a live server: each message names the property, the cause and the remedy. */
import { LogicalReplicationService, PgoutputPlugin } from 'pg-logical-replication'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RawConfig } from '#plugin'
import { postgresSource } from '../../../../connectors/postgres-cdc/index.ts'
import { freePort } from '../../../support/services/ports.ts'
import { createDatabase, type TestDatabase } from '../../../support/services/database.ts'

let database: TestDatabase
const role = `reader_${process.pid}`

beforeAll(async () => {
  database = await createDatabase()
  await database.client.query(`CREATE SCHEMA shop; CREATE TABLE shop.orders (id int PRIMARY KEY);
    CREATE ROLE ${role} LOGIN PASSWORD 'secret-word'`)
})

afterAll(async () => {
  await database.client.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`)
  await database.drop()
})

async function problems(more: RawConfig = {}): Promise<string[]> {
  const config = {
    'topic.prefix': 'p',
    'database.hostname': database.host,
    'database.port': String(database.port),
    'database.user': database.user,
    'database.password': database.password,
    'database.dbname': database.database,
    'slot.name': `${database.database}_c`,
    'table.include.list': 'shop.orders',
    ...more,
  }
  const found = await postgresSource.check?.(config, AbortSignal.timeout(20_000))
  return (found ?? []).map(({ field, message }) => `${field} | ${message}`)
}

test('a good configuration has no problems', async () => {
  expect(await problems()).toEqual([])
})

test('wrong password, unknown database, nobody there', async () => {
  const login = { 'database.user': role, 'database.password': 'wrong-word' }
  const [wrong] = await problems(login)
  // Where the server trusts everybody the password is right: then the role may still not replicate.
  expect(wrong).toMatch(/^database\.(password|user) \| /)
  expect(wrong).not.toContain('wrong-word')
  expect(await problems({ 'database.dbname': 'no_such_database' })).toEqual([
    expect.stringMatching(/^database\.dbname \| .*"no_such_database" does not exist/),
  ])
  expect(await problems({ 'database.port': String(await freePort()) })).toEqual([
    expect.stringMatching(/^database\.hostname \| .*cannot connect to PostgreSQL/),
  ])
})

test('a role without privileges is told which statements give them', async () => {
  const login = { 'database.user': role, 'database.password': 'secret-word' }
  expect(await problems(login)).toEqual([expect.stringContaining(`ALTER ROLE "${role}" REPLICATION;`)])
  await database.client.query(`ALTER ROLE ${role} REPLICATION`)
  const found = await problems(login)
  expect(found).toContainEqual(
    expect.stringContaining(`GRANT CREATE ON DATABASE "${database.database}" TO "${role}";`),
  )
  expect(found).toContainEqual(
    expect.stringContaining(
      `GRANT USAGE ON SCHEMA "shop" TO "${role}"; GRANT SELECT ON "shop"."orders" TO "${role}";`,
    ),
  )
})

test('slots of others and publications that are not there', async () => {
  await database.client.query(
    `SELECT pg_create_logical_replication_slot('${database.database}_x', 'test_decoding')`,
  )
  expect(await problems({ 'slot.name': `${database.database}_x` })).toEqual([
    expect.stringMatching(/^slot\.name \| .*plugin test_decoding, not pgoutput.*pg_drop_replication_slot/),
  ])
  expect(
    await problems({ 'publication.name': 'nowhere', 'publication.autocreate.mode': 'disabled' }),
  ).toEqual([expect.stringMatching(/^publication\.name \| .*CREATE PUBLICATION "nowhere" FOR ALL TABLES;/)])
})

test('a slot in use by another reader is refused, one in use by the task itself is not', async () => {
  const { host, port, user, password, database: name } = database
  const slot = `${name}_busy`
  await database.client.query(`SELECT pg_create_logical_replication_slot('${slot}', 'pgoutput')`)
  await database.client.query('CREATE PUBLICATION busy')
  const reader = async (application_name: string) => {
    const service = new LogicalReplicationService({
      host,
      port,
      user,
      password,
      database: name,
      application_name,
    })
    service.on('error', () => {})
    const started = new Promise((resolve) => service.once('start', () => resolve(null)))
    service
      .subscribe(new PgoutputPlugin({ protoVersion: 1, publicationNames: ['busy'] }), slot)
      .catch(() => {})
    await started
    return service
  }
  const stranger = await reader('somebody else')
  expect(await problems({ 'slot.name': slot })).toEqual([
    expect.stringMatching(/^slot\.name \| .*is in use by the server process \d+.*pg_terminate_backend/),
  ])
  await stranger.destroy()
  await expect.poll(() => problems({ 'slot.name': slot })).toEqual([])
  const own = await reader('rowtap p')
  expect(await problems({ 'slot.name': slot })).toEqual([])
  await own.destroy()
})

test('what is not supported is refused by name, without asking the server', async () => {
  const nobody = { 'database.port': '1' }
  expect(
    await problems({
      ...nobody,
      'guardrail.collections.max': '5',
      'snapshot.max.threads.multiplier.a.b': '2',
    }),
  ).toEqual([
    expect.stringMatching(/^guardrail\.collections\.max \| .*not supported/),
    expect.stringMatching(/^snapshot\.max\.threads\.multiplier\.a\.b \| .*not supported/),
  ])
  expect(await problems({ ...nobody, 'snapshot.mode': 'custom' })).toEqual([
    expect.stringMatching(/^snapshot\.mode \| /),
  ])
  expect(await problems({ ...nobody, 'table.exclude.list': 'x' })).toEqual([
    expect.stringMatching(/^table\.exclude\.list \| .*cannot be set together/),
  ])
})
