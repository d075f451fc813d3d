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
