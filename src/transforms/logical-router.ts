/**
 * `ToLogicalTopicRouter`, which was called `ByLogicalTableRouter`: the events of many tables into one topic, under one
 * schema. The tables may have equal keys, so the key gets a field that tells where the row is from.
 */
import { type ConnectRecord, type Datum, datum, type NameAdjustment, nameAdjustment, Struct } from '#data'
import { scalar, type Schema, struct } from '#data'
import { ConfigError } from '#errors'
import {
  boolean,
  type Config,
  enumeration,
  int,
  javaRegex,
  javaReplacer,
  nonEmpty,
  parseConfig,
  regex,
  string,
  type TransformPlugin,
  version,
} from '#plugin'
import { changeEvent } from './change-event.ts'
import { basicsOf, perSchema } from './struct-change.ts'

const adjustments: readonly NameAdjustment[] = ['none', 'avro', 'avro_unicode']

const fieldsOf = (keyField: string, cache: string) => ({
  'topic.regex': string({
    doc: 'A Java regular expression for the whole name of a topic. Other topics are left alone.',
    validate: regex,
    importance: 'LOW',
  }),
  'topic.replacement': string({
    doc: `The new name; $1 and \${name} stand for groups of the expression.`,
    validate: nonEmpty,
    importance: 'LOW',
  }),
  'key.enforce.uniqueness': boolean({
    default: true,
    doc: 'Whether the key gets a field that tells which topic the event was for.',
    importance: 'LOW',
  }),
  'key.field.name': string({
    default: keyField,
    doc: 'The name of that field.',
    validate: nonEmpty,
    importance: 'LOW',
  }),
  'key.field.regex': string({
    default: null,
    doc: 'A Java regular expression for the whole name of the topic: the field holds what key.field.replacement makes of it.',
    validate: (value, name) => (value === null ? null : regex(value, name)),
    importance: 'LOW',
  }),
  'key.field.replacement': string({
    default: null,
    doc: `What the field holds; $1 and \${name} stand for groups of key.field.regex.`,
    importance: 'LOW',
  }),
  'schema.name.adjustment.mode': enumeration({
    values: adjustments,
    default: 'none',
    doc: 'How names of schemas are made to fit: none, avro (underscores for what Avro does not allow), avro_unicode (_uXXXX).',
    importance: 'LOW',
  }),
  [cache]: int({
    default: 16,
    doc: 'Without effect: what was made is kept for each schema as long as that is in use.',
    importance: 'LOW',
  }),
})

type Fields = ReturnType<typeof fieldsOf>

export const toLogicalTopicRouter = router(
  'io.debezium.transforms.ToLogicalTopicRouter',
  fieldsOf('__dbz__sourceIdentifier', 'logical.destination.cache.size'),
)

export const byLogicalTableRouter = router(
  'io.debezium.transforms.ByLogicalTableRouter',
  fieldsOf('__dbz__physicalTableIdentifier', 'logical.table.cache.size'),
)

function router(javaClass: string, fields: Fields): TransformPlugin {
  return {
    ...{ kind: 'transformation', javaClass, aliases: [], version, config: fields },
    create(raw) {
      const config = parseConfig(fields, raw)
      const routed = rewrite('topic', config['topic.regex'], config['topic.replacement'])
      const adjust = nameAdjustment(config['schema.name.adjustment.mode'], 'schema')
      const origin = originOf(config)
      const known = new Map<string, Route | null>()
      return (record) => {
        let route = known.get(record.topic)
        if (route === undefined) {
          // A replacement that leaves nothing leaves the topic as it was.
          const topic = routed(record.topic)
          const renamed = topic === '' ? record.topic : topic
          route = renamed === null ? null : routeTo(renamed, origin(record.topic), adjust)
          known.set(record.topic, route)
        }
        return route === null ? record : { ...record, ...route(record) }
      }
    },
  }
}

/** null: the name does not match as a whole. */
function rewrite(what: string, pattern: string, replacement: string): (topic: string) => string | null {
  const whole = javaRegex(pattern, { whole: true })
  try {
    const replace = javaReplacer(pattern, replacement)
    return (topic) => (whole.test(topic) ? replace(topic) : null)
  } catch (cause) {
    throw new ConfigError(`Invalid value ${replacement} for configuration ${what}.replacement`, { cause })
  }
}

interface Origin {
  readonly field: string
  readonly text: string
}

/** What the key says of the topic that an event was for; null: nothing. */
function originOf(config: Config<Fields>): (topic: string) => Origin | null {
  const { 'key.field.regex': pattern, 'key.field.replacement': replacement, 'key.field.name': field } = config
  if (!config['key.enforce.uniqueness']) return () => null
  if ((pattern === null) !== (replacement === null))
    throw new ConfigError('key.field.regex and key.field.replacement must be set together, or not at all')
  if (pattern === null || replacement === null) return (topic) => ({ field, text: topic })
  const part = rewrite('key.field', pattern, replacement)
  return (topic) => ({ field, text: part(topic) || topic })
}

type Route = (record: ConnectRecord) => Pick<ConnectRecord, 'topic' | 'key' | 'value'>

function routeTo(topic: string, origin: Origin | null, adjust: (name: string) => string): Route {
  const keyed = perSchema((schema) => {
    const pairs = schema.fields.map((field) => [field.name, field.schema] as const)
    const more = origin === null ? [] : [[origin.field, scalar('string')] as const]
    return struct([...pairs, ...more], { ...basicsOf(schema), name: adjust(`${topic}.Key`) })
  })
  const enveloped = perSchema((schema) => {
    const row = perSchema((each) => each.with({ name: adjust(`${topic}.Value`) }))
    const pairs = schema.fields.map(
      ({ name, schema: each }) => [name, isRow(name) ? row(each) : each] as const,
    )
    return struct(pairs, { ...basicsOf(schema), name: adjust(`${topic}.Envelope`) })
  })
  const keyOf = (key: Datum): Datum => {
    const held = key.value()
    if (!(held instanceof Struct)) return key
    const schema = keyed(held.schema)
    return datum(schema, new Struct(schema, [...held.values, ...(origin === null ? [] : [origin.text])]))
  }
  return (record) => {
    const event = changeEvent(record)
    const key = keyOf(record.key)
    return { topic, key, value: event === null ? record.value : renamed(event, enveloped(event.schema)) }
  }
}

const isRow = (field: string): boolean => field === 'before' || field === 'after'

function renamed(event: Struct, schema: Schema): Datum {
  const values = schema.fields.map((field, index) => {
    const value = event.values[index] ?? null
    return isRow(field.name) && value instanceof Struct ? new Struct(field.schema, value.values) : value
  })
  return datum(schema, new Struct(schema, values))
}
