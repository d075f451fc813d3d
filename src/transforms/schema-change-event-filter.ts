/** Debezium's `SchemaChangeEventFilter`: drops schema changes of some kinds. */
import { type ConnectRecord, Struct } from '#data'
import { distinctNonEmpty, list, parseConfig, type TransformPlugin, version } from '#plugin'

const fields = {
  'schema.change.event.exclude.list': list({
    doc: 'Kinds of changes that are dropped: ALTER, CREATE, DROP. A record goes when each of its changes is one of them.',
    validate: distinctNonEmpty,
    importance: 'HIGH',
  }),
}

export const schemaChangeEventFilter: TransformPlugin = {
  kind: 'transformation',
  javaClass: 'io.debezium.transforms.SchemaChangeEventFilter',
  aliases: [],
  version,
  config: fields,
  create(raw) {
    const excluded = new Set(parseConfig(fields, raw)['schema.change.event.exclude.list'])
    return <R extends ConnectRecord>(record: R): R | null => {
      if (record.value.schema?.name?.endsWith('.SchemaChangeValue') !== true) return record
      const value = record.value.value()
      const changes = value instanceof Struct ? value.raw('tableChanges') : null
      if (!Array.isArray(changes) || changes.length === 0) return record
      const isExcluded = (change: unknown): boolean =>
        change instanceof Struct && excluded.has(String(change.raw('type')))
      return changes.every(isExcluded) ? null : record
    }
  },
}
