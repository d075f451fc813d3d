/**
 * Statements, applied to a catalog: the catalog is changed, and what changed is told in the order of the statements.
 * A statement that shapes nothing known (a table that is not in the catalog, one that exists already) tells nothing.
 */
import { alteredTable } from './altered-table.ts'
import type { Catalog } from './catalog.ts'
import { createdTable, type TableContext, withUniqueKey } from './created-table.ts'
import type { Dialect } from './dialect.ts'
import type { TableName } from './reading.ts'
import type { Statement, StatementBody } from './statement.ts'
import { type Table, type TableId, withoutKey } from './table.ts'

export interface SessionContext {
  readonly server: Dialect['server']
  /** The default database; empty: none. */
  readonly database: string
  /** The session's character_set_server, where the log tells it: a new database has it. */
  readonly serverCharset: string | null
  readonly implicitTimestamps: boolean
}

/** `ddl`: the part of the statement that made the change. */
export type Change =
  | { readonly kind: 'create' | 'drop' | 'truncate'; readonly id: TableId; readonly ddl: string }
  | {
      readonly kind: 'alter'
      readonly id: TableId
      /** The table's name before; null: the same, or ALTER TABLE … RENAME, of which Debezium does not tell it. */
      readonly previous: TableId | null
      readonly ddl: string
    }
  /** CREATE TABLE … SELECT: the text does not tell the columns, the table is not in the catalog. */
  | { readonly kind: 'unknown-columns'; readonly id: TableId; readonly ddl: string }
  /** A database was made or dropped, became the default one, or a variable was set. */
  | { readonly kind: 'database'; readonly database: string; readonly ddl: string }

type Applied<Kind extends StatementBody['kind']> = Extract<Statement, { kind: Kind }>

export function applyStatements(
  catalog: Catalog,
  statements: readonly Statement[],
  context: SessionContext,
): readonly Change[] {
  const changes: Change[] = []
  let session = context
  for (const statement of statements) {
    if (statement.kind === 'use') session = { ...session, database: statement.database }
    applyStatement(catalog, statement, session, changes)
  }
  return changes
}

function applyStatement(
  catalog: Catalog,
  statement: Statement,
  session: SessionContext,
  changes: Change[],
): void {
  switch (statement.kind) {
    case 'create-table':
      return createTable(catalog, statement, session, changes)
    case 'create-table-like':
      return createLike(catalog, statement, session, changes)
    case 'alter-table':
      return alterTable(catalog, statement, session, changes)
    case 'rename-tables':
      return renameTables(catalog, statement, session, changes)
    case 'drop-tables':
      return dropTables(catalog, statement, session, changes)
    case 'truncate':
      changes.push({ kind: 'truncate', id: idOf(statement.table, session), ddl: statement.text })
      return
    case 'create-unique-index':
      return createUniqueIndex(catalog, statement, session, changes)
    case 'drop-primary-key':
      return dropPrimaryKey(catalog, statement, session, changes)
    default:
      applyToDatabase(catalog, statement, session, changes)
  }
}

function applyToDatabase(
  catalog: Catalog,
  statement: Statement,
  session: SessionContext,
  changes: Change[],
): void {
  switch (statement.kind) {
    case 'create-database':
      createDatabase(catalog, statement, session)
      break
    case 'drop-database':
      catalog.dropDatabase(statement.database)
      break
    case 'alter-database': {
      const database = statement.database ?? session.database
      if (statement.charset !== null)
        catalog.setCharset(database, chosen(statement.charset, serverCharset(catalog, session)))
      // Debezium tells nothing of it.
      return
    }
    case 'set':
      if (statement.serverCharset !== null) catalog.serverCharset = statement.serverCharset
      break
    case 'use':
      break
    default:
      return
  }
  const database = 'database' in statement ? statement.database : session.database
  changes.push({ kind: 'database', database, ddl: statement.text })
}

function createDatabase(
  catalog: Catalog,
  statement: Applied<'create-database'>,
  session: SessionContext,
): void {
  const { database, charset, ifNotExists } = statement
  if (ifNotExists && catalog.hasCharset(database)) return
  catalog.setCharset(database, chosen(charset, serverCharset(catalog, session)))
}

function serverCharset(catalog: Catalog, session: SessionContext): string | null {
  return session.serverCharset ?? catalog.serverCharset
}

function chosen(charset: string | null, around: string | null): string | null {
  return charset === null || charset === 'default' ? around : charset
}

function idOf(name: TableName, session: SessionContext): TableId {
  return { database: name.database ?? session.database, table: name.table }
}

function tableContext({ server, implicitTimestamps }: SessionContext): TableContext {
  return { server, implicitTimestamps }
}

function createTable(
  catalog: Catalog,
  statement: Applied<'create-table'>,
  session: SessionContext,
  changes: Change[],
): void {
  if (statement.isTemporary) return
  const id = idOf(statement.table, session)
  if (statement.ifNotExists && catalog.get(id) !== null) return
  if (statement.fromSelect) {
    catalog.delete(id)
    changes.push({ kind: 'unknown-columns', id, ddl: statement.text })
    return
  }
  const { elements, options } = statement
  const charset = chosen(options.charset, catalog.charsetOf(id.database) ?? session.serverCharset)
  catalog.set(createdTable({ id, charset, comment: options.comment, elements }, tableContext(session)))
  changes.push({ kind: 'create', id, ddl: statement.text })
}

function createLike(
  catalog: Catalog,
  statement: Applied<'create-table-like'>,
  session: SessionContext,
  changes: Change[],
): void {
  const id = idOf(statement.table, session)
  const model = catalog.get(idOf(statement.like, session))
  if (statement.isTemporary || (statement.ifNotExists && catalog.get(id) !== null)) return
  if (model === null) {
    catalog.delete(id)
    changes.push({ kind: 'unknown-columns', id, ddl: statement.text })
    return
  }
  catalog.set({ ...model, id })
  changes.push({ kind: 'create', id, ddl: statement.text })
}

function alterTable(
  catalog: Catalog,
  statement: Applied<'alter-table'>,
  session: SessionContext,
  changes: Change[],
): void {
  const { table: name, actions, text: ddl } = statement
  const before = catalog.get(idOf(name, session))
  if (before === null) return convertPartitions(catalog, statement, session, null, changes)
  const databaseCharset = catalog.charsetOf(before.id.database) ?? session.serverCharset
  const altered = alteredTable(before, actions, tableContext(session), databaseCharset)
  const rename = actions.findLast(({ action }) => action === 'rename')
  const id = rename?.action === 'rename' ? idOf(rename.to, session) : before.id
  replace(catalog, before, { ...altered, id })
  changes.push({ kind: 'alter', id, previous: null, ddl })
  convertPartitions(catalog, statement, session, altered, changes)
}

/** A partition that becomes a table has the shape of the one that it was in; a table that becomes one is gone. */
function convertPartitions(
  catalog: Catalog,
  { actions, text: ddl }: Applied<'alter-table'>,
  session: SessionContext,
  partitioned: Table | null,
  changes: Change[],
): void {
  for (const action of actions)
    if (action.action === 'partition-to-table' && partitioned !== null) {
      const id = idOf(action.to, session)
      catalog.set({ ...partitioned, id })
      changes.push({ kind: 'create', id, ddl })
    } else if (action.action === 'table-to-partition') {
      const id = idOf(action.from, session)
      catalog.delete(id)
      changes.push({ kind: 'drop', id, ddl })
    }
}

function replace(catalog: Catalog, before: Table, after: Table): void {
  if (after.id !== before.id) catalog.delete(before.id)
  catalog.set(after)
}

function renameTables(
  catalog: Catalog,
  { head, pairs }: Applied<'rename-tables'>,
  session: SessionContext,
  changes: Change[],
): void {
  for (const { from, to, text } of pairs) {
    const previous = idOf(from, session)
    const id = idOf(to, session)
    const before = catalog.get(previous)
    if (before !== null) replace(catalog, before, { ...before, id })
    else catalog.delete(id)
    changes.push({ kind: 'alter', id, previous, ddl: `${head} ${text}` })
  }
}

function dropTables(
  catalog: Catalog,
  { head, tail, tables, isTemporary }: Applied<'drop-tables'>,
  session: SessionContext,
  changes: Change[],
): void {
  if (isTemporary) return
  for (const table of tables) {
    const id = idOf(table, session)
    catalog.delete(id)
    changes.push({ kind: 'drop', id, ddl: `${head} \`${id.database}\`.\`${id.table}\`${tail}` })
  }
}

function createUniqueIndex(
  catalog: Catalog,
  { table: name, key, text }: Applied<'create-unique-index'>,
  session: SessionContext,
  changes: Change[],
): void {
  const table = catalog.get(idOf(name, session))
  // Debezium tells of unique indexes of tables without a key only, on MySQL without the word CREATE.
  if (table === null || table.key.length > 0) return
  if (key !== null) catalog.set(withUniqueKey(table, key))
  const ddl = session.server === 'mysql' ? text.replace(/^create\s+/i, '') : text
  changes.push({ kind: 'alter', id: table.id, previous: null, ddl })
}

function dropPrimaryKey(
  catalog: Catalog,
  { table: name, text }: Applied<'drop-primary-key'>,
  session: SessionContext,
  changes: Change[],
): void {
  const table = catalog.get(idOf(name, session))
  if (table === null) return
  catalog.set(withoutKey(table))
  changes.push({ kind: 'alter', id: table.id, previous: null, ddl: text })
}
