/**
 * Clauses that choose a character set, by itself or by a collation.
 *
 *   charset := DEFAULT? (CHARACTER SET | CHAR SET | CHARSET) '='? (name | DEFAULT) | DEFAULT? COLLATE '='? name
 */
import { take } from './reading.ts'
import type { Tokens } from './tokens.ts'

/** Those whose names begin the names of collations. */
const charsets = new Set(
  (
    'armscii8 ascii big5 binary cp1250 cp1251 cp1256 cp1257 cp850 cp852 cp866 cp932 dec8 eucjpms euckr gb18030 gb2312 ' +
    'gbk geostd8 greek hebrew hp8 keybcs2 koi8r koi8u latin1 latin2 latin5 latin7 macce macroman sjis swe7 tis620 ' +
    'ucs2 ujis utf16 utf16le utf32 utf8 utf8mb3 utf8mb4'
  ).split(' '),
)

/** The character set of a collation; null if its name tells none, as MariaDB's `uca1400_ai_ci`. */
export function charsetOfCollationName(collation: string): string | null {
  const head = /^[a-z0-9]+/.exec(collation.toLowerCase())?.[0] ?? ''
  return charsets.has(head) ? head : null
}

/** Lower case; `default`: the one that is in force around. */
export type CharsetChoice = string

/** A name, a text or BINARY. */
function charsetName(tokens: Tokens): CharsetChoice {
  const { kind, text } = tokens
  if (kind !== 'word' && kind !== 'name' && kind !== 'text') throw tokens.fail('the name of a character set')
  tokens.next()
  return (kind === 'word' ? text : text.slice(1, -1)).toLowerCase()
}

/**
 * Takes such clauses as long as there are some: a character set stays when a collation follows it. Null: none, or a
 * collation that tells none.
 */
export function takeCharset(tokens: Tokens): CharsetChoice | null {
  let chosen: CharsetChoice | null = null
  for (;;) {
    if (takeCharsetWord(tokens)) {
      take(tokens, '=')
      chosen = charsetName(tokens)
    } else if (take(tokens, 'COLLATE') || take(tokens, 'DEFAULT', 'COLLATE')) {
      take(tokens, '=')
      const collation = charsetName(tokens)
      if (chosen === null || chosen === 'default') chosen = charsetOfCollationName(collation) ?? chosen
    } else return chosen
  }
}

function takeCharsetWord(tokens: Tokens): boolean {
  const place = tokens.mark()
  take(tokens, 'DEFAULT')
  if (take(tokens, 'CHARSET') || take(tokens, 'CHARACTER', 'SET') || take(tokens, 'CHAR', 'SET')) return true
  tokens.reset(place)
  return false
}

const firstWords = new Set(['CHARSET', 'CHARACTER', 'CHAR', 'COLLATE', 'DEFAULT'])

export function startsCharset(tokens: Tokens): boolean {
  if (!firstWords.has(tokens.upper)) return false
  const place = tokens.mark()
  const starts = takeCharsetWord(tokens) || take(tokens, 'COLLATE') || take(tokens, 'DEFAULT', 'COLLATE')
  tokens.reset(place)
  return starts
}
