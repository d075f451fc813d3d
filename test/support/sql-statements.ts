/** Splits a PostgreSQL script at each `;` outside of quotes, dollar quotes and comments. */
export function statements(script: string): readonly string[] {
  const found: string[] = []
  const token = /'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\w*)\$[\s\S]*?\$\1\$|--[^\n]*|;|[^'"$;-]+|[\s\S]/g
  let current = ''
  for (const [part] of script.matchAll(token)) {
    if (part === ';') {
      found.push(current)
      current = ''
    } else current += part
  }
  return [...found, current].map((each) => each.trim()).filter((each) => each !== '')
}

/**
 * Splits a script as MySQL's client does, which sends each statement by itself: the server keeps its text. MariaDB's
 * client leaves comments out of it.
 */
export function mysqlStatements(script: string, withComments: boolean): readonly string[] {
  const found: string[] = []
  const token =
    /'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|`[^`]*`|(\/\*(?![!M])[\s\S]*?\*\/|--(?=\s)[^\n]*|#[^\n]*)|;|[^'"`;/#-]+|[\s\S]/g
  let current = ''
  for (const [part, comment] of script.matchAll(token)) {
    if (part === ';') {
      found.push(current)
      current = ''
    } else if (comment === undefined || withComments) current += part
  }
  return [...found, current].map((each) => each.trim()).filter((each) => each !== '')
}
