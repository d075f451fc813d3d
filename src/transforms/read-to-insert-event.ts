/** Debezium's `ReadToInsertEvent`: the rows of a snapshot as inserts. */
import { type ConnectRecord, datum, Struct } from '#data'
import { type TransformPlugin, version } from '#plugin'
import { changeEvent } from './change-event.ts'

export const readToInsertEvent: TransformPlugin = {
  kind: 'transformation',
  javaClass: 'io.debezium.connector.mysql.transforms.ReadToInsertEvent',
  aliases: [],
  version,
  config: {},
  create:
    () =>
    <R extends ConnectRecord>(record: R): R => {
      const event = changeEvent(record)
      if (event?.raw('op') !== 'r') return record
      return {
        ...record,
        value: datum(event.schema, new Struct(event.schema, [...event.values]).put('op', 'c')),
      }
    },
}
