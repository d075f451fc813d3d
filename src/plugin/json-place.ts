/**
 * Where a text stops being JSON, as "line 3, column 24". The messages of JSON.parse quote the text around the place,
 * which may be a configuration with secrets (invariant 7), and often leave the place itself out.
 *
 *   value := scalar | '[' [value (',' value)*] ']' | '{' [string ':' value (',' string ':' value)*] '}'
 */

const string = String.raw`"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"`
const scalar = new RegExp(`${string}|-?(?:0|[1-9]\\d*)(?:\\.\\d+)?(?:[eE][-+]?\\d+)?|true|false|null`, 'y')
const key = new RegExp(string, 'y')
const blanks = /[ \t\n\r]*/y

/** Of a text that JSON.parse has refused. */
export function jsonPlace(text: string): string {
  const before = text.slice(0, breakOf(text)).split('\n')
  return `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`
}

/** Index of the first character, or of the beginning of the first word, that cannot stand where it stands. */
function breakOf(text: string): number {
  const open: ('[' | '{')[] = []
  let at = 0
  const skip = (pattern: RegExp): boolean => {
    pattern.lastIndex = at
    const found = pattern.test(text)
    if (found) at = pattern.lastIndex
    return found
  }
  const take = (character: string): boolean => {
    skip(blanks)
    if (text[at] !== character) return false
    at++
    return true
  }
  /** A key with its colon where the innermost bracket is that of an object. */
  const named = (): boolean => open.at(-1) !== '{' || (skip(blanks) && skip(key) && take(':'))
  for (;;) {
    skip(blanks)
    const bracket = text[at]
    if (bracket === '[' || bracket === '{') {
      at++
      open.push(bracket)
      if (!take(bracket === '[' ? ']' : '}')) {
        if (!named()) return at
        continue
      }
      open.pop()
    } else if (!skip(scalar)) return at
    while (open.length > 0 && !take(',')) {
      if (!take(open.at(-1) === '[' ? ']' : '}')) return at
      open.pop()
    }
    if (open.length === 0) {
      skip(blanks)
      return at
    }
    if (!named()) return at
  }
}
