/**
 * Text to typed values, by Connect's rules: texts are trimmed, lists split on commas, booleans read in any case, and
 * every problem has the wording that Connect's clients know. A value that cannot be read counts as null from then on,
 * so its validator may add a second message (`tasks.max=abc` has two).
 */
import { ConfigError } from '#errors'
import type { Config, ConfigField, ConfigFields, RawConfig, SubmittedConfig } from './config.ts'
import { withoutSecrets } from './secrets-in-text.ts'

/** One property of a `config/validate` answer. */
export interface ConfigValue {
  readonly name: string
  /** As text, passwords as `[hidden]`; null where there is no value or none that can be read. */
  readonly value: string | null
  readonly errors: readonly string[]
  readonly recommended: readonly string[]
  readonly visible: boolean
}

/** The typed configuration. The first problem is thrown as a ConfigError; unknown keys are left alone. */
export function parseConfig<F extends ConfigFields>(fields: F, raw: RawConfig): Config<F> {
  const parsed: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(fields)) {
    const { value, errors } = readField(name, field, raw)
    if (errors[0] !== undefined) throw new ConfigError(errors[0])
    parsed[name] = typeof value === 'string' && field.canonical !== null ? field.canonical(value) : value
  }
  return parsed as Config<F>
}

/** Every property with its value and all its problems, in the order of the fields. */
export function validateConfig(fields: ConfigFields, raw: SubmittedConfig): ConfigValue[] {
  return Object.entries(fields).map(([name, field]) => {
    const { value, errors } = readField(name, field, raw)
    return { name, value: shown(field, value), errors, recommended: field.recommended, visible: true }
  })
}

/** The keys of `raw` that neither a field nor a prefix covers: what a connector must refuse or warn about by name. */
export function unknownKeys(
  raw: SubmittedConfig,
  fields: readonly ConfigFields[],
  prefixes: readonly string[] = [],
): string[] {
  return Object.keys(raw).filter(
    (key) =>
      !fields.some((each) => Object.hasOwn(each, key)) && !prefixes.some((prefix) => key.startsWith(prefix)),
  )
}

/** A value as `config/validate` shows it: without secrets (invariant 7). */
export function shown(field: ConfigField, value: unknown): string | null {
  if (value === null || value === undefined) return null
  if (field.type === 'PASSWORD') return '[hidden]'
  if (Array.isArray(value)) return value.map((each) => withoutSecrets(String(each))).join(',')
  if (field.type === 'DOUBLE' && Number.isInteger(value)) return `${value as number}.0`
  return withoutSecrets(String(value))
}

function readField(
  name: string,
  field: ConfigField,
  raw: SubmittedConfig,
): { value: unknown; errors: readonly string[] } {
  const errors: string[] = []
  let value: unknown = null
  if (Object.hasOwn(raw, name)) {
    const text = raw[name] ?? null
    const read = text === null ? { value: null, problem: null } : readText(text, field)
    value = read.value
    if (read.problem !== null) errors.push(invalid(name, field, text, read.problem))
  } else if (field.default === undefined)
    errors.push(`Missing required configuration "${name}" which has no default value.`)
  else value = field.default
  const finding = field.validate?.(value, name) ?? null
  if (typeof finding === 'string') errors.push(invalid(name, field, value, finding))
  else if (finding !== null) errors.push(...finding)
  return { value, errors }
}

/** Connect's text for a value that will not do. */
export function invalid(name: string, field: ConfigField, value: unknown, reason: string): string {
  const text =
    field.type === 'PASSWORD' && value !== null
      ? '[hidden]'
      : Array.isArray(value)
        ? `[${value.map((each) => withoutSecrets(String(each))).join(', ')}]`
        : value === null
          ? 'null'
          : withoutSecrets(String(value))
  return `Invalid value ${text} for configuration ${name}${reason === '' ? '' : `: ${reason}`}`
}

interface ReadText {
  readonly value: unknown
  readonly problem: string | null
}

/** Java's `trim`: everything up to the space. */
export function trimmed(text: string): string {
  let from = 0
  let to = text.length
  while (from < to && text.charCodeAt(from) <= 32) from++
  while (to > from && text.charCodeAt(to - 1) <= 32) to--
  return text.slice(from, to)
}

function readText(given: string, field: ConfigField): ReadText {
  const text = trimmed(given)
  if (field.read !== null) {
    const read = field.read(text)
    return 'problem' in read ? { value: null, problem: read.problem } : { value: read.value, problem: null }
  }
  switch (field.type) {
    case 'BOOLEAN': {
      const lower = text.toLowerCase()
      if (lower === 'true' || lower === 'false') return { value: lower === 'true', problem: null }
      return { value: null, problem: 'Expected value to be either true or false' }
    }
    case 'INT':
      return integer(text, 'INT', 2n ** 31n)
    case 'SHORT':
      return integer(text, 'SHORT', 2n ** 15n)
    case 'LONG':
      return integer(text, 'LONG', 2n ** 63n)
    case 'DOUBLE':
      return real(text)
    case 'LIST':
      return { value: text === '' ? [] : text.split(/[ \t\n\v\f\r]*,[ \t\n\v\f\r]*/), problem: null }
    default:
      return { value: text, problem: null }
  }
}

function integer(text: string, type: string, bound: bigint): ReadText {
  if (/^[-+]?\d+$/.test(text)) {
    const value = BigInt(text.replace(/^\+/, ''))
    if (value >= -bound && value < bound) return { value: Number(value), problem: null }
  }
  return { value: null, problem: `Not a number of type ${type}` }
}

function real(text: string): ReadText {
  const digits = /^([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)[dDfF]?$/.exec(text)?.[1]
  if (digits !== undefined) return { value: Number(digits), problem: null }
  const special = /^([-+]?)(NaN|Infinity)$/.exec(text)
  if (special !== null)
    return { value: Number(`${special[1] === '-' ? '-' : ''}${special[2]}`), problem: null }
  return { value: null, problem: 'Not a number of type DOUBLE' }
}
