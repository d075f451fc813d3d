/**
 * Hides values within JSON text by their paths. Every other byte stays as it is, so that the form of numbers, the order
 * of members and blanks can be compared too.
 *
 *   value  := blank* (object | array | string | word) blank*
 *   object := '{' [ string blank* ':' value (',' blank* string blank* ':' value)* ] '}'
 *   array  := '[' [ value (',' value)* ] ']'
 */

/** `value` is the value's own text. */
export type Hides = (path: readonly string[], value: string) => boolean

const blank = /\s*/y
const string = /"(?:[^"\\]|\\.)*"/y
const word = /[^\s,\]}]+/y

/** The text with `"*"` in place of each hidden value. A text that is not JSON comes back as it is. */
export function maskedJson(text: string, hides: Hides): string {
  if (!isJson(text)) return text
  const path: string[] = []
  let at = 0
  const take = (pattern: RegExp): string => {
    pattern.lastIndex = at
    const found = pattern.exec(text)?.[0] ?? ''
    at += found.length
    return found
  }
  const sign = (): string => text[at++] ?? ''
  const list = (close: string, member: (index: number) => string): string => {
    let out = sign() + take(blank)
    if (text[at] === close) return out + sign()
    for (let index = 0; ; index++) {
      out += member(index)
      const separator = sign()
      out += separator
      if (separator === close) return out
    }
  }
  const within = (name: string): string => {
    path.push(name)
    const out = value()
    path.pop()
    return out
  }
  const member = (): string => {
    const before = take(blank)
    const name = take(string)
    return `${before}${name}${take(blank)}${sign()}${within(JSON.parse(name) as string)}`
  }
  const value = (): string => {
    const before = take(blank)
    const start = at
    const first = text[at]
    let out: string
    if (first === '{') out = list('}', member)
    else if (first === '[') out = list(']', (index) => within(String(index)))
    else out = first === '"' ? take(string) : take(word)
    return before + (hides(path, text.slice(start, at)) ? '"*"' : out) + take(blank)
  }
  return value()
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
