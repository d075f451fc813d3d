/** What a statement did to tables, as records: an event for each table that was emptied, and the schema changes. */
import { CellSlab, processingTime, type RowEvents, type TableVersion } from '#cdc'
import { datum, type Headers, type SourceOffset, type SourceRecord } from '#data'
import type { TableId } from '../ddl/index.ts'
import { type SchemaChange, schemaChangeRecord, schemaChangeSchemas } from '../history/index.ts'
import { MysqlSource, type SourceIdentity, sourceSchema, sourceStruct } from '../source-block.ts'
import type { Definition } from './barrier.ts'

export interface SchemaEventOptions {
  readonly identity: SourceIdentity
  readonly events: RowEvents
  /** Where schema changes go; null: nowhere (include.schema.changes=false). */
  readonly topic: string | null
  readonly headers: Headers
  /** include.schema.comments */
  readonly comments: boolean
  /** null: the table is not captured. */
  readonly versionOf: (id: TableId) => TableVersion | null
}

export type ChangeRecordOptions = Pick<SchemaEventOptions, 'identity' | 'topic' | 'headers' | 'comments'>

/** What a statement did. */
export interface Outcome {
  readonly changes: readonly SchemaChange[]
  readonly truncated: readonly TableId[]
}

/** Records of a statement: all but the last carry the position before it, so that a restart begins with it again. */
export function schemaEvents(
  options: SchemaEventOptions,
  definition: Definition,
  outcome: Outcome,
  before: SourceOffset,
  behind: SourceOffset,
): readonly SourceRecord[] {
  const records = [
    ...truncates(options, definition, outcome.truncated, before),
    ...changeRecords(options, definition, outcome.changes, before),
  ]
  const last = records.at(-1)
  return last === undefined ? records : [...records.slice(0, -1), { ...last, from: behind }]
}

const noRows = new CellSlab(Buffer.alloc(0), 0)

function truncates(
  { identity, events, versionOf }: SchemaEventOptions,
  { origin, pos, row }: Definition,
  ids: readonly TableId[],
  from: SourceOffset,
): SourceRecord[] {
  const out: SourceRecord[] = []
  const time = processingTime(Math.round((performance.timeOrigin + performance.now()) * 1000))
  const source = new MysqlSource(identity, origin, pos)
  for (const id of ids) {
    const table = versionOf(id)
    if (table !== null)
      events.truncate({ table, chunk: noRows, source, time, position: row, from, previous: from }, out)
  }
  return out
}

export function changeRecords(
  { identity, topic, headers, comments }: ChangeRecordOptions,
  { origin, pos, row }: Pick<Definition, 'origin' | 'pos' | 'row'>,
  found: readonly SchemaChange[],
  from: SourceOffset,
): SourceRecord[] {
  if (topic === null) return []
  const { server } = identity
  const schemas = schemaChangeSchemas(server, sourceSchema(server))
  return found.map((change) => {
    const tables = { database: change.databaseName, table: change.sourceTable }
    const source = sourceStruct(identity, origin, { pos, row }, tables, null)
    const { key, value } = schemaChangeRecord(schemas, change, source, BigInt(Date.now()), comments)
    return {
      topic,
      partition: 0,
      key: datum(schemas.key, key),
      value: datum(schemas.value, value),
      headers,
      timestamp: null,
      from,
    }
  })
}
