import { expect, test } from 'vitest'
import { ByteBuffer } from '#bytes'
import { Notifier, SnapshotNotices } from '#cdc'
import type { Datum } from '#data'
import type { Logger } from '#observe'
import { jsonFormat } from '../../../../src/converters/json-format.ts'
import { JsonWriter } from '../../../../src/converters/json-writer.ts'
import { placeAt } from '../signals/rows.ts'

const lines: { readonly type?: string }[] = []
const log = { info: (fields: object) => void lines.push(fields) } as unknown as Logger
const writer = new JsonWriter(jsonFormat(false, true))

function json(datum: Datum): string {
  const out = new ByteBuffer()
  writer.enveloped(datum, out)
  return out.written().toString()
}

const keySchema =
  '{"type":"struct","fields":[{"type":"string","optional":false,"field":"id"}],"optional":false,"name":"io.debezium.connector.common.NotificationKey","version":1}'
const valueSchema =
  '{"type":"struct","fields":[{"type":"string","optional":false,"field":"id"},{"type":"string","optional":false,"field":"type"},{"type":"string","optional":false,"field":"aggregate_type"},{"type":"map","keys":{"type":"string","optional":false},"values":{"type":"string","optional":false},"optional":true,"field":"additional_data"},{"type":"int64","optional":false,"field":"timestamp"}],"optional":false,"name":"io.debezium.connector.common.Notification","version":1}'

test('records are those of Debezium, byte for byte', () => {
  const notifier = new Notifier({ server: 'p', topic: 'notes', logs: false, log })
  const data = {
    ...{ current_collection_in_progress: 'db.comp', maximum_key: '3,c', last_processed_key: '1,y' },
    data_collections: 'db.comp,db.nopk',
  }
  notifier.notify('Incremental Snapshot', 'IN_PROGRESS', data, 'sig-2')
  const [record] = notifier.drain(placeAt(3))
  const { key, value, from, topic, headers, partition } = record as NonNullable<typeof record>
  expect([topic, headers, partition, from.offset()]).toEqual(['notes', [], null, { pos: 3n }])
  expect(json(key)).toBe(`{"schema":${keySchema},"payload":{"id":"sig-2"}}`)
  expect(json(value).replace(/"timestamp":\d{13}/, '"timestamp":0')).toBe(
    `{"schema":${valueSchema},"payload":{"id":"sig-2","type":"IN_PROGRESS","aggregate_type":"Incremental Snapshot","additional_data":{"current_collection_in_progress":"db.comp","connector_name":"p","maximum_key":"3,c","last_processed_key":"1,y","data_collections":"db.comp,db.nopk"},"timestamp":0}}`,
  )
  expect(notifier.drain(placeAt(4))).toEqual([])
})

test('the steps of an initial snapshot', () => {
  const notifier = new Notifier({ server: 'p', topic: 'notes', logs: true, log })
  const notices = new SnapshotNotices(notifier)
  notices.started()
  notices.tables(['db.b', 'db.a'], ['db.a', 'db.b', 'db.signals'])
  notices.reading('db.a')
  notices.read('db.a', 3)
  notices.read('db.b', 0)
  notices.completed()
  const told = notifier.drain(placeAt(0)).map(({ value }) => {
    const { payload } = JSON.parse(json(value))
    return `${payload.type} ${JSON.stringify(payload.additional_data)}`
  })
  expect(told).toEqual([
    'STARTED {"connector_name":"p"}',
    'IN_PROGRESS {"current_collection_in_progress":"db.a","connector_name":"p","data_collections":"db.b,db.a"}',
    'TABLE_SCAN_COMPLETED {"scanned_collection":"db.a","connector_name":"p","total_rows_scanned":"3","data_collections":"db.a,db.b,db.signals","status":"SUCCEEDED"}',
    'TABLE_SCAN_COMPLETED {"scanned_collection":"db.b","connector_name":"p","total_rows_scanned":"0","data_collections":"db.a,db.b,db.signals","status":"EMPTY"}',
    'COMPLETED {"connector_name":"p"}',
  ])
  expect(lines.map(({ type }) => type)).toEqual([
    'STARTED',
    'IN_PROGRESS',
    'TABLE_SCAN_COMPLETED',
    'TABLE_SCAN_COMPLETED',
    'COMPLETED',
  ])
})

test('without a topic nothing waits', () => {
  const notifier = new Notifier({ server: 'p', topic: null, logs: false, log })
  notifier.notify('Initial Snapshot', 'STARTED')
  expect(notifier.waiting).toBe(false)
})
