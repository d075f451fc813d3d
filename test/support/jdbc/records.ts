/** Schemas and records that the tests of the JDBC sinks share. */
import {
  datum,
  type Headers,
  noHeaders,
  nothing,
  type Schema,
  type SinkRecord,
  scalar,
  Struct,
  struct,
} from '#data'

export const optional = { optional: true } as const
export const connectType = (name: string, parameters: Record<string, string> | null = null) => ({
  ...optional,
  name: `org.apache.kafka.connect.data.${name}`,
  version: 1,
  parameters,
})
export const debeziumType = (name: string, parameters: Record<string, string> | null = null) => ({
  ...optional,
  name: `io.debezium.${name}`,
  version: 1,
  parameters,
})

export const idKey = struct([['id', scalar('int32')]], { name: 'srv.person.Key' })

export function keyed(id: number): Struct {
  return new Struct(idKey, [id])
}

export interface RecordParts {
  readonly topic?: string
  readonly offset: number
  readonly key?: Struct | null
  readonly value: Struct | null
  /** For a value that is null but has a schema. */
  readonly valueSchema?: Schema
  readonly headers?: Headers
}

export function recordOf({ topic = 't', offset, key, value, valueSchema, headers }: RecordParts): SinkRecord {
  return {
    topic,
    partition: 0,
    offset: BigInt(offset),
    timestamp: 1_700_000_000_000n,
    headers: headers ?? noHeaders,
    origin: { topic, partition: 0 },
    key: key === undefined || key === null ? nothing : datum(key.schema, key),
    value: value === null ? datum(valueSchema ?? null, null) : datum(value.schema, value),
  }
}

const source = struct(
  [
    ['db', scalar('string')],
    ['schema', scalar('string')],
    ['table', scalar('string')],
  ],
  { name: 'io.debezium.connector.postgresql.Source' },
)

/** One envelope schema per row schema, as a source makes them. */
const envelopes = new Map<Schema, Schema>()

export function envelope(op: string, row: Schema, before: Struct | null, after: Struct | null): Struct {
  let schema = envelopes.get(row)
  if (schema === undefined) {
    const side = row.with({ optional: true })
    schema = struct(
      [
        ['before', side],
        ['after', side],
        ['source', source],
        ['op', scalar('string')],
      ],
      {
        name: 'srv.person.Envelope',
      },
    )
    envelopes.set(row, schema)
  }
  return new Struct(schema, [before, after, new Struct(source, ['shop', 'public', 'person']), op])
}
