/**
 * replica.identity.autoset.values: which old values the log shall hold, set on the captured tables at each start.
 *
 *   rules := rule (',' rule)*        rule := table-regex ':' ('DEFAULT' | 'FULL' | 'NOTHING' | 'INDEX' index)
 */
import { listEntries, namePattern } from '#cdc'
import { ConfigError, ConnectError, messageOf } from '#errors'
import type { Logger } from '#observe'
import { type Client, quoteIdentifier, quoteTable } from './connection.ts'
import type { FoundTable } from './tables.ts'

const property = 'replica.identity.autoset.values'

export interface IdentityRule {
  readonly table: RegExp
  readonly identity: 'DEFAULT' | 'FULL' | 'NOTHING' | 'INDEX'
  /** With INDEX. */
  readonly index: string | null
}

export function parseIdentityRules(text: string | null): readonly IdentityRule[] {
  return listEntries(text).map((entry) => {
    const match = /^(.+):\s*(?:(DEFAULT|FULL|NOTHING)|INDEX\s+(\S.*))$/i.exec(entry)
    const [, table, identity, index] = match ?? []
    if (table === undefined)
      throw new ConfigError(
        `Invalid value ${entry} for configuration ${property}: it must have the form table:FULL, table:DEFAULT, table:NOTHING or table:INDEX name`,
      )
    return {
      table: namePattern(property, table.trim()),
      identity: (identity?.toUpperCase() ?? 'INDEX') as IdentityRule['identity'],
      index: index?.trim() ?? null,
    }
  })
}

/** Alters the tables whose identity is another one; the first rule that matches a table counts. */
export async function setIdentities(
  client: Client,
  rules: readonly IdentityRule[],
  tables: readonly FoundTable[],
  log: Logger,
): Promise<void> {
  for (const table of tables) {
    const rule = rules.find((each) => each.table.test(`${table.schema}.${table.name}`))
    if (rule === undefined || (await hasIdentity(client, table, rule))) continue
    const identity = rule.index === null ? rule.identity : `USING INDEX ${quoteIdentifier(rule.index)}`
    const statement = `ALTER TABLE ${quoteTable(table)} REPLICA IDENTITY ${identity}`
    log.info({ table: `${table.schema}.${table.name}`, identity }, 'setting the replica identity')
    try {
      await client.query(statement)
    } catch (error) {
      throw new ConnectError(`${property}: the replica identity cannot be set: ${messageOf(error)}.`, {
        cause: error,
        remedy: `Run it as the owner of the table and take the entry out: ${statement};`,
      })
    }
  }
}

async function hasIdentity(client: Client, table: FoundTable, rule: IdentityRule): Promise<boolean> {
  const { rows } = await client.query<{ identity: string; index: string | null }>(
    `SELECT c.relreplident AS identity,
            (SELECT x.relname FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
              WHERE i.indrelid = c.oid AND i.indisreplident) AS index
       FROM pg_catalog.pg_class c WHERE c.oid = $1`,
    [table.oid],
  )
  const { identity, index } = rows[0] ?? { identity: '', index: null }
  return identity === rule.identity.charAt(0).toLowerCase() && (rule.index === null || rule.index === index)
}
