/**
 * What stands behind DEFAULT, as far as a schema can announce it: constants. Expressions and NULL are none.
 *
 *   default := sign? number | text+ | hex | bits | TRUE | FALSE | NULL | now
 *   text    := (N | '_' charset)? (quote (character | quote quote | '\' character)* quote)
 *   hex     := X'…' | 0x…        bits := B'…' | 0b…
 *   now     := (CURRENT_TIMESTAMP | NOW | LOCALTIME | LOCALTIMESTAMP) ('(' digits? ')')?
 *
 * The moment of insertion is announced as the epoch, as Debezium does.
 */

export type DefaultLiteral =
  | { readonly kind: 'text'; readonly text: string }
  /** As written. */
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  | { readonly kind: 'bits'; readonly digits: string }

export interface SqlTextModes {
  /** sql_mode has ANSI_QUOTES: `"` encloses names. */
  readonly ansiQuotes: boolean
  /** sql_mode has NO_BACKSLASH_ESCAPES. */
  readonly noBackslashEscapes: boolean
}

const plainModes: SqlTextModes = { ansiQuotes: false, noBackslashEscapes: false }

export const insertionTime: DefaultLiteral = { kind: 'text', text: '1970-01-01 00:00:00' }

const nowForm =
  /^(?:current_timestamp|now|localtime|localtimestamp)\s*(?:\(\s*\d*\s*\))?(?:\s+on\s+update\b.*)?$/i
const numberForm = /^[-+]?\s*(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?$/i
const hexForm = /^(?:x\s*'([0-9a-f]*)'|0x([0-9a-f]+))$/i
const bitsForm = /^(?:b\s*'([01]*)'|0b([01]+))$/i
const introducer = /^(?:n(?=')|_[a-z0-9]+\s*(?=['"x0b]))/i

/** The constant of a DEFAULT clause's SQL text; null for NULL and for what is none. */
export function parseDefault(sql: string, modes: SqlTextModes = plainModes): DefaultLiteral | null {
  const trimmed = sql.trim()
  if (nowForm.test(trimmed)) return insertionTime
  if (/^true$/i.test(trimmed)) return { kind: 'number', text: '1' }
  if (/^false$/i.test(trimmed)) return { kind: 'number', text: '0' }
  if (numberForm.test(trimmed)) return { kind: 'number', text: trimmed.replaceAll(/\s+/g, '') }
  const literal = trimmed.replace(introducer, '')
  const hex = hexForm.exec(literal)
  if (hex !== null) {
    const digits = hex[1] ?? hex[2] ?? ''
    return {
      kind: 'bytes',
      bytes: Buffer.from(digits.padStart(digits.length + (digits.length & 1), '0'), 'hex'),
    }
  }
  const bits = bitsForm.exec(literal)
  if (bits !== null) return { kind: 'bits', digits: bits[1] ?? bits[2] ?? '' }
  const text = quotedText(literal, modes)
  return text === null ? null : { kind: 'text', text }
}

/** Quoted texts, which stand for one when several follow each other; null if it is something else. */
function quotedText(sql: string, modes: SqlTextModes): string | null {
  let text = ''
  let at = 0
  while (at < sql.length) {
    const quote = sql[at] as string
    if (quote !== "'" && (quote !== '"' || modes.ansiQuotes)) return null
    const end = quoteEnd(sql, at, modes)
    if (end < 0) return null
    text += unescaped(sql.slice(at + 1, end), quote, modes)
    at = end + 1
    while (/\s/.test(sql[at] ?? '')) at++
    // A collation says nothing of the value.
    if (/^collate\s+\w+$/i.test(sql.slice(at))) break
  }
  return at === 0 ? null : text
}

function quoteEnd(sql: string, from: number, modes: SqlTextModes): number {
  const quote = sql[from]
  for (let at = from + 1; at < sql.length; at++) {
    if (sql[at] === '\\' && !modes.noBackslashEscapes) at++
    else if (sql[at] === quote) {
      if (sql[at + 1] !== quote) return at
      at++
    }
  }
  return -1
}

const escapes: Readonly<Record<string, string>> = {
  '0': '\0',
  b: '\b',
  n: '\n',
  r: '\r',
  t: '\t',
  Z: '\x1a',
  '%': '\\%',
  _: '\\_',
}

function unescaped(text: string, quote: string, modes: SqlTextModes): string {
  const single = text.replaceAll(quote + quote, quote)
  if (modes.noBackslashEscapes || !text.includes('\\')) return single
  return text.replaceAll(/''|""|\\([\s\S])/g, (found, escaped: string | undefined) => {
    if (escaped !== undefined) return escapes[escaped] ?? escaped
    return found[0] === quote ? quote : found
  })
}

/**
 * The constant in a `defaultValueExpression` of Debezium's history: the literal without its quotes, its escapes as
 * written. `bits`: the column is of type BIT.
 */
export function recordedDefault(expression: string, bits: boolean): DefaultLiteral {
  if (bits && /^[01]+$/.test(expression)) return { kind: 'bits', digits: expression }
  return { kind: 'text', text: unescaped(expression, "'", plainModes) }
}
