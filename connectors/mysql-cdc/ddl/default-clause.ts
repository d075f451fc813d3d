/**
 * What stands behind DEFAULT.
 *
 *   default := NULL | sign? number | text+ (COLLATE name)? | introducer? (text | hex | bits) | TRUE | FALSE
 *            | (DATE | TIME | TIMESTAMP) text | now | '(' expression ')' | expression of MariaDB without parentheses
 *   now     := (CURRENT_TIMESTAMP | NOW | LOCALTIME | LOCALTIMESTAMP) ('(' digits? ')')?
 */
import { type DefaultLiteral, insertionTime, parseDefault } from '../column-types/default-literal.ts'
import { isStatementEnd, name, pass, passParentheses, take } from './reading.ts'
import { recordedText } from './text-literal.ts'
import type { Tokens } from './tokens.ts'

/** `recorded`: as the schema history has it for a column of characters or numbers; null where it has none. */
export interface DefaultClause {
  readonly literal: DefaultLiteral | null
  readonly recorded: string | null
  readonly isExpression: boolean
}

export const noDefault: DefaultClause = { literal: null, recorded: null, isExpression: false }
const expression: DefaultClause = { literal: null, recorded: null, isExpression: true }
const now: DefaultClause = { literal: insertionTime, recorded: '1970-01-01 00:00:00', isExpression: false }

const nowWords = new Set(['CURRENT_TIMESTAMP', 'NOW', 'LOCALTIME', 'LOCALTIMESTAMP'])
const temporalWords = new Set(['DATE', 'TIME', 'TIMESTAMP'])

export function takeNow(tokens: Tokens): boolean {
  if (!nowWords.has(tokens.upper)) return false
  tokens.next()
  if (tokens.upper === '(') passParentheses(tokens)
  return true
}

export function defaultClause(tokens: Tokens): DefaultClause {
  if (take(tokens, 'NULL')) return noDefault
  if (takeNow(tokens)) return now
  switch (tokens.kind) {
    case 'text':
    case 'number':
    case 'hex':
    case 'bits':
      return literal(tokens)
    case 'symbol':
      return signed(tokens)
    case 'word':
      return word(tokens)
    default:
      throw tokens.fail('a default value')
  }
}

function signed(tokens: Tokens): DefaultClause {
  const { start, upper } = tokens
  if (upper === '(') {
    passParentheses(tokens)
    return expression
  }
  if (upper !== '-' && upper !== '+') throw tokens.fail('a default value')
  tokens.next()
  if (tokens.kind !== 'number') throw tokens.fail('a number')
  tokens.next()
  const text = tokens.sql.slice(start, tokens.lastEnd).replaceAll(/\s+/g, '')
  return { literal: { kind: 'number', text }, recorded: text, isExpression: false }
}

function word(tokens: Tokens): DefaultClause {
  const { upper, text, start } = tokens
  tokens.next()
  if (upper === 'TRUE' || upper === 'FALSE')
    return {
      literal: { kind: 'number', text: upper === 'TRUE' ? '1' : '0' },
      recorded: text,
      isExpression: false,
    }
  if (tokens.kind === 'text' && temporalWords.has(upper)) return literal(tokens)
  if (upper.startsWith('_') && (tokens.kind === 'text' || tokens.kind === 'hex' || tokens.kind === 'bits'))
    return literal(tokens, start)
  passExpression(tokens)
  return expression
}

/** A call or a name, with operators between: up to the column's next attribute. */
function passExpression(tokens: Tokens): void {
  for (;;) {
    if (tokens.upper === '(') passParentheses(tokens)
    else if (tokens.upper === '.' || /^[-+*/%]$/.test(tokens.upper)) {
      tokens.next()
      if (!isStatementEnd(tokens)) pass(tokens)
    } else if (take(tokens, 'VALUE', 'FOR')) {
      name(tokens)
    } else return
  }
}

function literal(tokens: Tokens, start: number = tokens.start): DefaultClause {
  const { dialect, sql, kind } = tokens
  const parts: string[] = []
  do {
    parts.push(tokens.text)
    tokens.next()
  } while (kind === 'text' && tokens.kind === 'text')
  const value = parseDefault(parts.map(plainText).join(' '), dialect)
  const end = tokens.lastEnd
  if (take(tokens, 'COLLATE')) name(tokens)
  const hasIntroducer = sql.charCodeAt(start) === 0x5f
  const keepsPrefix =
    kind === 'text' && (/^n/i.test(parts[0] as string) || (hasIntroducer && dialect.server === 'mariadb'))
  return {
    literal: value,
    recorded: keepsPrefix
      ? sql.slice(start, end).replaceAll(/\s+(?=')/g, '')
      : kind === 'text'
        ? parts.map((part) => recordedText(part, dialect)).join('')
        : (parts[0] as string),
    isExpression: false,
  }
}

/** Without the N that stands before national text. */
function plainText(part: string): string {
  return /^n/i.test(part) ? part.slice(1) : part
}
