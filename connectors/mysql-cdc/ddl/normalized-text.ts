/**
 * A statement as Debezium records it: on MySQL texts in double quotes are put into single ones, and window functions'
 * names that are used as names are quoted; on MariaDB it is the text itself.
 */
import type { Dialect } from './dialect.ts'

const doubtful =
  /"|\b(?:CUME_DIST|DENSE_RANK|FIRST_VALUE|JSON_TABLE|LAG|LAST_VALUE|LEAD|NTH_VALUE|NTILE|PERCENT_RANK|RANK|ROW_NUMBER)\b/i
const functions =
  '(CUME_DIST|DENSE_RANK|FIRST_VALUE|JSON_TABLE|LAG|LAST_VALUE|LEAD|NTH_VALUE|NTILE|PERCENT_RANK|RANK|ROW_NUMBER)'
const types =
  '(?:VAR)?CHAR|INT|BIGINT|DECIMAL|NUMERIC|FLOAT|DOUBLE|JSON|TEXT|BLOB|DATE|DATETIME|TIMESTAMP|TIME|YEAR|ENUM|SET|BINARY|VARBINARY|BIT|BOOL|BOOLEAN'
const asTable = new RegExp(`\\b((?:CREATE|ALTER|DROP)\\s+TABLE\\s+)${functions}\\b`, 'gi')
const asColumn = new RegExp(`\\b${functions}(\\s+(?:${types}))\\b`, 'gi')

/** Comments, texts and quoted names, of which texts in double quotes are the second group. */
const quoted =
  /(--[^\n]*|#[^\n]*|\/\*(?!!)[\s\S]*?\*\/|'(?:''|[^'\\]|\\[\s\S])*'|`(?:``|[^`])*`)|"((?:[^"\\]|\\[\s\S]|"")*)"/g

export function normalizedText(sql: string, dialect: Dialect): string {
  if (dialect.server === 'mariadb' || dialect.ansiQuotes || dialect.noBackslashEscapes || !doubtful.test(sql))
    return sql
  let text = ''
  let end = 0
  for (const match of sql.matchAll(quoted)) {
    text += quoteNames(sql.slice(end, match.index))
    text += match[2] === undefined ? match[0] : `'${match[2].replaceAll("'", "''")}'`
    end = match.index + match[0].length
  }
  return text + quoteNames(sql.slice(end))
}

function quoteNames(sql: string): string {
  return sql.replaceAll(asTable, '$1`$2`').replaceAll(asColumn, '`$1`$2')
}
