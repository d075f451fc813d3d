/**
 * The tokens of a DDL text, one at a time and without copying: where the current one starts and ends, and what it is.
 *
 *   word     := [A-Za-z0-9_$ and all above ASCII]+, not only digits      a keyword or a plain name
 *   name     := '`' … '`' | '"' … '"' with ANSI_QUOTES                   the enclosing character doubled stands for one
 *   text     := [Nn]? "'" … "'" | '"' … '"' without ANSI_QUOTES          also with backslash escapes
 *   number   := digits ('.' digits)? exponent? | '.' digits exponent?
 *   hex      := '0x' digits | [Xx] "'" digits "'"        bits := '0b' digits | [Bb] "'" digits "'"
 *   variable := '@' '@'? anything of a word, or quoted
 *   symbol   := any other character
 *
 * Comments are white space. What a comment holds that the server executes (opened by `/*!50100`, on MariaDB also by
 * `/*M!`) is text like any other.
 */
import { DecodeError } from '#errors'
import type { Dialect } from './dialect.ts'

export type TokenKind = 'word' | 'name' | 'text' | 'number' | 'hex' | 'bits' | 'variable' | 'symbol' | 'end'

const BLANK = 1
const DIGIT = 2
const LETTER = 4
const classes = new Uint8Array(128)
for (const blank of ' \t\n\r\f\v') classes[blank.charCodeAt(0)] = BLANK
for (let code = 0x30; code <= 0x39; code++) classes[code] = DIGIT
for (let code = 0x41; code <= 0x5a; code++) classes[code] = classes[code + 0x20] = LETTER
classes[0x5f] = classes[0x24] = LETTER

function classOf(code: number): number {
  if (code >= 128) return code === 0xa0 || code === 0xfeff ? BLANK : LETTER
  return classes[code] as number
}

const QUOTE = 0x27
const DOUBLE_QUOTE = 0x22
const BACKTICK = 0x60
const BACKSLASH = 0x5c

interface Place {
  readonly kind: TokenKind
  readonly start: number
  readonly end: number
  readonly upper: string
  readonly lastEnd: number
  readonly lastPlainEnd: number
  readonly inExecuted: boolean
}

export class Tokens {
  readonly sql: string
  readonly dialect: Dialect
  kind: TokenKind = 'end'
  start = 0
  end = 0
  /** A word in capitals, a symbol itself, otherwise empty. */
  upper = ''
  /** Where the token before ended. */
  lastEnd = 0
  /** Where the last token before ended that stands in no comment. */
  lastPlainEnd = 0
  #inExecuted = false

  constructor(sql: string, dialect: Dialect) {
    this.sql = sql
    this.dialect = dialect
    this.next()
  }

  get text(): string {
    return this.sql.slice(this.start, this.end)
  }

  next(): void {
    const { sql } = this
    this.lastEnd = this.end
    if (!this.#inExecuted) this.lastPlainEnd = this.end
    const start = this.#skipBlanks(this.end)
    this.start = start
    this.upper = ''
    if (start >= sql.length) return this.#set('end', start)
    const code = sql.charCodeAt(start)
    const kind = classOf(code)
    if (kind === LETTER) return this.#word(start, code)
    if (
      kind === DIGIT ||
      (code === 0x2e && classOf(sql.charCodeAt(start + 1)) === DIGIT && !this.#isQualifier())
    )
      return this.#number(start)
    if (code === QUOTE) return this.#set('text', this.#quoted(start, true))
    if (code === BACKTICK) return this.#set('name', this.#quoted(start, false))
    if (code === DOUBLE_QUOTE)
      return this.dialect.ansiQuotes
        ? this.#set('name', this.#quoted(start, false))
        : this.#set('text', this.#quoted(start, true))
    if (code === 0x40) return this.#variable(start)
    this.upper = sql[start] as string
    this.#set('symbol', start + 1)
  }

  /** The word or symbol behind the current token; empty if it is something else. */
  peek(): string {
    const place = this.mark()
    this.next()
    const { upper } = this
    this.reset(place)
    return upper
  }

  mark(): Place {
    const { kind, start, end, upper, lastEnd, lastPlainEnd } = this
    return { kind, start, end, upper, lastEnd, lastPlainEnd, inExecuted: this.#inExecuted }
  }

  reset(place: Place): void {
    this.kind = place.kind
    this.start = place.start
    this.end = place.end
    this.upper = place.upper
    this.lastEnd = place.lastEnd
    this.lastPlainEnd = place.lastPlainEnd
    this.#inExecuted = place.inExecuted
  }

  /** The statement cannot be read on from here. */
  fail(expected: string, at: number = this.start): DecodeError {
    return cannotRead(this.sql, at, expected)
  }

  #set(kind: TokenKind, end: number): void {
    this.kind = kind
    this.end = end
  }

  /** A dot right behind a name is a qualifier, whatever follows. */
  #isQualifier(): boolean {
    return this.lastEnd === this.start && (this.kind === 'word' || this.kind === 'name')
  }

  #word(start: number, first: number): void {
    const { sql } = this
    let end = start + 1
    while (end < sql.length && (classOf(sql.charCodeAt(end)) & (LETTER | DIGIT)) !== 0) end++
    if (end === start + 1 && sql.charCodeAt(end) === QUOTE) {
      // N'…', X'…' and B'…', in either case.
      const letter = first & ~0x20
      if (letter === 0x4e) return this.#set('text', this.#quoted(end, true))
      if (letter === 0x58) return this.#set('hex', this.#quoted(end, false))
      if (letter === 0x42) return this.#set('bits', this.#quoted(end, false))
    }
    this.upper = sql.slice(start, end).toUpperCase()
    this.#set('word', end)
  }

  #number(start: number): void {
    const { sql } = this
    let end = start
    while (end < sql.length && (classOf(sql.charCodeAt(end)) & (LETTER | DIGIT)) !== 0) end++
    const head = sql.slice(start, end)
    if (!this.#isBehindDot(start)) {
      if (hexForm.test(head)) return this.#set('hex', end)
      if (bitsForm.test(head)) return this.#set('bits', end)
      numberForm.lastIndex = start
      const numberEnd = start + (numberForm.exec(sql)?.[0].length ?? 0)
      if (numberEnd >= end) return this.#set('number', numberEnd)
    }
    this.upper = head.toUpperCase()
    this.#set('word', end)
  }

  /** Behind `name.` stands a name, be it of digits only. */
  #isBehindDot(start: number): boolean {
    return this.kind === 'symbol' && this.sql[start - 1] === '.' && this.lastEnd === start
  }

  #variable(start: number): void {
    const { sql } = this
    let end = start + 1
    if (sql.charCodeAt(end) === 0x40) end++
    const quote = sql.charCodeAt(end)
    if (quote === QUOTE || quote === DOUBLE_QUOTE || quote === BACKTICK)
      return this.#set('variable', this.#quoted(end, quote !== BACKTICK))
    while (end < sql.length && ((classOf(sql.charCodeAt(end)) & (LETTER | DIGIT)) !== 0 || sql[end] === '.'))
      end++
    this.upper = sql.slice(start, end).toUpperCase()
    this.#set('variable', end)
  }

  #quoted(start: number, withEscapes: boolean): number {
    const { sql } = this
    const quote = sql.charCodeAt(start)
    const escapes = withEscapes && !this.dialect.noBackslashEscapes
    for (let at = start + 1; at < sql.length; at++) {
      const code = sql.charCodeAt(at)
      if (code === BACKSLASH && escapes) at++
      else if (code === quote) {
        if (sql.charCodeAt(at + 1) !== quote) return at + 1
        at++
      }
    }
    throw this.fail(`the end of what the ${sql[start]} opens`, start)
  }

  #skipBlanks(from: number): number {
    const { sql } = this
    let at = from
    for (;;) {
      while (at < sql.length && classOf(sql.charCodeAt(at)) === BLANK) at++
      const code = sql.charCodeAt(at)
      if (code === 0x23 || (code === 0x2d && isDashComment(sql, at))) {
        const end = sql.indexOf('\n', at)
        at = end < 0 ? sql.length : end + 1
      } else if (code === 0x2f && sql.charCodeAt(at + 1) === 0x2a) at = this.#comment(at)
      else if (code === 0x2a && this.#inExecuted && sql.charCodeAt(at + 1) === 0x2f) {
        this.#inExecuted = false
        at += 2
      } else return at
    }
  }

  #comment(at: number): number {
    const { sql } = this
    executed.lastIndex = at
    const head = executed.exec(sql)
    if (head !== null && executes(this.dialect.server, head[1] !== '', head[2] as string)) {
      this.#inExecuted = true
      return at + head[0].length
    }
    const end = sql.indexOf('*/', at + 2)
    if (end < 0) throw this.fail('the end of the comment', at)
    return end + 2
  }
}

const hexForm = /^0x[0-9a-f]+$/i
const bitsForm = /^0b[01]+$/
const numberForm = /(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?/iy
const executed = /\/\*(M?)!(\d{0,6})/y

/** MariaDB passes over what is for MySQL from 5.7 on; each server executes what is for servers before it. */
function executes(server: Dialect['server'], forMariadb: boolean, version: string): boolean {
  if (forMariadb) return server === 'mariadb'
  return server === 'mysql' || !(Number(version) >= 50700 && Number(version) <= 99999)
}

function isDashComment(sql: string, at: number): boolean {
  return sql.charCodeAt(at + 1) === 0x2d && (at + 2 >= sql.length || sql.charCodeAt(at + 2) <= 0x20)
}

function cannotRead(sql: string, at: number, expected: string): DecodeError {
  const near = sql.slice(at, at + 60)
  return new DecodeError(
    `The DDL statement cannot be read at character ${at + 1}, ${near === '' ? 'its end' : `near '${near}'`}: ${expected} is expected there. The statement: ${sql}`,
    {
      remedy:
        'Set schema.history.internal.skip.unparseable.ddl=true to pass over such statements, if it does not change a captured table.',
    },
  )
}
