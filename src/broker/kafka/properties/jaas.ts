/**
 * One line of JAAS, as `sasl.jaas.config` holds it:
 *
 *   line   := module flag { name "=" value } ";"
 *   value  := quoted by " or ', where a backslash takes the next character as it is; or anything up to a blank or ";"
 *
 * Nothing of it is ever cited: it holds a password.
 */
import { ConfigError } from '#errors'

export interface JaasLine {
  /** A class name of Java. */
  readonly module: string
  readonly options: ReadonlyMap<string, string>
}

const token = /\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([=;])|([^\s=;"']+))/gsy
const flags = ['required', 'requisite', 'sufficient', 'optional']

export function parseJaas(text: string): JaasLine {
  const tokens = tokensOf(text.trim())
  const [module, flag] = tokens
  if (module === undefined || flag === undefined || !flags.includes(flag.toLowerCase())) throw unreadable()
  const options = new Map<string, string>()
  let at = 2
  for (; tokens[at] !== ';'; at += 3) {
    const [name, equals, value] = tokens.slice(at, at + 3)
    if (name === undefined || equals !== '=' || value === undefined) throw unreadable()
    options.set(name, value.startsWith('"') ? value.slice(1) : value)
  }
  if (at !== tokens.length - 1) throw unreadable()
  return { module, options }
}

/** What stood in quotes begins with a quote, so that it is no sign. */
function tokensOf(text: string): string[] {
  const tokens: string[] = []
  token.lastIndex = 0
  while (token.lastIndex < text.length) {
    const match = token.exec(text)
    if (match === null) throw unreadable()
    const [, double, single, sign, word] = match
    const quoted = double ?? single
    tokens.push(quoted === undefined ? (sign ?? word ?? '') : `"${quoted.replace(/\\(.)/gs, '$1')}`)
  }
  return tokens
}

function unreadable(): ConfigError {
  return new ConfigError(
    'Invalid value [hidden] for configuration sasl.jaas.config: it is not one line of JAAS.',
    {
      remedy:
        'It reads: org.apache.kafka.common.security.scram.ScramLoginModule required username="…" password="…";',
    },
  )
}
