/**
 *   create := CREATE (OR REPLACE)? TEMPORARY? TABLE (IF NOT EXISTS)? name
 *             (LIKE name | '(' LIKE name ')' | ('(' element (',' element)* ')')? option* select?)
 *
 * Read from behind TABLE. Of the options, the character set and the comment are taken; the rest is passed over.
 */
import { startsCharset, takeCharset } from './charset-clause.ts'
import { comment } from './column-definition.ts'
import {
  expect,
  isStatementEnd,
  list,
  pass,
  passStatement,
  tableName,
  take,
  takeIfNotExists,
} from './reading.ts'
import type { StatementBody, TableElement, TableOptions } from './statement.ts'
import { tableElement } from './table-elements.ts'
import type { Tokens } from './tokens.ts'

export function createTable(tokens: Tokens, isTemporary: boolean): StatementBody {
  const ifNotExists = takeIfNotExists(tokens)
  const table = tableName(tokens)
  if (take(tokens, 'LIKE'))
    return { kind: 'create-table-like', table, like: tableName(tokens), ifNotExists, isTemporary }
  if (take(tokens, '(', 'LIKE')) {
    const like = tableName(tokens)
    expect(tokens, ')')
    return { kind: 'create-table-like', table, like, ifNotExists, isTemporary }
  }
  const elements: readonly TableElement[] =
    tokens.upper === '(' && !startsSelect(tokens) ? list(tokens, tableElement) : []
  const { options, fromSelect } = tableOptions(tokens)
  if (elements.length === 0 && !fromSelect) throw tokens.fail('a list of columns, LIKE or SELECT')
  return { kind: 'create-table', table, ifNotExists, isTemporary, elements, options, fromSelect }
}

const selectWords = new Set(['SELECT', 'TABLE', 'VALUES', 'AS', 'WITH', 'IGNORE', 'REPLACE'])

function startsSelect(tokens: Tokens): boolean {
  if (tokens.upper === '(') return /^(?:SELECT|WITH|TABLE|VALUES|\()$/.test(tokens.peek())
  return selectWords.has(tokens.upper) && !(tokens.upper === 'WITH' && tokens.peek() === 'SYSTEM')
}

function tableOptions(tokens: Tokens): { options: TableOptions; fromSelect: boolean } {
  let charset: string | null = null
  let tableComment: string | null = null
  while (!isStatementEnd(tokens)) {
    if (startsSelect(tokens)) {
      passStatement(tokens)
      return { options: { charset, comment: tableComment }, fromSelect: true }
    }
    if (startsCharset(tokens)) charset = takeCharset(tokens) ?? charset
    else if (take(tokens, 'COMMENT')) tableComment = comment(tokens)
    else if (tokens.upper === ')') throw tokens.fail('the end of the statement')
    else {
      pass(tokens)
      // A list of tables or partitions, or a value that might look like the next option.
      if (take(tokens, '=')) pass(tokens)
    }
  }
  return { options: { charset, comment: tableComment }, fromSelect: false }
}
