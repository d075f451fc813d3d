/** Debezium's `ExtractChangedRecordState`: which columns an update has changed, and which not, as headers. */
import { array, type ConnectRecord, datum, Decimal, type Header, scalar, Struct } from '#data'
import { parseConfig, string, type Transform, type TransformPlugin, version } from '#plugin'
import { changeEvent, structIn } from './change-event.ts'

const fields = {
  'header.changed.name': string({
    default: null,
    doc: 'The header that lists the columns which have changed. Not set: there is none.',
    importance: 'LOW',
  }),
  'header.unchanged.name': string({
    default: null,
    doc: 'The header that lists the columns which are as before. Not set: there is none.',
    importance: 'LOW',
  }),
}

const names = array(scalar('string', { optional: true }), { optional: true })

export const extractChangedRecordState: TransformPlugin = {
  kind: 'transformation',
  javaClass: 'io.debezium.transforms.ExtractChangedRecordState',
  aliases: [],
  version,
  config: fields,
  create(raw): Transform {
    const config = parseConfig(fields, raw)
    const wanted = [
      { key: config['header.changed.name'], same: false },
      { key: config['header.unchanged.name'], same: true },
    ]
    return <R extends ConnectRecord>(record: R): R => {
      const event = changeEvent(record)
      if (event === null) return record
      const [before, after] = [structIn(event, 'before'), structIn(event, 'after')]
      const columns = (same: boolean): readonly string[] =>
        before === null || after === null
          ? []
          : after.schema.fields
              .filter(({ name }) => isEqual(after.raw(name), before.raw(name)) === same)
              .map(({ name }) => name)
      const more = wanted.flatMap(({ key, same }): Header[] =>
        key === null ? [] : [{ key, value: datum(names, columns(same)) }],
      )
      return { ...record, headers: [...record.headers, ...more] }
    }
  },
}

function isEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b) === 0
  if (a instanceof Decimal && b instanceof Decimal) return a.unscaled === b.unscaled && a.scale === b.scale
  if (a instanceof Struct && b instanceof Struct) return isEqual(a.values, b.values)
  if (a instanceof Map && b instanceof Map)
    return a.size === b.size && [...a].every(([key, value]) => b.has(key) && isEqual(value, b.get(key)))
  if (!Array.isArray(a) || !Array.isArray(b)) return false
  return a.length === b.length && a.every((each, index) => isEqual(each, b[index]))
}
