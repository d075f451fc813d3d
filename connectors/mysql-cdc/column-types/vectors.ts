/** VECTOR: 32-bit floats, little-endian, in text and log alike. */
import type { CellReader } from '#cdc'
import { array, scalar } from '#data'
import { columnTypes as T } from '../decode/log-columns.ts'
import { float32At } from './floats.ts'
import { misread, noDefault, type ValueType } from './value-type.ts'

const schema = array(scalar('float32'), { name: 'io.debezium.data.FloatVector', version: 1 })

const readVector: CellReader = (bytes, from, to, writer) => {
  const count = (to - from) / 4
  if (!Number.isInteger(count)) throw misread('a vector of 32-bit floats')
  writer.beginArray(schema, count)
  for (let i = 0; i < count; i++) {
    writer.element(i)
    writer.float32(float32At(bytes, from + i * 4))
  }
  writer.endArray()
}

export const vectorType: ValueType = {
  schema,
  readText: readVector,
  // MariaDB keeps it as bytes of variable length.
  readLog: (column) => (column.type === T.VECTOR || column.type === T.VARCHAR ? readVector : null),
  zero: [],
  unavailable: null,
  defaultOf: noDefault,
}
