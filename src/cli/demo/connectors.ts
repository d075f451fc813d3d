/** The two connectors of the demo, as a user would POST them. */
import { type DemoPostgres, slotName } from './postgres.ts'

export interface ConnectorRequest {
  readonly name: string
  readonly config: Readonly<Record<string, string>>
}

export function sourceRequest({ host, port, user, password, shop }: DemoPostgres): ConnectorRequest {
  return {
    name: 'shop-source',
    config: {
      'connector.class': 'postgres-cdc',
      'database.hostname': host,
      'database.port': String(port),
      'database.user': user,
      'database.password': password,
      'database.dbname': shop,
      'topic.prefix': 'shop',
      'table.include.list': 'public.orders',
      'plugin.name': 'pgoutput',
      'slot.name': slotName,
      'publication.autocreate.mode': 'filtered',
    },
  }
}

export function sinkRequest({ host, port, user, password, warehouse }: DemoPostgres): ConnectorRequest {
  return {
    name: 'warehouse-sink',
    config: {
      'connector.class': 'jdbc-sink',
      'connection.url': `jdbc:postgresql://${host}:${port}/${warehouse}`,
      'connection.user': user,
      'connection.password': password,
      topics: 'shop.public.orders',
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
