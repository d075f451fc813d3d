/**
 *   alter  := ALTER ONLINE? IGNORE? TABLE (IF EXISTS)? name (WAIT number | NOWAIT)? (clause (','? clause)*)?
 *   clause := ADD … | ALTER … | CHANGE … | MODIFY … | DROP … | RENAME … | CONVERT … | charset | COMMENT … | others
 *
 * Read from behind TABLE. Clauses that shape no column (indexes but for keys, partitions, engines, …) are passed over.
 */
import { startsCharset, takeCharset } from './charset-clause.ts'
import { columnDefinition, comment } from './column-definition.ts'
import { defaultClause } from './default-clause.ts'
import {
  expect,
  isStatementEnd,
  list,
  name,
  passClause,
  tableName,
  take,
  takeIfExists,
  takeIfNotExists,
} from './reading.ts'
import type { AlterAction, Place, StatementBody, TableElement } from './statement.ts'
import { tableConstraint, tableElement } from './table-elements.ts'
import type { Tokens } from './tokens.ts'

export function alterTable(tokens: Tokens): StatementBody {
  takeIfExists(tokens)
  const table = tableName(tokens)
  if (take(tokens, 'WAIT')) tokens.next()
  else take(tokens, 'NOWAIT')
  const actions: AlterAction[] = []
  while (!isStatementEnd(tokens)) {
    const { start } = tokens
    const clause = clauses.get(tokens.upper)
    if (clause !== undefined) clause(tokens, actions)
    else if (startsCharset(tokens)) {
      const charset = takeCharset(tokens)
      if (charset !== null) actions.push({ action: 'charset', charset })
    } else passOther(tokens)
    if (!take(tokens, ',') && tokens.start === start) throw tokens.fail('a clause of ALTER TABLE')
  }
  return { kind: 'alter-table', table, actions }
}

/** Engines, partitions and the like; what stands without a comma behind an option is a clause of its own. */
function passOther(tokens: Tokens): void {
  tokens.next()
  while (
    !isStatementEnd(tokens) &&
    tokens.upper !== ',' &&
    !startsCharset(tokens) &&
    tokens.upper !== 'COMMENT'
  ) {
    if (tokens.upper === ')') return
    if (tokens.upper === '(') passClause(tokens)
    else tokens.next()
  }
}

type Clause = (tokens: Tokens, actions: AlterAction[]) => void

const clauses = new Map<string, Clause>([
  ['ADD', add],
  ['ALTER', alterColumn],
  ['CHANGE', change],
  ['MODIFY', modify],
  ['DROP', drop],
  ['RENAME', rename],
  ['CONVERT', convert],
  [
    'COMMENT',
    (tokens, actions) => {
      tokens.next()
      actions.push({ action: 'comment', comment: comment(tokens) })
    },
  ],
])

function add(tokens: Tokens, actions: AlterAction[]): void {
  expect(tokens, 'ADD')
  const saysColumn = take(tokens, 'COLUMN')
  const ifNotExists = takeIfNotExists(tokens)
  if (tokens.upper === '(') {
    for (const element of list(tokens, tableElement)) push(actions, element, 'last', ifNotExists)
    return
  }
  if (!saysColumn && addsNoColumn(tokens)) return passClause(tokens)
  const constraint = saysColumn ? null : tableConstraint(tokens)
  if (constraint !== null) return push(actions, constraint, 'last', false)
  const definition = columnDefinition(tokens, name(tokens))
  push(actions, { element: 'column', definition }, place(tokens) ?? 'last', ifNotExists)
}

function addsNoColumn(tokens: Tokens): boolean {
  return tokens.upper === 'PARTITION' || (tokens.upper === 'SYSTEM' && tokens.peek() === 'VERSIONING')
}

function push(actions: AlterAction[], element: TableElement, where: Place, ifNotExists: boolean): void {
  if (element.element === 'key') actions.push({ action: 'key', key: element.key })
  else if (element.element === 'period') actions.push({ action: 'period', columns: element.columns })
  else if (element.element === 'column')
    actions.push({ action: 'add', definition: element.definition, place: where, ifNotExists })
}

function place(tokens: Tokens): Place | null {
  if (take(tokens, 'FIRST')) return 'first'
  return take(tokens, 'AFTER') ? { after: name(tokens) } : null
}

function change(tokens: Tokens, actions: AlterAction[]): void {
  expect(tokens, 'CHANGE')
  take(tokens, 'COLUMN')
  const ifExists = takeIfExists(tokens)
  const from = name(tokens)
  const definition = columnDefinition(tokens, name(tokens))
  actions.push({ action: 'change', from, ifExists, definition, place: place(tokens) })
}

function modify(tokens: Tokens, actions: AlterAction[]): void {
  expect(tokens, 'MODIFY')
  take(tokens, 'COLUMN')
  const ifExists = takeIfExists(tokens)
  const from = name(tokens)
  const definition = columnDefinition(tokens, from)
  actions.push({ action: 'change', from, ifExists, definition, place: place(tokens) })
}

function alterColumn(tokens: Tokens, actions: AlterAction[]): void {
  expect(tokens, 'ALTER')
  if (/^(?:INDEX|KEY|CHECK|CONSTRAINT)$/.test(tokens.upper)) return passClause(tokens)
  take(tokens, 'COLUMN')
  const ifExists = takeIfExists(tokens)
  const column = name(tokens)
  if (take(tokens, 'SET', 'DEFAULT'))
    actions.push({ action: 'set-default', column, ifExists, default: defaultClause(tokens) })
  else if (take(tokens, 'DROP', 'DEFAULT'))
    actions.push({ action: 'set-default', column, ifExists, default: null })
  else if (!take(tokens, 'SET', 'VISIBLE')) expect(tokens, 'SET', 'INVISIBLE')
}

const droppedOthers = new Set(['INDEX', 'KEY', 'FOREIGN', 'CHECK', 'CONSTRAINT', 'PARTITION'])

function drop(tokens: Tokens, actions: AlterAction[]): void {
  expect(tokens, 'DROP')
  if (take(tokens, 'PRIMARY', 'KEY')) {
    actions.push({ action: 'drop-primary-key' })
    return
  }
  if (droppedOthers.has(tokens.upper)) return dropOther(tokens, actions)
  const next = tokens.peek()
  if ((tokens.upper === 'PERIOD' && next === 'FOR') || (tokens.upper === 'SYSTEM' && next === 'VERSIONING'))
    return passClause(tokens)
  take(tokens, 'COLUMN')
  const ifExists = takeIfExists(tokens)
  actions.push({ action: 'drop', column: name(tokens), ifExists })
  if (!take(tokens, 'RESTRICT')) take(tokens, 'CASCADE')
}

/** The index of the primary key is named PRIMARY. */
function dropOther(tokens: Tokens, actions: AlterAction[]): void {
  const isKey = /^(?:INDEX|KEY|CONSTRAINT)$/.test(tokens.upper)
  tokens.next()
  takeIfExists(tokens)
  if (isKey && tokens.kind === 'name' && /^.primary.$/i.test(tokens.text))
    actions.push({ action: 'drop-primary-key' })
  passClause(tokens)
}

function rename(tokens: Tokens, actions: AlterAction[]): void {
  expect(tokens, 'RENAME')
  if (take(tokens, 'COLUMN')) {
    const ifExists = takeIfExists(tokens)
    const from = name(tokens)
    expect(tokens, 'TO')
    actions.push({ action: 'rename-column', from, ifExists, to: name(tokens) })
    return
  }
  if (tokens.upper === 'INDEX' || tokens.upper === 'KEY') return passClause(tokens)
  if (!take(tokens, 'TO') && !take(tokens, 'AS')) take(tokens, '=')
  actions.push({ action: 'rename', to: tableName(tokens) })
}

/** CONVERT TO charset, and MariaDB's CONVERT PARTITION name TO TABLE name and CONVERT TABLE name TO PARTITION … */
function convert(tokens: Tokens, actions: AlterAction[]): void {
  expect(tokens, 'CONVERT')
  if (take(tokens, 'PARTITION')) {
    name(tokens)
    expect(tokens, 'TO', 'TABLE')
    actions.push({ action: 'partition-to-table', to: tableName(tokens) })
    return passClause(tokens)
  }
  if (take(tokens, 'TABLE')) {
    actions.push({ action: 'table-to-partition', from: tableName(tokens) })
    return passClause(tokens)
  }
  expect(tokens, 'TO')
  const { start } = tokens
  const charset = takeCharset(tokens)
  if (tokens.start === start) throw tokens.fail('CHARACTER SET')
  actions.push({ action: 'convert', charset: charset === 'default' ? null : charset })
}
