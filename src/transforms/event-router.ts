/**
 * Debezium's `EventRouter`: the rows of an outbox table as events of their own. The row says what the key, the value,
 * the headers and the topic are. Deletes and tombstones are dropped, updates are not meant to be; what is no change
 * event passes.
 */
import {
  type ConnectRecord,
  type Datum,
  datum,
  type Field,
  type Header,
  nothing,
  Struct,
  struct,
} from '#data'
import { ConfigError, ConnectError, DataError } from '#errors'
import {
  type Config,
  javaRegex,
  javaReplacer,
  parseConfig,
  type RawConfig,
  type Transform,
  type TransformPlugin,
  version,
} from '#plugin'
import { changeEvent, structIn } from './change-event.ts'
import { outboxFields } from './event-router-fields.ts'
import { expandJson, type JsonRules } from './json-payload.ts'
import { type Placement, placements } from './outbox-placement.ts'
import { perSchema } from './struct-change.ts'
import { millisecondsOf } from './temporal.ts'

type Settings = Config<typeof outboxFields>

export const eventRouter: TransformPlugin = {
  kind: 'transformation',
  javaClass: 'io.debezium.transforms.outbox.EventRouter',
  aliases: ['outbox'],
  version,
  config: outboxFields,
  create(raw): Transform {
    refuseTracing(raw)
    const config = parseConfig(outboxFields, raw)
    const router = new OutboxRouter(config)
    const fatal = config['table.op.invalid.behavior'] === 'fatal'
    return <R extends ConnectRecord>(record: R): R | null => {
      const { schema } = record.value
      if (schema === null && record.value.value() === null) return null
      if (schema?.name?.endsWith('.Envelope') !== true) return record
      const event = changeEvent(record)
      const op = event?.raw('op')
      const row = event === null ? null : structIn(event, 'after')
      if (event === null || op === 'd') return null
      if (op !== 'u' && row !== null) return { ...record, ...router.route(record, event, row) }
      if (!fatal) return null
      throw new ConnectError(
        `Unexpected operation ${String(op)} in the outbox of the topic ${record.topic}.`,
        {
          remedy: 'Only insert into the outbox and delete from it, or set table.op.invalid.behavior to warn.',
        },
      )
    }
  },
}

/** OpenTelemetry's context is a matter of the Java agent that Debezium runs with. */
function refuseTracing(raw: RawConfig): void {
  const given = Object.keys(raw).find((key) => key.startsWith('tracing.'))
  if (given === undefined) return
  throw new ConfigError(`${given} is not supported: there is no OpenTelemetry here.`, {
    remedy: 'Remove it; a tracing context in a column can be placed with table.fields.additional.placement.',
  })
}

class OutboxRouter {
  readonly #config: Settings
  readonly #placements: Placement
  readonly #rules: JsonRules
  readonly #topic: (value: string) => string

  constructor(config: Settings) {
    this.#config = config
    this.#placements = placements(
      config['table.fields.additional.placement'],
      config['table.field.additional.missing'] === 'ignore',
    )
    this.#rules = {
      keepsNulls: config['table.json.payload.null.behavior'] === 'optional_bytes',
      keepsEmptyArrays: config['table.json.payload.empty.array.behavior'] === 'optional_string',
    }
    const whole = javaRegex(config['route.topic.regex'], { whole: true })
    const replace = javaReplacer(config['route.topic.regex'], config['route.topic.replacement'])
    this.#topic = (value) => (whole.test(value) ? replace(value) : value)
  }

  route(record: ConnectRecord, event: Struct, row: Struct): ConnectRecord {
    const config = this.#config
    const id = need(row, config['table.field.event.id'], 'Event ID field')
    const payload = need(row, config['table.field.event.payload'], 'payload field')
    const by = row.get(need(row, config['route.by.field'], 'routeByField').name)
    if (typeof by !== 'string')
      throw new DataError(`${config['route.by.field']}, the field that routes an event, holds no text`)
    const headers = [...record.headers, headerOf('id', row, id), ...this.#placements.headers(row)]
    return {
      topic: this.#topic(by),
      partition: this.#placements.partition(row) ?? record.partition,
      key: this.#key(record, row),
      value: this.#value(row, payload, by),
      headers,
      timestamp: this.#timestamp(event, row),
    }
  }

  #key(record: ConnectRecord, row: Struct): Datum {
    const name = this.#config['table.field.event.key'] ?? ''
    if (name === '') return record.key
    const value = row.get(need(row, name, 'Event key field').name)
    return value === null ? record.key : datum(row.schema.field(name)?.schema ?? null, value)
  }

  #value(row: Struct, field: Field, by: string): Datum {
    const { 'table.expand.json.payload': expands, 'route.tombstone.on.empty.payload': tombstones } =
      this.#config
    const held = row.get(field.name)
    if (tombstones && isEmpty(held)) return nothing
    const expanded = expands && typeof held === 'string' ? expandJson('payload', held, this.#rules) : null
    const payload = expanded ?? { schema: field.schema, value: held }
    const envelope = this.#placements.envelope(row)
    if (envelope === null) return datum(payload.schema, payload.value)
    const schema = this.#envelopeSchema(row, by)(payload.schema)
    return datum(schema, new Struct(schema, [payload.value, ...envelope.map(({ value }) => value)]))
  }

  /** One schema for all events of a table that have the same type and version, and a payload of the same schema. */
  readonly #schemas = new Map<string, ReturnType<typeof envelopeSchemas>>()

  #envelopeSchema(row: Struct, by: string) {
    const name = this.#config['table.field.event.schema.version']
    const number = name === null ? null : Number(row.get(need(row, name, 'schema version field').name))
    const key = `${number}:${by}`
    let made = this.#schemas.get(key)
    if (made === undefined) this.#schemas.set(key, (made = envelopeSchemas(this.#placements, by, number)))
    return made(row)
  }

  #timestamp(event: Struct, row: Struct): bigint | null {
    const name = this.#config['table.field.event.timestamp']
    if (name === null || name === '') return event.raw('ts_ms') as bigint | null
    const field = need(row, name, 'timestamp field')
    const value = row.get(name)
    return value === null ? null : millisecondsOf(field.schema, value)
  }
}

function envelopeSchemas(placement: Placement, by: string, number: number | null) {
  const byRow = perSchema((rowSchema) => {
    const name = `${rowSchema.name?.replace(/\.Value$/, '') ?? ''}.${by}.Value`
    const row = new Struct(rowSchema)
    return perSchema((payload) => {
      const more = (placement.envelope(row) ?? []).map((each) => [each.name, each.schema] as const)
      return struct([['payload', payload], ...more], { name, version: number })
    })
  })
  return (row: Struct) => byRow(row.schema)
}

const isEmpty = (payload: unknown): boolean =>
  payload === null || payload === '' || (payload instanceof Uint8Array && payload.length === 0)

function need(row: Struct, name: string, what: string): Field {
  const field = row.schema.field(name)
  if (field !== undefined) return field
  throw new DataError(`Unable to find ${what} ${name} in event`)
}

function headerOf(key: string, row: Struct, { name, schema }: Field): Header {
  return { key, value: datum(schema, row.get(name)) }
}
