/**
 * Java regular expressions as JavaScript ones: names of tables, topics and columns are chosen by patterns that were
 * written for `java.util.regex`. A pattern is translated (`java-regex-syntax.ts`) or refused with Java's own error
 * text; it never silently means something else. Known difference: ignoring case folds all letters, as Java does only
 * with `(?u)`.
 */
import { messageOf } from '#errors'
import { JavaRegexError } from './java-regex-error.ts'
import { translate } from './java-regex-syntax.ts'

export interface JavaRegexOptions {
  /** As `Matcher.matches`: the whole text must match. Default: anywhere. */
  readonly whole?: boolean
  readonly ignoreCase?: boolean
}

/** Throws a JavaRegexError for what is no Java pattern, or one that cannot be translated. */
export function javaRegex(pattern: string, options: JavaRegexOptions = {}): RegExp {
  const source = translate(pattern)
  try {
    return new RegExp(options.whole ? `^(?:${source})$` : source, options.ignoreCase ? 'vi' : 'v')
  } catch (error) {
    throw new JavaRegexError(messageOf(error), -1, pattern)
  }
}

/** One piece of a replacement: text, or the number or name of a group. */
type Piece = string | number | { readonly name: string }

/**
 * Java's `replaceFirst`: `$1` and `${name}` stand for groups, a backslash makes the next character plain. A group
 * that took no part is empty. Throws a RangeError for a group that the pattern does not have.
 */
export function javaReplacer(pattern: string, replacement: string): (text: string) => string {
  const regex = javaRegex(pattern)
  const pieces = piecesOf(replacement, groupsOf(regex))
  return (text) => {
    const match = regex.exec(text)
    if (match === null) return text
    const inserted = pieces.map((piece) => {
      if (typeof piece === 'string') return piece
      return (typeof piece === 'number' ? match[piece] : match.groups?.[piece.name]) ?? ''
    })
    return text.slice(0, match.index) + inserted.join('') + text.slice(match.index + match[0].length)
  }
}

function groupsOf(regex: RegExp): { readonly count: number; readonly names: readonly string[] } {
  const match = new RegExp(`${regex.source}|`, regex.flags).exec('')
  return { count: (match?.length ?? 1) - 1, names: Object.keys(match?.groups ?? {}) }
}

function piecesOf(replacement: string, groups: { count: number; names: readonly string[] }): Piece[] {
  const pieces: Piece[] = []
  let at = 0
  while (at < replacement.length) {
    const char = replacement[at]
    if (char === '\\') {
      if (at + 1 >= replacement.length) throw new RangeError('character to be escaped is missing')
      pieces.push(replacement[at + 1] as string)
      at += 2
    } else if (char === '$') at = group(replacement, at + 1, groups, pieces)
    else {
      pieces.push(char as string)
      at++
    }
  }
  return pieces
}

/** Reads the group reference after a `$`; a further digit belongs to it only where such a group exists. */
function group(
  text: string,
  from: number,
  groups: { count: number; names: readonly string[] },
  pieces: Piece[],
): number {
  const named = /^\{([a-zA-Z][a-zA-Z0-9]*)\}/.exec(text.slice(from))
  if (named !== null) {
    const name = named[1] as string
    if (!groups.names.includes(name)) throw new RangeError(`No group with name {${name}}`)
    pieces.push({ name })
    return from + named[0].length
  }
  if (!/^\d/.test(text.slice(from, from + 1))) throw new RangeError('Illegal group reference')
  let number = Number(text[from])
  if (number > groups.count) throw new RangeError(`No group ${number}`)
  let at = from + 1
  while (/^\d/.test(text.slice(at, at + 1))) {
    const longer = number * 10 + Number(text[at])
    if (longer > groups.count) break
    number = longer
    at++
  }
  pieces.push(number)
  return at
}
