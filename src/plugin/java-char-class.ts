/**
 * Character classes of Java patterns, `[a-z&&[^aeiou]]` and `\p{…}`, in the syntax of JavaScript's `v` flag. In Java
 * a union binds tighter than `&&`, and `[^…]` negates all of it.
 */
import { JavaRegexError } from './java-regex-error.ts'

/** One character out of an escape, or the source of a set of characters. */
export type Escaped = string | { readonly char: string }

export class CharClasses {
  readonly pattern: string
  at = 0

  constructor(pattern: string) {
    this.pattern = pattern
  }

  wrong(description: string, index: number): JavaRegexError {
    return new JavaRegexError(description, index, this.pattern)
  }

  peek(): string {
    return this.pattern[this.at] ?? ''
  }

  /** The next code point. */
  next(): string {
    const char = String.fromCodePoint(this.pattern.codePointAt(this.at) ?? 0)
    this.at += char.length
    return char
  }

  take(text: string): boolean {
    if (!this.pattern.startsWith(text, this.at)) return false
    this.at += text.length
    return true
  }

  /** From `[` to its `]`. */
  charClass(): string {
    this.at++
    const negated = this.take('^') ? '^' : ''
    const operands: string[] = []
    let union = ''
    let first = true
    for (;;) {
      if (this.at >= this.pattern.length)
        throw this.wrong('Unclosed character class', this.pattern.length - 1)
      if (this.peek() === ']' && !first) break
      first = false
      if (this.take('&&')) {
        if (union !== '') operands.push(union)
        union = ''
      } else union += this.peek() === '[' ? this.charClass() : this.#range()
    }
    this.at++
    if (union !== '') operands.push(union)
    return operands.length === 1
      ? `[${negated}${operands[0]}]`
      : `[${negated}${operands.map((each) => `[${each}]`).join('&&')}]`
  }

  #range(): string {
    if (this.take('\\Q')) {
      const end = this.pattern.indexOf('\\E', this.at)
      const text = this.pattern.slice(this.at, end < 0 ? undefined : end)
      this.at = end < 0 ? this.pattern.length : end + 2
      return [...text].map(member).join('')
    }
    const low = this.#single()
    if (typeof low === 'string') return low
    const after = this.pattern[this.at + 1]
    if (this.peek() !== '-' || after === undefined || after === ']' || after === '[') return member(low.char)
    this.at++
    const high = this.#single()
    if (typeof high === 'string') return `${member(low.char)}${member('-')}${high}`
    if ((high.char.codePointAt(0) ?? 0) < (low.char.codePointAt(0) ?? 0))
      throw this.wrong('Illegal character range', this.at - 1)
    return `${member(low.char)}-${member(high.char)}`
  }

  #single(): Escaped {
    return this.peek() === '\\' ? this.escapedSet() : { char: this.next() }
  }

  /** An escape that stands for a character or a set, in a class and outside. */
  escapedSet(): Escaped {
    const start = this.at
    this.at++
    if (this.at >= this.pattern.length) throw this.wrong('Unexpected internal error', start + 1)
    const char = this.next()
    const set = sets[char]
    if (set !== undefined) return set
    if (char === 'p' || char === 'P') return this.#property(char)
    const plain = controls[char]
    if (plain !== undefined) return { char: plain }
    const coded = this.#coded(char)
    if (coded !== null) return { char: coded }
    if (/[a-zA-Z]/.test(char)) throw this.wrong('Illegal/unsupported escape sequence', start + 1)
    return { char }
  }

  /** `\xhh`, `\x{h…}`, `\uhhhh`, `\0ooo`, `\cX`; null where it is none of them. */
  #coded(kind: string): string | null {
    const forms: Readonly<Record<string, readonly [RegExp, number]>> = {
      x: [/^(?:([0-9a-fA-F]{2})|\{([0-9a-fA-F]+)\})/, 16],
      u: [/^([0-9a-fA-F]{4})/, 16],
      0: [/^([0-3][0-7]{2}|[0-7]{1,2})/, 8],
    }
    if (kind === 'c' && this.at < this.pattern.length)
      return String.fromCharCode((this.next().codePointAt(0) ?? 0) ^ 64)
    const form = forms[kind]
    if (form === undefined) return null
    const match = form[0].exec(this.pattern.slice(this.at))
    const names: Readonly<Record<string, string>> = { x: 'hexadecimal', u: 'Unicode', 0: 'octal' }
    if (match === null) throw this.wrong(`Illegal ${names[kind]} escape sequence`, this.at)
    this.at += match[0].length
    return String.fromCodePoint(Number.parseInt(match[1] ?? match[2] ?? '', form[1]))
  }

  #property(kind: string): string {
    const match = /^(?:\{(\^?)([^}]*)\}|([A-Z]))/.exec(this.pattern.slice(this.at))
    if (match === null) throw this.wrong('Unclosed character family', this.pattern.length - 1)
    this.at += match[0].length
    const name = match[2] ?? match[3] ?? ''
    const set = posix[name] ?? unicode(name)
    if (set === null) throw this.wrong(`Unknown character property name {${name}}`, this.at - 1)
    return kind === 'P' ? `[^${set}]` : set
  }
}

/** `control` for what cannot stand as it is in a pattern. */
export function classOf(char: string): 'control' | 'plain' {
  const code = char.codePointAt(0) ?? 0
  return code < 32 || code === 127 || (code >= 0x2028 && code <= 0x2029) || (code >= 0xd800 && code <= 0xdfff)
    ? 'control'
    : 'plain'
}

/** A character as a member of a class: everything that could be syntax is written as its code. */
function member(char: string): string {
  return /^[a-zA-Z0-9_]$/.test(char) ? char : `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`
}

const blanks = '[ \\t\\xa0\\u1680\\u180e\\u2000-\\u200a\\u202f\\u205f\\u3000]'
const breaks = '[\\n\\v\\f\\r\\x85\\u2028\\u2029]'
const sets: Readonly<Record<string, string>> = {
  d: '[0-9]',
  D: '[^0-9]',
  w: '[a-zA-Z0-9_]',
  W: '[^a-zA-Z0-9_]',
  s: '[ \\t\\n\\v\\f\\r]',
  S: '[^ \\t\\n\\v\\f\\r]',
  h: blanks,
  H: `[^${blanks}]`,
  v: breaks,
  V: `[^${breaks}]`,
}
const controls: Readonly<Record<string, string>> = {
  t: '\t',
  n: '\n',
  r: '\r',
  f: '\f',
  a: '\u0007',
  e: '\u001b',
}
const punctuation = '[\\x21-\\x2f\\x3a-\\x40\\x5b-\\x60\\x7b-\\x7e]'
const posix: Readonly<Record<string, string>> = {
  Lower: '[a-z]',
  Upper: '[A-Z]',
  ASCII: '[\\x00-\\x7f]',
  Alpha: '[a-zA-Z]',
  Digit: '[0-9]',
  Alnum: '[a-zA-Z0-9]',
  Punct: punctuation,
  Graph: '[\\x21-\\x7e]',
  Print: '[\\x20-\\x7e]',
  Blank: '[ \\t]',
  Cntrl: '[\\x00-\\x1f\\x7f]',
  XDigit: '[0-9a-fA-F]',
  Space: '[ \\t\\n\\v\\f\\r]',
  L1: '[\\x00-\\xff]',
  javaLowerCase: '\\p{Lowercase}',
  javaUpperCase: '\\p{Uppercase}',
  javaWhitespace: '[[ \\t\\n\\v\\f\\r\\x1c-\\x1f\\p{Zs}\\p{Zl}\\p{Zp}]--[\\xa0\\u2007\\u202f]]',
}

/** General categories, scripts and binary properties; null where JavaScript knows none of that name. */
function unicode(name: string): string | null {
  const bare = name
    .replace(/^Is/, '')
    .replace(/^(?:sc|script)=/i, 'Script=')
    .replace(/^(?:gc|general_category)=/i, '')
  for (const candidate of [
    bare,
    `Script=${bare}`,
    bare.charAt(0).toUpperCase() + bare.slice(1).toLowerCase(),
  ]) {
    const source = `\\p{${candidate}}`
    try {
      new RegExp(source, 'v')
      return source
    } catch {}
  }
  return null
}
