/** What every part of the parser does with tokens: taking words, names, lists, and passing over what shapes nothing. */
import type { Tokens } from './tokens.ts'

export interface TableName {
  /** Null: the default database. */
  readonly database: string | null
  readonly table: string
}

/** Takes these words, all or none. */
export function take(tokens: Tokens, ...words: string[]): boolean {
  if (tokens.upper !== words[0]) return false
  if (words.length === 1) {
    tokens.next()
    return true
  }
  const place = tokens.mark()
  for (const word of words) {
    if (tokens.upper !== word) {
      tokens.reset(place)
      return false
    }
    tokens.next()
  }
  return true
}

export function expect(tokens: Tokens, ...words: string[]): void {
  if (!take(tokens, ...words)) throw tokens.fail(words.join(' '))
}

/** A name, plain or quoted. */
export function name(tokens: Tokens): string {
  const { kind, sql, start, end } = tokens
  if (kind === 'word') {
    tokens.next()
    return sql.slice(start, end)
  }
  if (kind !== 'name') throw tokens.fail('a name')
  tokens.next()
  const quote = sql[start] as string
  const plain = sql.slice(start + 1, end - 1)
  return plain.includes(quote) ? plain.replaceAll(quote + quote, quote) : plain
}

export function tableName(tokens: Tokens): TableName {
  const first = name(tokens)
  if (!take(tokens, '.')) return { database: null, table: first }
  return { database: first, table: name(tokens) }
}

export function number(tokens: Tokens): number {
  if (tokens.kind !== 'number') throw tokens.fail('a number')
  const value = Number(tokens.text)
  tokens.next()
  return value
}

/** Passes over what stands in parentheses, with them. */
export function passParentheses(tokens: Tokens): void {
  const from = tokens.start
  if (tokens.upper !== '(') throw tokens.fail('(')
  for (let depth = 0; ; ) {
    if (tokens.upper === '(') depth++
    else if (tokens.upper === ')') depth--
    else if (tokens.kind === 'end') throw tokens.fail('the end of these parentheses', from)
    tokens.next()
    if (depth === 0) return
  }
}

/** Passes over one token, or what stands in parentheses. */
export function pass(tokens: Tokens): void {
  if (tokens.upper === '(') passParentheses(tokens)
  else tokens.next()
}

export function isStatementEnd(tokens: Tokens): boolean {
  return tokens.kind === 'end' || tokens.upper === ';'
}

/** Passes over the rest of a clause: up to a comma or the statement's end, or a closing parenthesis. */
export function passClause(tokens: Tokens): void {
  while (!isStatementEnd(tokens) && tokens.upper !== ',' && tokens.upper !== ')') pass(tokens)
}

export function passStatement(tokens: Tokens): void {
  while (!isStatementEnd(tokens)) tokens.next()
}

export function takeIfExists(tokens: Tokens): boolean {
  return take(tokens, 'IF', 'EXISTS')
}

export function takeIfNotExists(tokens: Tokens): boolean {
  return take(tokens, 'IF', 'NOT', 'EXISTS')
}

/** In parentheses, separated by commas. */
export function list<T>(tokens: Tokens, item: (tokens: Tokens) => T): T[] {
  expect(tokens, '(')
  const items: T[] = []
  do items.push(item(tokens))
  while (take(tokens, ','))
  expect(tokens, ')')
  return items
}
