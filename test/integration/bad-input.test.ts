/**
 * Bad input, end to end: what a worker answers to each mistake names the property or thing, the cause and what mends
 * it; and no password is in any answer or log line.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LogicalReplicationService, PgoutputPlugin } from 'pg-logical-replication'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDatabase, type TestDatabase } from '../support/services/database.ts'
import { freePort } from '../support/services/ports.ts'
import { type PostgresServer, startPostgres } from '../support/services/postgres.ts'
import { startWorkerProcess, type WorkerProcess } from '../support/worker-process.ts'

type Config = Readonly<Record<string, string>>
interface Validation {
  readonly configs: readonly {
    readonly value: { readonly name: string; readonly errors: readonly string[] }
  }[]
}
interface Status {
  readonly connector: { readonly state: string; readonly trace?: string }
  readonly tasks: readonly { readonly state: string; readonly trace?: string }[]
}

const roleSecret = 'role-secret-word'
const wrongSecret = 'wrong-secret-word'
const directory = mkdtempSync(join(tmpdir(), 'rowtap-bad-input-'))
const suffix = process.pid
const [plain, replicator] = [`bad_plain_${suffix}`, `bad_replicator_${suffix}`]
let database: TestDatabase
let replica: PostgresServer
let worker: WorkerProcess
let reader: LogicalReplicationService
let nobody: number
/** Everything the worker has answered. */
let answers = ''

beforeAll(async () => {
  database = await createDatabase('bad')
  replica = await startPostgres(['wal_level=replica'])
  nobody = await freePort()
  worker = await startWorkerProcess({ dataDirectory: directory })
  await database.client.query(`
    CREATE TABLE orders (id int PRIMARY KEY, item text);
    CREATE TABLE keyless (item text);
    CREATE TYPE pair AS (a int, b int);
    CREATE TABLE odd (id int PRIMARY KEY, p pair);
    INSERT INTO orders VALUES (1, 'pen'); INSERT INTO keyless VALUES ('pen'); INSERT INTO odd VALUES (1, (1, 2));
    CREATE PUBLICATION ready FOR ALL TABLES;
    CREATE ROLE ${plain} LOGIN PASSWORD '${roleSecret}';
    CREATE ROLE ${replicator} LOGIN REPLICATION PASSWORD '${roleSecret}';
    CREATE SCHEMA target; CREATE TABLE target.narrow (id int PRIMARY KEY)`)
  const { client, database: name } = database
  await client.query(`SELECT pg_create_logical_replication_slot('${name}_busy', 'pgoutput')`)
  await client.query(`SELECT pg_create_logical_replication_slot('${name}_plugin', 'test_decoding')`)
  reader = await busyReader(`${name}_busy`)
})

afterAll(async () => {
  await reader?.destroy().catch(() => {})
  await worker?.kill()
  await replica?.stop()
  await database?.client.query(`DROP ROLE IF EXISTS ${plain}; DROP ROLE IF EXISTS ${replicator}`)
  await database?.drop()
  rmSync(directory, { recursive: true, force: true })
})

/** Somebody else's reader of that slot. */
async function busyReader(slot: string): Promise<LogicalReplicationService> {
  const { host, port, user, password, database: name } = database
  const service = new LogicalReplicationService({ host, port, user, password, database: name })
  service.on('error', () => {})
  const started = new Promise((resolve) => service.once('start', () => resolve(null)))
  service
    .subscribe(new PgoutputPlugin({ protoVersion: 1, publicationNames: ['ready'] }), slot)
    .catch(() => {})
  await started
  return service
}

function source(more: Config = {}): Config {
  return {
    'connector.class': 'postgres-cdc',
    'topic.prefix': 'bad',
    'database.hostname': database.host,
    'database.port': String(database.port),
    'database.user': database.user,
    'database.password': database.password,
    'database.dbname': database.database,
    'plugin.name': 'pgoutput',
    'slot.name': `${database.database}_s`,
    'publication.name': 'ready',
    'table.include.list': 'public.orders',
    'poll.interval.ms': '100',
    ...more,
  }
}

function sink(more: Config = {}): Config {
  return {
    'connector.class': 'jdbc-sink',
    'connection.url': `jdbc:postgresql://${database.host}:${database.port}/${database.database}`,
    'connection.user': database.user,
    'connection.password': database.password,
    topics: 'feed.public.orders',
    transforms: 'unwrap',
    'transforms.unwrap.type': 'io.debezium.transforms.ExtractNewRecordState',
    'table.name.format': 'target.orders',
    'max.retries': '0',
    ...more,
  }
}

/** `property | message` for each problem that `config/validate` finds. */
async function problems(plugin: string, config: Config): Promise<string[]> {
  const answer = (await worker.send('PUT', `/connector-plugins/${plugin}/config/validate`, {
    name: 'bad',
    ...config,
  })) as Validation
  answers += JSON.stringify(answer.configs.map(({ value }) => value.errors))
  return answer.configs.flatMap(({ value }) => value.errors.map((error) => `${value.name} | ${error}`))
}

/** The trace with which the connector's task fails. */
async function failure(name: string, config: Config): Promise<string> {
  await worker.send('POST', '/connectors', { name, config })
  const failed = ({ connector, tasks }: Status) =>
    connector.state === 'FAILED' || tasks.some(({ state }) => state === 'FAILED')
  const status = await worker.until<Status>(`/connectors/${name}/status`, failed)
  answers += JSON.stringify(status)
  await worker.send('DELETE', `/connectors/${name}`)
  return status.tasks[0]?.trace ?? status.connector.trace ?? ''
}

interface Mistake {
  readonly what: string
  readonly config: () => Config
  readonly says: RegExp
}

const sourceMistakes: readonly Mistake[] = [
  {
    what: 'wrong password',
    config: () => ({ 'database.user': plain, 'database.password': wrongSecret }),
    says: /^database\.password \| .*password authentication failed for user "bad_plain_\d+".*Set the right password/,
  },
  {
    what: 'unknown database',
    config: () => ({ 'database.dbname': 'nowhere' }),
    says: /^database\.dbname \| .*database "nowhere" does not exist.*Name a database that exists/,
  },
  {
    what: 'unreachable host',
    config: () => ({ 'database.port': String(nobody) }),
    says: /^database\.hostname \| .*cannot connect to PostgreSQL at 127\.0\.0\.1:\d+.*Check database\.hostname and database\.port/,
  },
  {
    what: 'a host that no name server knows',
    config: () => ({ 'database.hostname': 'db.invalid' }),
    says: /^database\.hostname \| .*db\.invalid/,
  },
  {
    what: 'wal_level is not logical',
    config: () => ({ 'database.port': String(replica.port), 'database.dbname': 'postgres' }),
    says: /^database\.hostname \| .*wal_level is replica, not logical.*ALTER SYSTEM SET wal_level = 'logical';/,
  },
  {
    what: 'a role without REPLICATION',
    config: () => ({ 'database.user': plain, 'database.password': roleSecret }),
    says: /^database\.user \| .*ALTER ROLE "bad_plain_\d+" REPLICATION;/,
  },
  {
    what: 'a role without SELECT',
    config: () => ({ 'database.user': replicator, 'database.password': roleSecret }),
    says: /^table\.include\.list \| .*may not read public\.orders.*GRANT SELECT ON "public"\."orders" TO "bad_replicator_\d+";/,
  },
  {
    what: 'a slot in use by another reader',
    config: () => ({ 'slot.name': `${database.database}_busy` }),
    says: /^slot\.name \| .*in use by the server process \d+.*SELECT pg_terminate_backend\(\d+\);/,
  },
  {
    what: 'a slot of another plugin',
    config: () => ({ 'slot.name': `${database.database}_plugin` }),
    says: /^slot\.name \| .*plugin test_decoding, not pgoutput.*pg_drop_replication_slot/,
  },
  {
    what: 'a slot of another database',
    config: () => ({ 'slot.name': `${database.database}_busy`, 'database.dbname': 'postgres' }),
    says: /^slot\.name \| .*is of the database "bad_.*", not "postgres".*pg_drop_replication_slot/,
  },
  {
    what: 'a slot name that PostgreSQL does not take',
    config: () => ({ 'slot.name': 'My-Slot' }),
    says: /^slot\.name \| .*My-Slot.*lower case letters, digits and underscores/,
  },
  {
    what: 'no publication, and none to be made',
    config: () => ({ 'publication.name': 'absent', 'publication.autocreate.mode': 'disabled' }),
    says: /^publication\.name \| .*"absent" does not exist.*CREATE PUBLICATION "absent" FOR ALL TABLES;/,
  },
  {
    what: 'a filtered publication for no table',
    config: () => ({
      'publication.name': 'absent',
      'publication.autocreate.mode': 'filtered',
      'table.include.list': 'public.nothing',
    }),
    says: /^table\.include\.list \| .*no table of the database .* matches.*Mend the list/,
  },
  {
    what: 'a regular expression that is none',
    config: () => ({ 'table.include.list': 'public.(orders' }),
    says: /^table\.include\.list \| .*public\.\(orders/,
  },
  {
    what: 'include and exclude list at once',
    config: () => ({ 'table.exclude.list': 'public.x' }),
    says: /^table\.exclude\.list \| .*cannot be set together/,
  },
  {
    what: 'what is not supported',
    config: () => ({ 'signal.data.collection': 'public.signals' }),
    says: /^signal\.data\.collection \| .*not supported/,
  },
]

test.each(sourceMistakes)('postgres-cdc, validated: $what', async ({ config, says }) => {
  const found = await problems('postgres-cdc', source(config()))
  expect(found).toEqual([expect.stringMatching(says)])
})

test('a configuration with mistakes is not accepted', async () => {
  const config = source({ 'database.user': plain, 'database.password': wrongSecret })
  const refused = worker.send('POST', '/connectors', { name: 'refused', config })
  const message = await refused.then(
    () => 'accepted',
    (error: Error) => error.message,
  )
  answers += message
  expect(message).toMatch(/400 .*password authentication failed/)
  expect(await worker.get('/connectors')).toEqual([])
})

test('a good configuration runs: keyless tables, unknown types and properties, lists that match nothing yet', async () => {
  const tables = { 'table.include.list': 'public.(keyless|odd|later)', 'database.applicatoin': 'x' }
  const config = source({ ...tables, 'topic.prefix': 'good', 'slot.name': `${database.database}_good` })
  expect(await problems('postgres-cdc', config)).toEqual([])
  await worker.send('POST', '/connectors', { name: 'good', config })
  const stored = (count: number) => (answer: { partitions: { next: number }[] }) =>
    answer.partitions.reduce((sum, { next }) => sum + next, 0) >= count
  await worker.until('/topics/good.public.keyless', stored(1))
  await worker.until('/topics/good.public.odd', stored(1))
  await database.client.query('CREATE TABLE later (id int PRIMARY KEY); INSERT INTO later VALUES (1)')
  await worker.until('/topics/good.public.later', stored(1))
  expect(worker.output()).toMatch(/The property database\.applicatoin is unknown and has no effect/)
  expect(worker.output()).toMatch(/"column":"p","type":"pair".*the column is left out/)
  await worker.send('DELETE', '/connectors/good')
})

test('what goes wrong after the check fails the task: the slot is taken meanwhile', async () => {
  const slot = `${database.database}_busy`
  const config = source({ 'slot.name': slot, 'slot.max.retries': '0', 'slot.retry.delay.ms': '10' })
  await reader.destroy()
  await expect.poll(() => problems('postgres-cdc', config)).toEqual([])
  const taken = { ...config, 'streaming.delay.ms': '500', 'snapshot.mode': 'no_data' }
  await worker.send('POST', '/connectors', { name: 'waits', config: taken })
  await worker.until<Status>('/connectors/waits/status', ({ tasks }) => tasks[0]?.state === 'RUNNING')
  await worker.send('PUT', '/connectors/waits/stop')
  await worker.until<Status>('/connectors/waits/status', ({ tasks }) => tasks.length === 0)
  reader = await busyReader(slot)
  await worker.send('PUT', '/connectors/waits/resume')
  const status = await worker.until<Status>(
    '/connectors/waits/status',
    ({ tasks }) => tasks[0]?.state === 'FAILED',
  )
  expect(status.tasks[0]?.trace).toMatch(/is in use by the server process \d+.*pg_terminate_backend/)
  await worker.send('DELETE', '/connectors/waits')
})

const sinkFailures: readonly Mistake[] = [
  {
    what: 'the table is missing and auto.create=false',
    config: () => ({}),
    says: /target.*orders.*(missing|does not exist).*auto\.create/s,
  },
  {
    what: 'a column is missing and auto.evolve=false',
    config: () => ({ 'table.name.format': 'target.narrow' }),
    says: /target.*narrow.*item.*auto\.evolve/s,
  },
  {
    what: 'no key, and pk.mode=record_key',
    config: () => ({ topics: 'feed.public.keyless', 'pk.mode': 'record_key', 'auto.create': 'true' }),
    says: /feed\.public\.keyless.*(record_key|key)/s,
  },
]

test('JDBC sink: each mistake fails the task by name', async () => {
  const feed = source({
    'topic.prefix': 'feed',
    'slot.name': `${database.database}_feed`,
    'table.include.list': 'public.(orders|keyless)',
  })
  await worker.send('POST', '/connectors', { name: 'feed', config: feed })
  for (const topic of ['orders', 'keyless'])
    await worker.until<{ partitions: { next: number }[] }>(
      `/topics/feed.public.${topic}`,
      ({ partitions }) => partitions[0]?.next === 1,
    )
  for (const [index, { what, config, says }] of sinkFailures.entries())
    expect(await failure(`sink-${index}`, sink(config())), what).toMatch(says)
})

test('JDBC sink: a wrong password', async () => {
  const config = sink({ 'connection.user': plain, 'connection.password': wrongSecret })
  expect((await problems('jdbc-sink', config)).join('\n')).toMatch(
    /connection\..* \| .*password authentication failed/,
  )
})

test('no password was told', () => {
  for (const secret of [roleSecret, wrongSecret]) {
    expect(answers).not.toContain(secret)
    expect(worker.output()).not.toContain(secret)
  }
})
