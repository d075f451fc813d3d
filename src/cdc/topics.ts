/**
 * Names of topics. A table's is the prefix and the table's own names, joined by the delimiter; what Kafka does not
 * allow in a topic becomes `_`, and schema names are made of the sanitized name, as Debezium's are.
 * topic.naming.strategy says which of the table's own names count (`Default…`: the database, `Schema…`: the schema)
 * and what else becomes of the name: `…Unicode…` writes `_uXXXX` instead, `…Regex…` lets tables share a topic, with
 * their origin in one more field of the key.
 */
import { ConfigError, messageOf } from '#errors'
import { boolean, javaClass, javaRegex, javaReplacer, regex, string, type Validator } from '#plugin'

const MAX_LENGTH = 249

/** One `_` for each UTF-16 unit that Kafka does not allow. */
export function sanitizeTopic(name: string): string {
  return bounded(name.replace(/[^A-Za-z0-9._-]/g, '_'))
}

/** `_uXXXX` for each such unit, and for `_` itself: no two names become one. */
function escapeTopic(name: string): string {
  return bounded(
    name.replace(/[^A-Za-z0-9.-]/g, (unit) => `_u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  )
}

function bounded(name: string): string {
  const cut = name.slice(0, MAX_LENGTH)
  return cut === '.' || cut === '..' ? cut.replaceAll('.', '_') : cut
}

const strategies = ['', 'Regex', 'Unicode'].flatMap((kind) =>
  ['Default', 'Schema'].map((level) => `io.debezium.schema.${level}${kind}TopicNamingStrategy`),
)

const knownStrategy: Validator<string> = (value) =>
  value === null || strategies.includes(value)
    ? null
    : `no such strategy is built in, and classes of Java are not loaded; there are ${strategies.join(', ')}`

const optionalRegex: Validator<string> = (value, name) => (value === null ? null : regex(value, name))

const group = 'Topics'

export const topicFields = {
  'topic.naming.strategy': javaClass({
    default: null,
    group,
    validate: knownStrategy,
    doc: 'How topics are named: a class of `io.debezium.schema`, one of {Default, Schema}{, Regex, Unicode}TopicNamingStrategy.',
  }),
  'topic.delimiter': string({ default: '.', group, doc: 'What joins the parts of a topic name.' }),
  'topic.heartbeat.prefix': string({
    default: '__debezium-heartbeat',
    group,
    doc: 'The heartbeat topic is named by it, the delimiter and topic.prefix.',
  }),
  'topic.heartbeat.name': string({
    default: null,
    group,
    doc: 'The whole name of the heartbeat topic.',
  }),
  'topic.transaction': string({
    default: 'transaction',
    importance: 'LOW',
    group,
    doc: 'The second part of the name of the topic for transaction metadata.',
  }),
  'topic.regex': string({
    default: null,
    group,
    validate: optionalRegex,
    doc: 'With a Regex strategy: topics that it matches as a whole get the name topic.replacement.',
  }),
  'topic.replacement': string({
    default: null,
    group,
    doc: 'The name of these topics, with `$1` for groups of topic.regex.',
  }),
  'topic.key.enforce.uniqueness': boolean({
    default: true,
    importance: 'LOW',
    group,
    doc: 'With a Regex strategy: whether the keys get one more field, which tells tables apart that share a topic.',
  }),
  'topic.key.field.name': string({
    default: '__dbz__physicalTableIdentifier',
    importance: 'LOW',
    group,
    doc: 'The name of that field.',
  }),
  'topic.key.field.regex': string({
    default: null,
    importance: 'LOW',
    group,
    validate: optionalRegex,
    doc: "What to take of the table's topic for that field; unset: the whole name of that topic.",
  }),
  'topic.key.field.replacement': string({
    default: null,
    importance: 'LOW',
    group,
    doc: 'The value of that field, with `$1` for groups of topic.key.field.regex.',
  }),
}

/** The settings of `topicFields`; of a strategy only what it needs. */
export interface TopicSettings {
  readonly 'topic.prefix': string
  readonly 'topic.delimiter': string
  readonly 'topic.heartbeat.prefix': string
  readonly 'topic.heartbeat.name': string | null
  readonly 'topic.transaction': string
  readonly 'topic.naming.strategy'?: string | null
  readonly 'topic.regex'?: string | null
  readonly 'topic.replacement'?: string | null
  readonly 'topic.key.enforce.uniqueness'?: boolean
  readonly 'topic.key.field.name'?: string
  readonly 'topic.key.field.regex'?: string | null
  readonly 'topic.key.field.replacement'?: string | null
}

/** A field of the key that is the same for all rows of a table. */
export interface KeyField {
  readonly name: string
  readonly value: string
}

export interface TopicNames {
  /** `path`: the database or the schema, then the table. */
  table(...path: readonly string[]): string
  /** What tells the table apart from others in its topic; null: nothing needs to. */
  keyField(...path: readonly string[]): KeyField | null
  readonly heartbeat: string
  readonly message: string
  readonly transaction: string
}

/** What a connector's tables are in: its native strategy names that, the other one leaves it out. */
export type TableLevel = 'Default' | 'Schema'

/** Throws a ConfigError for settings that do not fit together. */
export function topicNames(settings: TopicSettings, native: TableLevel = 'Schema'): TopicNames {
  const { 'topic.prefix': prefix, 'topic.delimiter': delimiter } = settings
  const strategy = settings['topic.naming.strategy'] ?? null
  const whole = strategy === null || strategy.startsWith(`io.debezium.schema.${native}`)
  const join = (...parts: readonly string[]) => parts.join(delimiter)
  const origin = (path: readonly string[]) => join(prefix, ...(whole ? path : path.slice(-1)))
  const named = strategy?.includes('Unicode') ? escapeTopic : sanitizeTopic
  const isRegex = strategy?.includes('Regex') ?? false
  const routed = isRegex ? replacing('topic.regex', 'topic.replacement', settings) : null
  const field = isRegex ? keyField(settings) : null
  return {
    table: (...path) => {
      const name = named(origin(path))
      const other = routed?.(name) ?? ''
      return other === '' ? name : sanitizeTopic(other)
    },
    keyField: (...path) => field?.(origin(path)) ?? null,
    heartbeat:
      settings['topic.heartbeat.name'] ?? sanitizeTopic(join(settings['topic.heartbeat.prefix'], prefix)),
    message: sanitizeTopic(join(prefix, 'message')),
    transaction: sanitizeTopic(join(prefix, settings['topic.transaction'])),
  }
}

function keyField(settings: TopicSettings): ((topic: string) => KeyField) | null {
  if (settings['topic.key.enforce.uniqueness'] === false) return null
  const name = settings['topic.key.field.name'] ?? topicFields['topic.key.field.name'].default ?? ''
  const value =
    (settings['topic.key.field.regex'] ?? null) === null
      ? (topic: string) => topic
      : replacing('topic.key.field.regex', 'topic.key.field.replacement', settings)
  return (topic) => ({ name, value: value(topic) })
}

/** What the expression matches as a whole is replaced, anything else stays. */
function replacing(
  pattern: 'topic.regex' | 'topic.key.field.regex',
  replacement: 'topic.replacement' | 'topic.key.field.replacement',
  settings: TopicSettings,
): (name: string) => string {
  const [from, to] = [settings[pattern] ?? '', settings[replacement] ?? '']
  for (const [property, value] of [
    [pattern, from],
    [replacement, to],
  ] as const)
    if (value === '')
      throw new ConfigError(
        `${property} must be set for topic.naming.strategy=${settings['topic.naming.strategy']}.`,
      )
  const whole = javaRegex(from, { whole: true })
  try {
    const replace = javaReplacer(from, to)
    return (name) => (whole.test(name) ? replace(name) : name)
  } catch (error) {
    throw new ConfigError(`Invalid value ${to} for configuration ${replacement}: ${messageOf(error)}`)
  }
}
