/** `InsertHeader` and `DropHeaders`. Records that share their headers before share them afterwards. */
import { datum, type Headers } from '#data'
import {
  distinctNonEmpty,
  list,
  nonEmpty,
  parseConfig,
  parseSimple,
  string,
  type Transform,
  type TransformPlugin,
  version,
} from '#plugin'
import { packageName } from './part.ts'

const insertFields = {
  header: string({ doc: 'The name of the header.', importance: 'HIGH', validate: nonEmpty }),
  'value.literal': string({
    doc: 'Its value; the type follows from the text, as SimpleHeaderConverter reads it.',
    importance: 'HIGH',
    validate: nonEmpty,
  }),
}

export const insertHeader: TransformPlugin = {
  kind: 'transformation',
  javaClass: `${packageName}InsertHeader`,
  aliases: [],
  version,
  config: insertFields,
  create(raw) {
    const config = parseConfig(insertFields, raw)
    const guessed = parseSimple(config['value.literal'])
    const header = { key: config.header, value: datum(guessed.schema, guessed.value) }
    return changing((headers) => [...headers, header])
  },
}

const dropFields = {
  headers: list({ doc: 'Names of the headers to remove.', importance: 'HIGH', validate: distinctNonEmpty }),
}

export const dropHeaders: TransformPlugin = {
  kind: 'transformation',
  javaClass: `${packageName}DropHeaders`,
  aliases: [],
  version,
  config: dropFields,
  create(raw) {
    const dropped = new Set(parseConfig(dropFields, raw).headers)
    return changing((headers) =>
      headers.some((header) => dropped.has(header.key))
        ? headers.filter((header) => !dropped.has(header.key))
        : headers,
    )
  },
}

function changing(change: (headers: Headers) => Headers): Transform {
  let before: Headers | null = null
  let after: Headers = []
  return (record) => {
    if (record.headers !== before) {
      before = record.headers
      after = change(record.headers)
    }
    return after === record.headers ? record : { ...record, headers: after }
  }
}
