/**
 * Translates the syntax of `java.util.regex` into that of JavaScript's `v` flag. Grammar:
 *
 *   alternatives := sequence ('|' sequence)*
 *   sequence     := (atom quantifier?)*
 *   atom         := '(' … ')' | '[' … ']' | '\' escape | '.' | '^' | '$' | character
 *   quantifier   := ('*' | '+' | '?' | '{n}' | '{n,}' | '{n,m}') '?'?        possessive ones are refused
 *
 * Flags that are switched on inside a group (`(?i)`) hold until its end, across alternatives.
 */
import { CharClasses, classOf } from './java-char-class.ts'

/** The source of an equivalent JavaScript pattern, for the flag `v`. */
export function translate(pattern: string): string {
  const translator = new Translator(pattern)
  const source = translator.alternatives()
  if (translator.at < pattern.length) throw translator.wrong("Unmatched closing ')'", translator.at - 1)
  return source
}

interface Flags {
  readonly ignoreCase: boolean
  readonly multiline: boolean
  readonly dotAll: boolean
  readonly comments: boolean
}

const terminator = '[\\n\\r\\x85\\u2028\\u2029]'
const atEnd = `(?=(?:\\r\\n|${terminator})?$)`

class Translator extends CharClasses {
  #flags: Flags = { ignoreCase: false, multiline: false, dotAll: false, comments: false }

  /** Up to the end of the pattern or a closing parenthesis, which stays. */
  alternatives(): string {
    const outer = this.#flags
    let out = ''
    let open = ''
    while (this.at < this.pattern.length && this.peek() !== ')') {
      if (this.take('|')) {
        out += open === '' ? '|' : `)|${open}`
        continue
      }
      const switched = this.#switch()
      if (switched) {
        const wanted =
          this.#flags.ignoreCase === outer.ignoreCase ? '' : this.#flags.ignoreCase ? '(?i:' : '(?-i:'
        out += (open === '' ? '' : ')') + wanted
        open = wanted
        continue
      }
      const atom = this.#atom()
      if (atom !== '') out += atom + this.#quantifier()
    }
    this.#flags = outer
    return out + (open === '' ? '' : ')')
  }

  /** `(?ims-x)`: flags for the rest of the group. */
  #switch(): boolean {
    const match = /^\(\?([a-zA-Z]*)(?:-([a-zA-Z]*))?\)/.exec(this.pattern.slice(this.at))
    if (match === null) return false
    this.#flags = this.#changed(match[1] ?? '', match[2] ?? '')
    this.at += match[0].length
    return true
  }

  #changed(on: string, off: string): Flags {
    for (const flag of on + off)
      if (!'imsxu'.includes(flag)) {
        const known = flag === 'd' || flag === 'U'
        throw this.wrong(
          known ? `The inline flag '${flag}' is not supported` : 'Unknown inline modifier',
          this.at + 2,
        )
      }
    const now = (flag: string, before: boolean) => (on.includes(flag) || before) && !off.includes(flag)
    return {
      ignoreCase: now('i', this.#flags.ignoreCase),
      multiline: now('m', this.#flags.multiline),
      dotAll: now('s', this.#flags.dotAll),
      comments: now('x', this.#flags.comments),
    }
  }

  #atom(): string {
    const char = this.peek()
    if (this.#flags.comments && this.#comment()) return ''
    switch (char) {
      case '(':
        return this.#group()
      case '[':
        return this.charClass()
      case '\\':
        return this.#escape()
      case '.':
        this.at++
        return this.#flags.dotAll ? '[^]' : '[^\\n\\r\\x85\\u2028\\u2029]'
      case '^':
        this.at++
        return this.#flags.multiline ? `(?<=^|\\n|\\r(?!\\n)|[\\x85\\u2028\\u2029])(?!$)` : '^'
      case '$':
        this.at++
        return this.#flags.multiline ? `(?=$|\\r\\n|${terminator})(?<!\\r(?=\\n))` : atEnd
      case '*':
      case '+':
      case '?':
        throw this.wrong(`Dangling meta character '${char}'`, this.at)
      case '{':
        throw this.wrong('Illegal repetition', this.at === 0 ? -1 : this.at)
      default:
        return literal(this.next())
    }
  }

  #comment(): boolean {
    const match = /^(?:[ \t\n\v\f\r]+|#[^\n\r]*)/.exec(this.pattern.slice(this.at))
    if (match === null) return false
    this.at += match[0].length
    return true
  }

  #group(): string {
    const rest = this.pattern.slice(this.at)
    const head = /^\((?:\?(?::|=|!|<=|<!|>|<([^>]*)>|([a-zA-Z]*)(?:-([a-zA-Z]*))?:))?/.exec(rest)?.[0] ?? '('
    if (head === '(?>') throw this.wrong('Atomic groups (?>…) are not supported', this.at)
    if (head === '(' && rest[1] === '?') throw this.wrong('Unknown inline modifier', this.at + 2)
    const name = /^\(\?<([^=!>][^>]*)?>$/.exec(head)
    if (name !== null && !/^[a-zA-Z][a-zA-Z0-9]*$/.test(name[1] ?? ''))
      throw this.wrong('capturing group name does not start with a Latin letter', this.at + 3)
    const outer = this.#flags
    let opening = head
    const flags = /^\(\?([a-zA-Z]*)(?:-([a-zA-Z]*))?:$/.exec(head)
    if (flags !== null) {
      this.#flags = this.#changed(flags[1] ?? '', flags[2] ?? '')
      opening =
        this.#flags.ignoreCase === outer.ignoreCase ? '(?:' : this.#flags.ignoreCase ? '(?i:' : '(?-i:'
    }
    this.at += head.length
    const inner = this.alternatives()
    this.#flags = outer
    if (!this.take(')')) throw this.wrong('Unclosed group', this.pattern.length)
    const closed = `${opening}${inner})`
    // An assertion cannot be quantified in JavaScript; in a group it can.
    return /^\(\?<?[=!]/.test(head) ? `(?:${closed})` : closed
  }

  #quantifier(): string {
    if (this.#flags.comments) while (this.#comment());
    const match = /^(?:[*+?]|\{\d+(?:,\d*)?\})/.exec(this.pattern.slice(this.at))
    if (match === null) {
      if (this.peek() === '{') throw this.wrong('Illegal repetition', this.at)
      return ''
    }
    const bounds = /^\{(\d+),(\d+)\}$/.exec(match[0])
    if (bounds !== null && Number(bounds[1]) > Number(bounds[2]))
      throw this.wrong('Illegal repetition range', this.at + 1)
    this.at += match[0].length
    if (this.peek() === '+') throw this.wrong('Possessive quantifiers are not supported', this.at)
    return match[0] + (this.take('?') ? '?' : '')
  }

  #escape(): string {
    if (this.pattern.startsWith('\\Q', this.at)) return this.#quoted()
    const back = /^\\(?:k<([a-zA-Z][a-zA-Z0-9]*)>|([1-9]))/.exec(this.pattern.slice(this.at))
    if (back !== null) {
      this.at += back[0].length
      return back[1] === undefined ? `(?:\\${back[2]})` : `\\k<${back[1]}>`
    }
    const special = positions[this.pattern[this.at + 1] ?? '']
    if (special !== undefined) {
      this.at += 2
      return special
    }
    const found = this.escapedSet()
    return typeof found === 'string' ? found : literal(found.char)
  }

  /** `\Q…\E`; a quantifier after it belongs to its last character. */
  #quoted(): string {
    const end = this.pattern.indexOf('\\E', this.at)
    const text = this.pattern.slice(this.at + 2, end < 0 ? undefined : end)
    this.at = end < 0 ? this.pattern.length : end + 2
    return [...text].map(literal).join('')
  }
}

const positions: Readonly<Record<string, string>> = {
  A: '^',
  z: '$',
  Z: atEnd,
  b: '\\b',
  B: '\\B',
  R: '(?:\\r\\n|[\\n\\v\\f\\r\\x85\\u2028\\u2029])',
}

function literal(char: string): string {
  return /[\^$\\.*+?()[\]{}|/]/.test(char) ? `\\${char}` : classOf(char) === 'control' ? hex(char) : char
}

function hex(char: string): string {
  return `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`
}
