/**
 * pgvector's types.
 *
 *   vector, halfvec := '[' float (',' float)* ']'
 *   sparsevec       := '{' (index ':' float (',' index ':' float)*)? '}' '/' dimensions
 */
import { latin1 } from '#bytes'
import { array, map, scalar, Struct, struct } from '#data'
import { hashOrder } from './hash-order.ts'
import { misread, type Refuse, type ValueType } from './value-type.ts'

function dense(item: 'float64' | 'float32', name: string): ValueType {
  const schema = array(scalar(item), { name: `io.debezium.data.${name}`, version: 1 })
  return {
    schema,
    read: (bytes, from, to, writer) => {
      const text = latin1(bytes, from, to)
      if (!/^\[[-+\d.e,]*\]$/.test(text)) throw misread('a vector')
      const numbers = text.slice(1, -1).split(',').map(Number)
      writer.beginArray(schema, numbers.length)
      numbers.forEach((number, index) => {
        writer.element(index)
        if (item === 'float64') writer.float64(number)
        else writer.float32(Math.fround(number))
      })
      writer.endArray()
    },
    zero: [],
    unavailable: null,
    defaults: null,
  }
}

const indexed = map(scalar('int16'), scalar('float64'))
const sparseSchema = struct(
  [
    ['dimensions', scalar('int16')],
    ['vector', indexed],
  ],
  { name: 'io.debezium.data.SparseDoubleVector', version: 1, doc: 'Sparse double vector' },
)

/** The schema counts dimensions in 16 bits; a vector with more is refused. */
function sparse(refuse: Refuse): ValueType {
  return {
    schema: sparseSchema,
    read: (bytes, from, to, writer) => {
      const match = /^\{((?:\d+:[-+\d.e]+,?)*)\}\/(\d+)$/.exec(latin1(bytes, from, to))
      if (match === null) throw misread('a sparse vector')
      const dimensions = Number(match[2])
      if (dimensions > 32767) return refuse(writer, 'a sparse vector of more than 32767 dimensions')
      const given = (match[1] ?? '').split(',').filter((part) => part !== '')
      const capacity = 2 ** Math.ceil(Math.log2(Math.max(given.length, 1)))
      const entries = hashOrder(
        given.map((part) => part.split(':').map(Number)),
        ([index]) => index ?? 0,
        capacity,
      )
      writer.beginStruct(sparseSchema)
      writer.field(0)
      writer.integer(dimensions)
      writer.field(1)
      writer.beginMap(indexed, entries.length)
      entries.forEach(([index, number], i) => {
        writer.entry(i)
        writer.integer(index as number)
        writer.entryValue()
        writer.float64(number as number)
      })
      writer.endMap()
      writer.endStruct()
    },
    zero: new Struct(sparseSchema, [0, new Map()]),
    unavailable: null,
    defaults: null,
  }
}

/** The type of that name, or null. */
export function vectorType(name: string, refuse: Refuse): ValueType | null {
  if (name === 'vector') return dense('float64', 'DoubleVector')
  if (name === 'halfvec') return dense('float32', 'FloatVector')
  return name === 'sparsevec' ? sparse(refuse) : null
}
