/** A schema change that a snapshot tells of. */
import { datum, type SourceOffset, type SourceRecord } from '#data'
import { type SchemaChange, schemaChangeRecord, schemaChangeSchemas } from '../history/index.ts'
import type { LogPlace } from '../offset.ts'
import { sourceSchema, sourceStruct } from '../source-block.ts'
import type { SnapshotParts } from './options.ts'

export interface Announcement {
  readonly place: LogPlace
  readonly timeMs: number
  readonly snapshot: 'true' | 'last'
  readonly from: SourceOffset
}

export function schemaRecord(
  parts: Pick<SnapshotParts, 'identity' | 'schemaTopic' | 'headers' | 'comments'>,
  change: SchemaChange,
  { place, timeMs, snapshot, from }: Announcement,
): SourceRecord {
  const { identity, schemaTopic, headers, comments } = parts
  const schemas = schemaChangeSchemas(identity.server, sourceSchema(identity.server))
  const origin = { time: timeMs * 1000, serverId: 0, gtid: null, file: place.file, thread: null }
  const tables = { database: change.databaseName, table: change.sourceTable }
  const source = sourceStruct(identity, origin, { pos: place.pos, row: 0 }, tables, snapshot)
  const { key, value } = schemaChangeRecord(schemas, change, source, BigInt(timeMs), comments)
  return {
    topic: schemaTopic ?? '',
    partition: 0,
    key: datum(schemas.key, key),
    value: datum(schemas.value, value),
    headers,
    timestamp: null,
    from,
  }
}
