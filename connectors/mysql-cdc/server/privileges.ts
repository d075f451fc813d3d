/** What the user may do, as the server tells it: its own grants and those of its active roles. */
import type { Client } from './client.ts'
import type { ServerFacts } from './facts.ts'

export type Privilege =
  | 'SELECT'
  | 'RELOAD'
  | 'FLUSH_TABLES'
  | 'LOCK TABLES'
  | 'REPLICATION SLAVE'
  | 'REPLICATION CLIENT'

export interface Privileges {
  /** On everything. */
  has(privilege: Privilege): boolean
  /** On everything, a database or a table; for SELECT and LOCK TABLES, which can be granted so. */
  hasSomewhere(privilege: Privilege): boolean
}

const grant = /^GRANT (.+?) ON (?:TABLE )?(\S.*?) TO /is
/** MariaDB's name since 10.5. */
const aliases: ReadonlyMap<string, Privilege> = new Map([['BINLOG MONITOR', 'REPLICATION CLIENT']])

export async function privileges(client: Client, facts: ServerFacts): Promise<Privileges> {
  const rows = await client.query(`SHOW GRANTS${await withRoles(client, facts)}`)
  return parseGrants(rows.map((row) => Object.values(row)[0] ?? ''))
}

/** MySQL lists the grants of roles only when they are named; MariaDB lists those of the current one. */
async function withRoles(client: Client, facts: ServerFacts): Promise<string> {
  if (facts.server === 'mariadb') return ''
  const [row] = await client.query('SELECT CURRENT_ROLE() AS roles')
  const roles = row?.['roles'] ?? 'NONE'
  return roles === 'NONE' ? '' : ` FOR CURRENT_USER() USING ${roles}`
}

export function parseGrants(statements: readonly string[]): Privileges {
  const everywhere = new Set<string>()
  const somewhere = new Set<string>()
  for (const statement of statements) {
    const [, list, scope] = grant.exec(statement) ?? []
    if (list === undefined || /^PROXY$/i.test(list.trim())) continue
    for (const item of list.replaceAll(/\([^)]*\)/g, '').split(',')) {
      const name = item.trim().toUpperCase()
      const privilege = aliases.get(name) ?? name.replace(/^ALL$/, 'ALL PRIVILEGES')
      somewhere.add(privilege)
      if (scope === '*.*') everywhere.add(privilege)
    }
  }
  const within = (set: ReadonlySet<string>, privilege: Privilege) =>
    set.has('ALL PRIVILEGES') || set.has(privilege)
  return {
    has: (privilege) => within(everywhere, privilege),
    hasSomewhere: (privilege) => within(somewhere, privilege),
  }
}
