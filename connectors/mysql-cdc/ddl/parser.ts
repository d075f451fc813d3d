/**
 * DDL texts of MySQL and MariaDB as statements. Tolerant: what shapes no table is known by its head and passed over.
 * Strict: a statement that shapes one and cannot be read is an error with its position.
 *
 *   text := (SET STATEMENT … FOR)? statement? (';' text)?
 */
import { takeCharset } from './charset-clause.ts'
import { alterTable } from './alter-table.ts'
import { createTable } from './create-table.ts'
import type { Dialect } from './dialect.ts'
import { normalizedText } from './normalized-text.ts'
import {
  expect,
  isStatementEnd,
  name,
  passStatement,
  tableName,
  take,
  takeIfExists,
  takeIfNotExists,
} from './reading.ts'
import { setStatement } from './set-statement.ts'
import type { Statement, StatementBody } from './statement.ts'
import { keyColumns } from './table-elements.ts'
import { Tokens } from './tokens.ts'

const other: StatementBody = { kind: 'other' }

export function parseDdl(sql: string, dialect: Dialect): Statement[] {
  const tokens = new Tokens(sql, dialect)
  const statements: Statement[] = []
  while (tokens.kind !== 'end') {
    if (take(tokens, ';')) continue
    passSetStatement(tokens)
    const { start } = tokens
    const body = statement(tokens)
    if (body.kind === 'other') passStatement(tokens)
    else if (!isStatementEnd(tokens)) throw tokens.fail('the end of the statement')
    statements.push({ ...body, text: normalizedText(sql.slice(start, statementEnd(tokens, start)), dialect) })
  }
  return statements
}

/** Debezium's parser for MariaDB takes a comment that is executed for a comment. */
function statementEnd({ dialect, lastEnd, lastPlainEnd }: Tokens, start: number): number {
  return dialect.server === 'mariadb' && lastPlainEnd > start ? lastPlainEnd : lastEnd
}

/** MariaDB's SET STATEMENT … FOR: what follows is the statement. */
function passSetStatement(tokens: Tokens): void {
  if (!take(tokens, 'SET', 'STATEMENT')) return
  while (!take(tokens, 'FOR')) {
    if (isStatementEnd(tokens)) throw tokens.fail('FOR')
    tokens.next()
  }
}

function statement(tokens: Tokens): StatementBody {
  switch (tokens.upper) {
    case 'CREATE':
      return create(tokens)
    case 'ALTER':
      return alter(tokens)
    case 'DROP':
      return drop(tokens)
    case 'RENAME':
      return renameTables(tokens)
    case 'TRUNCATE':
      tokens.next()
      take(tokens, 'TABLE')
      return truncate(tokens)
    case 'UNIQUE':
      return createUniqueIndex(tokens)
    case 'USE':
      tokens.next()
      return { kind: 'use', database: name(tokens) }
    case 'SET':
      tokens.next()
      return setStatement(tokens)
    default:
      return other
  }
}

/** MariaDB's WAIT and NOWAIT. */
function takeWait(tokens: Tokens): void {
  if (take(tokens, 'WAIT')) tokens.next()
  else take(tokens, 'NOWAIT')
}

function truncate(tokens: Tokens): StatementBody {
  const table = tableName(tokens)
  takeWait(tokens)
  return { kind: 'truncate', table }
}

function create(tokens: Tokens): StatementBody {
  tokens.next()
  take(tokens, 'OR', 'REPLACE')
  const isTemporary = take(tokens, 'TEMPORARY')
  if (take(tokens, 'TABLE')) return createTable(tokens, isTemporary)
  if (tokens.upper === 'UNIQUE') return createUniqueIndex(tokens)
  if (!take(tokens, 'DATABASE') && !take(tokens, 'SCHEMA')) return passBody(tokens)
  const ifNotExists = takeIfNotExists(tokens)
  const database = name(tokens)
  return { kind: 'create-database', database, charset: databaseOptions(tokens), ifNotExists }
}

const routines = new Set(['PROCEDURE', 'FUNCTION', 'TRIGGER', 'EVENT', 'PACKAGE'])

/** Bodies of routines hold semicolons: such a statement goes to the end of its text. */
function passBody(tokens: Tokens): StatementBody {
  while (!isStatementEnd(tokens)) {
    if (routines.has(tokens.upper)) {
      while (tokens.kind !== 'end') tokens.next()
      return other
    }
    if (tokens.upper === 'VIEW' || tokens.upper === '(') break
    tokens.next()
  }
  return other
}

/** Passes over what is no character set: encryption, comments, READ ONLY. */
function databaseOptions(tokens: Tokens): string | null {
  let charset: string | null = null
  while (!isStatementEnd(tokens)) {
    const { start } = tokens
    charset = takeCharset(tokens) ?? charset
    if (tokens.start === start) tokens.next()
  }
  return charset
}

function createUniqueIndex(tokens: Tokens): StatementBody {
  expect(tokens, 'UNIQUE', 'INDEX')
  takeIfNotExists(tokens)
  name(tokens)
  while (tokens.upper !== 'ON') {
    if (isStatementEnd(tokens)) throw tokens.fail('ON')
    tokens.next()
  }
  tokens.next()
  const table = tableName(tokens)
  const columns = keyColumns(tokens)
  passStatement(tokens)
  return { kind: 'create-unique-index', table, key: columns === null ? null : { kind: 'unique', columns } }
}

function alter(tokens: Tokens): StatementBody {
  tokens.next()
  take(tokens, 'ONLINE')
  take(tokens, 'IGNORE')
  if (take(tokens, 'TABLE')) return alterTable(tokens)
  if (!take(tokens, 'DATABASE') && !take(tokens, 'SCHEMA')) return passBody(tokens)
  const database = namesDatabase(tokens) ? name(tokens) : null
  return { kind: 'alter-database', database, charset: databaseOptions(tokens) }
}

const databaseOptionWords = new Set([
  'DEFAULT',
  'CHARACTER',
  'CHARSET',
  'COLLATE',
  'ENCRYPTION',
  'READ',
  'COMMENT',
])

function namesDatabase(tokens: Tokens): boolean {
  return tokens.kind === 'name' || !databaseOptionWords.has(tokens.upper)
}

function drop(tokens: Tokens): StatementBody {
  const { start } = tokens
  tokens.next()
  if (take(tokens, 'DATABASE') || take(tokens, 'SCHEMA')) {
    takeIfExists(tokens)
    return { kind: 'drop-database', database: name(tokens) }
  }
  if (take(tokens, 'INDEX')) return dropIndex(tokens)
  const isTemporary = take(tokens, 'TEMPORARY')
  if (!take(tokens, 'TABLE') && !take(tokens, 'TABLES')) return other
  takeIfExists(tokens)
  const head = tokens.sql.slice(start, tokens.lastEnd)
  const tables = names(tokens)
  takeWait(tokens)
  const tail = take(tokens, 'CASCADE') ? ' CASCADE' : take(tokens, 'RESTRICT') ? ' RESTRICT' : ''
  return { kind: 'drop-tables', head, tail, tables, isTemporary }
}

function names(tokens: Tokens) {
  const found = [tableName(tokens)]
  while (take(tokens, ',')) found.push(tableName(tokens))
  return found
}

function dropIndex(tokens: Tokens): StatementBody {
  takeIfExists(tokens)
  const isPrimary = name(tokens).toUpperCase() === 'PRIMARY'
  expect(tokens, 'ON')
  const table = tableName(tokens)
  passStatement(tokens)
  return isPrimary ? { kind: 'drop-primary-key', table } : other
}

function renameTables(tokens: Tokens): StatementBody {
  const { start } = tokens
  tokens.next()
  if (!take(tokens, 'TABLE') && !take(tokens, 'TABLES')) return other
  takeIfExists(tokens)
  const head = tokens.sql.slice(start, tokens.lastEnd)
  const pairs = []
  do {
    const pairStart = tokens.start
    const from = tableName(tokens)
    takeWait(tokens)
    expect(tokens, 'TO')
    const to = tableName(tokens)
    pairs.push({ from, to, text: tokens.sql.slice(pairStart, tokens.lastEnd) })
  } while (take(tokens, ','))
  return { kind: 'rename-tables', head, pairs }
}
