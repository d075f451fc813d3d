/** The sink of the demo, as a user would POST it; sources are each database's own. */
import type { DemoDatabase } from './database.ts'

export interface ConnectorRequest {
  readonly name: string
  readonly config: Readonly<Record<string, string>>
}

export function sinkRequest({ server, target, topic }: DemoDatabase): ConnectorRequest {
  return {
    name: 'warehouse-sink',
    config: {
      'connector.class': 'jdbc-sink',
      'connection.url': target,
      'connection.user': server.user,
      'connection.password': server.password,
      topics: topic,
      'table.name.format': 'orders',
      'insert.mode': 'upsert',
      'pk.mode': 'record_key',
      'pk.fields': 'id',
      'delete.enabled': 'true',
      'auto.create': 'true',
      transforms: 'unwrap',
      'transforms.unwrap.type': 'io.debezium.transforms.ExtractNewRecordState',
      'transforms.unwrap.delete.tombstone.handling.mode': 'tombstone',
      'consumer.override.max.poll.records': '2000',
    },
  }
}
