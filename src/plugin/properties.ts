/**
 * Java's properties files: worker and connector configurations, and what FileConfigProvider reads. Grammar per logical
 * line (a backslash at the end of a line joins the next one, without its leading blanks):
 *
 *   line  := blank* (('#' | '!') comment | key (blank* ('=' | ':') blank* | blank+) value)
 *   key, value may hold the escapes \t \n \r \f \uhhhh, and \c for any other character c
 */

/** Later keys win over earlier ones. */
export function parseProperties(text: string): Record<string, string> {
  const properties: Record<string, string> = {}
  for (const line of logicalLines(text)) {
    const end = keyEnd(line)
    const separator = /^[ \t\f]*[=:]?[ \t\f]*/.exec(line.slice(end))?.[0] ?? ''
    properties[unescaped(line.slice(0, end))] = unescaped(line.slice(end + separator.length))
  }
  return properties
}

/** Lines without comments and blank ones, continuations joined. */
function* logicalLines(text: string): Generator<string> {
  let joined: string | null = null
  for (const natural of text.split(/\r\n|[\n\r]/)) {
    const line = natural.replace(/^[ \t\f]+/, '')
    if (joined === null && (line === '' || line.startsWith('#') || line.startsWith('!'))) continue
    const continues = (/\\*$/.exec(line)?.[0].length ?? 0) % 2 === 1
    joined = (joined ?? '') + (continues ? line.slice(0, -1) : line)
    if (continues) continue
    yield joined
    joined = null
  }
  if (joined !== null) yield joined
}

/** Where the key ends: at the first blank, `=` or `:` that no backslash precedes. */
function keyEnd(line: string): number {
  for (let at = 0; at < line.length; at++) {
    const char = line[at] as string
    if (char === '\\') at++
    else if (' \t\f=:'.includes(char)) return at
  }
  return line.length
}

function unescaped(text: string): string {
  const controls: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' }
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|([\s\S]))/g, (_, hex: string | undefined, char: string) =>
    hex === undefined ? (controls[char] ?? char) : String.fromCharCode(Number.parseInt(hex, 16)),
  )
}
