/**
 *   set := SET assignment (',' assignment)*
 *
 * Read from behind SET. Only the server's character set matters: databases without one of their own have it.
 */
import { charsetOfCollationName } from './charset-clause.ts'
import { isStatementEnd, pass } from './reading.ts'
import type { StatementBody } from './statement.ts'
import type { Tokens } from './tokens.ts'

const charsetVariable = /^(?:@@(?:GLOBAL\.|SESSION\.)?)?CHARACTER_SET_SERVER$/
const collationVariable = /^(?:@@(?:GLOBAL\.|SESSION\.)?)?COLLATION_SERVER$/

export function setStatement(tokens: Tokens): StatementBody {
  let charset: string | null = null
  let collation: string | null = null
  while (!isStatementEnd(tokens)) {
    const variable = tokens.upper
    pass(tokens)
    if (tokens.upper === ':') tokens.next()
    if (tokens.upper !== '=') continue
    tokens.next()
    if (charsetVariable.test(variable)) charset = assigned(tokens)
    else if (collationVariable.test(variable)) collation = charsetOfCollationName(assigned(tokens))
  }
  return { kind: 'set', serverCharset: charset ?? collation }
}

function assigned(tokens: Tokens): string {
  return tokens.text.replaceAll(/^['"]|['"]$/g, '').toLowerCase()
}
