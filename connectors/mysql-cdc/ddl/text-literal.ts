/** String literals in the form in which the schema history keeps them. */
import type { Dialect } from './dialect.ts'

/**
 * What stands between the quotes of a literal when they are single and backslashes escape. On MariaDB Debezium leaves
 * single quotes between double ones alone.
 */
export function recordedText(literal: string, dialect: Dialect): string {
  const quote = literal.at(-1) as string
  let body = literal.slice(literal.indexOf(quote) + 1, -1)
  if (dialect.noBackslashEscapes) body = body.replaceAll('\\', '\\\\')
  if (quote === "'") return body
  body = body.replaceAll('""', '"')
  return dialect.server === 'mysql' ? body.replaceAll("'", "''") : body
}
