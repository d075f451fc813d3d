/**
 * What the list of CREATE TABLE and the ADD of ALTER TABLE define beside columns.
 *
 *   element := (CONSTRAINT name?)? (PRIMARY KEY | UNIQUE (KEY | INDEX)? name?) index-type? columns option*
 *            | (FULLTEXT | SPATIAL | VECTOR)? (KEY | INDEX) … | FOREIGN KEY … | CHECK … | PERIOD FOR … | column
 */
import { columnDefinition, passCheck } from './column-definition.ts'
import { expect, isStatementEnd, list, name, pass, passClause, passParentheses, take } from './reading.ts'
import type { Key, TableElement } from './statement.ts'
import type { Tokens } from './tokens.ts'

const passed: TableElement = { element: 'passed' }

export function tableElement(tokens: Tokens): TableElement {
  return tableConstraint(tokens) ?? { element: 'column', definition: columnDefinition(tokens, name(tokens)) }
}

/** Null: a column stands there. */
export function tableConstraint(tokens: Tokens): TableElement | null {
  switch (tokens.upper) {
    case 'CONSTRAINT':
      return constraint(tokens)
    case 'PRIMARY':
      return primaryKey(tokens)
    case 'UNIQUE':
      return uniqueKey(tokens)
    case 'CHECK':
      passCheck(tokens)
      return passed
    case 'KEY':
    case 'INDEX':
    case 'FULLTEXT':
    case 'SPATIAL':
    case 'FOREIGN':
      passClause(tokens)
      return passed
    case 'VECTOR':
      if (!/^(?:KEY|INDEX|\()$/.test(tokens.peek())) return null
      passClause(tokens)
      return passed
    case 'PERIOD':
      return tokens.peek() === 'FOR' ? period(tokens) : null
    default:
      return null
  }
}

function period(tokens: Tokens): TableElement {
  expect(tokens, 'PERIOD', 'FOR')
  name(tokens)
  return { element: 'period', columns: list(tokens, name) }
}

const constraintWords = new Set(['PRIMARY', 'UNIQUE', 'FOREIGN', 'CHECK'])

function constraint(tokens: Tokens): TableElement {
  expect(tokens, 'CONSTRAINT')
  if (!constraintWords.has(tokens.upper)) {
    take(tokens, 'IF', 'NOT', 'EXISTS')
    name(tokens)
  }
  if (!constraintWords.has(tokens.upper)) throw tokens.fail('PRIMARY KEY, UNIQUE, FOREIGN KEY or CHECK')
  return tableConstraint(tokens) as TableElement
}

function primaryKey(tokens: Tokens): TableElement {
  expect(tokens, 'PRIMARY', 'KEY')
  return key(tokens, 'primary')
}

function uniqueKey(tokens: Tokens): TableElement {
  expect(tokens, 'UNIQUE')
  if (!take(tokens, 'KEY')) take(tokens, 'INDEX')
  return key(tokens, 'unique')
}

function key(tokens: Tokens, kind: Key['kind']): TableElement {
  take(tokens, 'IF', 'NOT', 'EXISTS')
  if (tokens.upper !== '(' && tokens.upper !== 'USING') name(tokens)
  while (take(tokens, 'USING') || take(tokens, 'TYPE')) tokens.next()
  const columns = keyColumns(tokens)
  passClause(tokens)
  return columns === null ? passed : { element: 'key', key: { kind, columns } }
}

/** Columns of a key, without their lengths and directions; null if one part is an expression. */
export function keyColumns(tokens: Tokens): readonly string[] | null {
  const parts = list(tokens, keyPart)
  return parts.every((part) => part !== null) ? parts : null
}

function keyPart(tokens: Tokens): string | null {
  if (tokens.upper === '(') {
    passParentheses(tokens)
    if (!take(tokens, 'ASC')) take(tokens, 'DESC')
    return null
  }
  const column = name(tokens)
  while (!isStatementEnd(tokens) && tokens.upper !== ',' && tokens.upper !== ')') pass(tokens)
  return column
}
