/** The publication: which tables and operations the server sends. Made, and kept in step, as autocreate.mode says. */
import { ConfigError, ConnectError, messageOf } from '#errors'
import type { Logger } from '#observe'
import type { PostgresConfig } from './config.ts'
import { type Client, quoteIdentifier, quoteTable } from './connection.ts'
import type { TableId } from './tables.ts'

const operations = { c: 'insert', u: 'update', d: 'delete', t: 'truncate' } as const

interface Publication {
  readonly all: boolean
  readonly tables: readonly TableId[]
}

export async function readPublication(client: Client, name: string): Promise<Publication | null> {
  const { rows } = await client.query<{ all: boolean }>(
    'SELECT puballtables AS all FROM pg_catalog.pg_publication WHERE pubname = $1',
    [name],
  )
  const found = rows[0]
  if (found === undefined) return null
  const tables = await client.query<TableId>(
    `SELECT n.nspname AS schema, c.relname AS name
       FROM pg_catalog.pg_publication_rel r
       JOIN pg_catalog.pg_publication p ON p.oid = r.prpubid
       JOIN pg_catalog.pg_class c ON c.oid = r.prrelid
       JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE p.pubname = $1`,
    [name],
  )
  return { all: found.all, tables: tables.rows }
}

/**
 * `WITH (…)` of a publication that we make: operations are left out only where skipped.operations was set. TRUNCATE
 * that is skipped by default still arrives and is dropped here, as with Debezium.
 */
export function publicationOptions(config: PostgresConfig, skippedIsSet: boolean): string {
  const skipped = config['skipped.operations'].split(',').map((each) => each.trim().toLowerCase())
  const options: string[] = []
  if (skippedIsSet && skipped[0] !== 'none') {
    const published = Object.entries(operations).filter(([code]) => !skipped.includes(code))
    options.push(`publish = '${published.map(([, name]) => name).join(', ')}'`)
  }
  if (config['publish.via.partition.root']) options.push('publish_via_partition_root = true')
  return options.length === 0 ? '' : ` WITH (${options.join(', ')})`
}

/** `tables`: the captured ones that can be published. Returns whether it was made just now. */
export async function ensurePublication(
  client: Client,
  config: PostgresConfig,
  skippedIsSet: boolean,
  tables: readonly TableId[],
  log: Logger,
): Promise<boolean> {
  const name = config['publication.name']
  const mode = config['publication.autocreate.mode']
  const found = await readPublication(client, name)
  const recovering = await client.query<{ standby: boolean }>(
    'SELECT pg_catalog.pg_is_in_recovery() AS standby',
  )
  if (recovering.rows[0]?.standby === true) {
    if (found === null)
      throw missing(name, 'The server is a standby: make the publication on the primary server.')
    return false
  }
  if (found === null) {
    const what = await creation(mode, name, tables)
    const statement = `CREATE PUBLICATION ${quoteIdentifier(name)}${what}${publicationOptions(config, skippedIsSet)}`
    log.info({ publication: name, mode }, 'making the publication')
    await run(client, statement, config)
  } else if (mode === 'filtered') await adjust(client, config, found, tables, log)
  return found === null
}

async function creation(mode: string, name: string, tables: readonly TableId[]): Promise<string> {
  switch (mode) {
    case 'all_tables':
      return ' FOR ALL TABLES'
    case 'no_tables':
      return ''
    case 'filtered':
      if (tables.length === 0)
        throw new ConfigError(
          `The publication "${name}" cannot be made for the captured tables: there is none that can be published.`,
          {
            remedy:
              'Check table.include.list and schema.include.list, or set publication.autocreate.mode=all_tables.',
          },
        )
      return ` FOR TABLE ${tables.map(quoteTable).join(', ')}`
    default:
      throw missing(name, `Make it: CREATE PUBLICATION ${quoteIdentifier(name)} FOR ALL TABLES;`)
  }
}

export function missing(name: string, remedy: string): ConfigError {
  return new ConfigError(`publication.name: the publication "${name}" does not exist.`, { remedy })
}

/** Brings the publication of filtered mode in step with the captured tables. */
async function adjust(
  client: Client,
  config: PostgresConfig,
  found: Publication,
  tables: readonly TableId[],
  log: Logger,
): Promise<void> {
  const name = config['publication.name']
  if (found.all)
    throw new ConfigError(
      `publication.autocreate.mode: the publication "${name}" is FOR ALL TABLES and cannot be filtered.`,
      {
        remedy: `Drop it (DROP PUBLICATION ${quoteIdentifier(name)};) or set publication.autocreate.mode=all_tables.`,
      },
    )
  const listed = (each: readonly TableId[]) => JSON.stringify(each.map(quoteTable).sort())
  if (tables.length === 0 || listed(found.tables) === listed(tables)) return
  log.info(
    { publication: name, tables: tables.length },
    'the captured tables have changed: altering the publication',
  )
  await run(
    client,
    `ALTER PUBLICATION ${quoteIdentifier(name)} SET TABLE ${tables.map(quoteTable).join(', ')}`,
    config,
  )
}

async function run(client: Client, statement: string, config: PostgresConfig): Promise<void> {
  try {
    await client.query(statement)
  } catch (error) {
    throw new ConnectError(
      `The publication "${config['publication.name']}" cannot be made or altered: ${messageOf(error)}.`,
      {
        cause: error,
        remedy: `Run it as a user who may, then set publication.autocreate.mode=disabled: ${statement};`,
      },
    )
  }
}
