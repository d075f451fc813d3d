/**
 * JSON: in text as the server prints it, in the log in binary form, which is printed as Debezium does. MariaDB's JSON is
 * text in both.
 */
import type { CellReader } from '#cdc'
import { scalar } from '#data'
import { columnTypes as T } from '../decode/log-columns.ts'
import { jsonText, printJson } from './json-text.ts'
import type { TypeOptions } from './options.ts'
import { textType } from './texts.ts'
import type { ValueType } from './value-type.ts'

const schema = scalar('string', { name: 'io.debezium.data.Json', version: 1 })

const readBinary: CellReader = (bytes, from, to, writer) => {
  // What the server leaves of a document that a statement could not fill in.
  if (from === to) return writer.string('{}')
  const end = printJson(bytes, from, to)
  writer.text(jsonText, 0, end)
}

export function jsonType(charset: string | null, options: TypeOptions): ValueType {
  const text = textType(charset, options, schema)
  return {
    ...text,
    readLog: (column) => (column.type === T.JSON ? readBinary : text.readLog(column)),
    zero: '{}',
  }
}
