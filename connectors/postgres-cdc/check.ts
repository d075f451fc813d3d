/**
 * The checks of `config/validate` that need more than one property, or the live database. Every problem names the
 * property, the cause and the statement that mends it.
 */
import { columnRuleProblems, converterProblems, postProcessorProblems, refused, topicNames } from '#cdc'
import { ConfigError, messageOf } from '#errors'
import { type ConfigProblem, parseConfig, type RawConfig } from '#plugin'
import { type PostgresConfig, supportedFields, unsupportedFields } from './config.ts'
import {
  applicationName,
  type Client,
  ConnectionFailure,
  findRoute,
  quoteIdentifier,
  quoteTable,
} from './connection.ts'
import { readPublication } from './publication.ts'
import { parseIdentityRules } from './replica-identity.ts'
import { readSlot, slotInUse, slotProblem, type SlotState } from './slot.ts'
import { Capture, capturedTables, type FoundTable } from './tables.ts'
import { typeOptions } from './settings.ts'

export async function check(raw: RawConfig, signal: AbortSignal): Promise<readonly ConfigProblem[]> {
  const config = parseConfig(supportedFields, raw)
  const offline = [
    ...refused(unsupportedFields, raw),
    ...columnRuleProblems(raw),
    ...converterProblems(raw, []),
    ...postProcessorProblems(raw),
    ...combinations(config),
  ]
  if (offline.length > 0) return offline
  signal.throwIfAborted()
  try {
    const { client } = await findRoute(config)
    const stop = () => void client.end().catch(() => {})
    signal.addEventListener('abort', stop, { once: true })
    try {
      return await live(client, config)
    } finally {
      signal.removeEventListener('abort', stop)
      await client.end().catch(() => {})
    }
  } catch (error) {
    if (error instanceof ConnectionFailure) return [problem(error.property, error.message)]
    if (error instanceof ConfigError) return [problem('database.sslmode', error.message)]
    return [problem('database.hostname', `The database cannot be checked: ${messageOf(error)}.`)]
  }
}

function problem(field: string, message: string): ConfigProblem {
  return { field, message }
}

/** Without the database. */
function combinations(config: PostgresConfig): readonly ConfigProblem[] {
  const problems: ConfigProblem[] = []
  for (const kind of ['schema', 'table', 'column', 'message.prefix'] as const)
    if (config[`${kind}.include.list`] !== null && config[`${kind}.exclude.list`] !== null)
      problems.push(
        problem(
          `${kind}.exclude.list`,
          `"${kind}.include.list" and "${kind}.exclude.list" cannot be set together: keep one of them.`,
        ),
      )
  const mode = config['snapshot.mode']
  if (mode === 'configuration_based' || mode === 'custom')
    problems.push(
      problem(
        'snapshot.mode',
        `snapshot.mode=${mode} is not supported by this version of rowtap: choose initial, initial_only, always, no_data or when_needed.`,
      ),
    )
  if (config['snapshot.locking.mode'] === 'custom')
    problems.push(
      problem(
        'snapshot.locking.mode',
        'snapshot.locking.mode=custom is not supported by this version of rowtap: choose none or shared.',
      ),
    )
  if (config['max.queue.size'] <= config['max.batch.size'])
    problems.push(
      problem(
        'max.queue.size',
        `max.queue.size (${config['max.queue.size']}) must be more than max.batch.size (${config['max.batch.size']}).`,
      ),
    )
  for (const [field, read] of [
    ['unavailable.value.placeholder', () => typeOptions(config)],
    ['topic.naming.strategy', () => topicNames(config)],
    ['replica.identity.autoset.values', () => parseIdentityRules(config['replica.identity.autoset.values'])],
  ] as const)
    try {
      read()
    } catch (error) {
      problems.push(problem(field, messageOf(error)))
    }
  return problems
}

async function live(client: Client, config: PostgresConfig): Promise<readonly ConfigProblem[]> {
  const server = await serverProblems(client, config)
  if (server.length > 0) return server
  const streams = config['snapshot.mode'] !== 'initial_only'
  const slot = streams ? await readSlot(client, config['slot.name']) : null
  const slotFault =
    slot === null ? null : (slotProblem(slot, config) ?? (await occupied(client, config, slot)))
  const tables = await capturedTables(client, new Capture(config))
  return [
    ...(slotFault === null ? [] : [problem('slot.name', slotFault)]),
    ...(streams ? await publicationProblems(client, config, tables) : []),
    ...(await privilegeProblems(client, config, tables)),
  ]
}

/** A slot in use by somebody else. Our own task may be running: its configuration is what is being changed. */
async function occupied(client: Client, config: PostgresConfig, slot: SlotState): Promise<string | null> {
  if (!slot.active) return null
  const { rows } = await client.query<{ name: string | null }>(
    'SELECT application_name AS name FROM pg_catalog.pg_stat_activity WHERE pid = $1',
    [slot.activePid],
  )
  return rows[0]?.name === applicationName(config) ? null : slotInUse(slot)
}

interface ServerRow {
  wal_level: string
  replicates: boolean
  slots: number
}

async function serverProblems(client: Client, config: PostgresConfig): Promise<readonly ConfigProblem[]> {
  const { rows } = await client.query<ServerRow>(
    `SELECT current_setting('wal_level') AS wal_level, current_setting('max_replication_slots')::int AS slots,
            (SELECT rolreplication OR rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user)
            OR EXISTS (SELECT FROM pg_catalog.pg_roles r WHERE r.rolname IN ('rds_replication', 'azure_pg_admin')
                          AND pg_has_role(current_user, r.oid, 'MEMBER')) AS replicates`,
  )
  const row = rows[0]
  const problems: ConfigProblem[] = []
  if (row?.wal_level !== 'logical')
    problems.push(
      problem(
        'database.hostname',
        `The server's wal_level is ${row?.wal_level}, not logical: its log does not hold the rows. Run ALTER SYSTEM SET wal_level = 'logical'; and restart the server.`,
      ),
    )
  if (row?.slots === 0)
    problems.push(
      problem(
        'slot.name',
        `The server allows no replication slots. Run ALTER SYSTEM SET max_replication_slots = 10; and restart the server.`,
      ),
    )
  const user = config['database.user']
  if (row?.replicates !== true)
    problems.push(
      problem(
        'database.user',
        `The role "${user}" may not replicate. Run ALTER ROLE ${quoteIdentifier(user)} REPLICATION;`,
      ),
    )
  return problems
}

async function publicationProblems(
  client: Client,
  config: PostgresConfig,
  tables: readonly FoundTable[],
): Promise<readonly ConfigProblem[]> {
  const name = config['publication.name']
  const mode = config['publication.autocreate.mode']
  const found = await readPublication(client, name)
  if (found !== null) {
    if (mode !== 'filtered' || !found.all) return []
    return [
      problem(
        'publication.autocreate.mode',
        `The publication "${name}" is FOR ALL TABLES and cannot be filtered. Run DROP PUBLICATION ${quoteIdentifier(name)}; or set publication.autocreate.mode=all_tables.`,
      ),
    ]
  }
  if (mode === 'disabled')
    return [
      problem(
        'publication.name',
        `The publication "${name}" does not exist and publication.autocreate.mode is disabled. Run CREATE PUBLICATION ${quoteIdentifier(name)} FOR ALL TABLES;`,
      ),
    ]
  if (mode === 'filtered' && !tables.some((table) => table.logged))
    return [
      problem(
        'table.include.list',
        `The publication "${name}" cannot be made: no table of the database "${config['database.dbname']}" matches the include and exclude lists. Tables are matched as schema.table by regular expressions. Mend the list, create the tables first, or set publication.autocreate.mode=all_tables.`,
      ),
    ]
  return mode === 'no_tables' ? [] : creationProblems(client, config, tables)
}

/** Whether the user may make the publication. */
async function creationProblems(
  client: Client,
  config: PostgresConfig,
  tables: readonly FoundTable[],
): Promise<readonly ConfigProblem[]> {
  const [user, database, mode] = [
    config['database.user'],
    config['database.dbname'],
    config['publication.autocreate.mode'],
  ]
  const { rows } = await client.query<{ super: boolean; creates: boolean; others: string[] }>(
    `SELECT rolsuper AS super, has_database_privilege(current_database(), 'CREATE') AS creates,
            ARRAY(SELECT c.oid::regclass::text FROM pg_catalog.pg_class c
                   WHERE c.oid = ANY($1::oid[]) AND NOT pg_has_role(c.relowner, 'USAGE') ORDER BY 1 LIMIT 5) AS others
       FROM pg_catalog.pg_roles WHERE rolname = current_user`,
    [tables.map((table) => table.oid)],
  )
  const row = rows[0]
  if (row === undefined || row.super) return []
  const byHand = `or make the publication as a superuser: CREATE PUBLICATION ${quoteIdentifier(config['publication.name'])}`
  const field = 'publication.autocreate.mode'
  if (!row.creates)
    return [
      problem(
        field,
        `The role "${user}" may not make publications. Run GRANT CREATE ON DATABASE ${quoteIdentifier(database)} TO ${quoteIdentifier(user)};`,
      ),
    ]
  if (mode === 'all_tables')
    return [
      problem(
        field,
        `Only a superuser can make a publication for all tables. Set publication.autocreate.mode=filtered, ${byHand} FOR ALL TABLES;`,
      ),
    ]
  if (row.others.length === 0) return []
  return [
    problem(
      field,
      `The role "${user}" does not own ${row.others.join(', ')} and cannot publish it. Run GRANT the owner's role TO ${quoteIdentifier(user)}; ${byHand} FOR TABLE …;`,
    ),
  ]
}

async function privilegeProblems(
  client: Client,
  config: PostgresConfig,
  tables: readonly FoundTable[],
): Promise<readonly ConfigProblem[]> {
  if (config['snapshot.mode'] === 'no_data' || tables.length === 0) return []
  const { rows } = await client.query<{ oid: number; usage: boolean; select: boolean }>(
    `SELECT c.oid, has_schema_privilege(c.relnamespace, 'USAGE') AS usage,
            has_table_privilege(c.oid, 'SELECT') OR has_any_column_privilege(c.oid, 'SELECT') AS select
       FROM pg_catalog.pg_class c WHERE c.oid = ANY($1::oid[])`,
    [tables.map((table) => table.oid)],
  )
  const user = quoteIdentifier(config['database.user'])
  const byOid = new Map(tables.map((table) => [table.oid, table]))
  return rows
    .filter((row) => !(row.usage && row.select))
    .slice(0, 5)
    .flatMap((row) => {
      const table = byOid.get(row.oid)
      if (table === undefined) return []
      const grants = [
        ...(row.usage ? [] : [`GRANT USAGE ON SCHEMA ${quoteIdentifier(table.schema)} TO ${user};`]),
        ...(row.select ? [] : [`GRANT SELECT ON ${quoteTable(table)} TO ${user};`]),
      ]
      return [
        problem(
          'table.include.list',
          `The role ${user} may not read ${table.schema}.${table.name}. Run ${grants.join(' ')} or leave the table out.`,
        ),
      ]
    })
}
