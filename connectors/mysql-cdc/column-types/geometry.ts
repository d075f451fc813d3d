/**
 * GEOMETRY and its kinds, in text and log alike.
 *
 *   value := srid:4 wkb               little-endian
 *   wkb   := order:1 type:4 …         a point: order type x:8 y:8
 */
import type { CellReader } from '#cdc'
import { scalar, Struct, struct } from '#data'
import { columnTypes as T } from '../decode/log-columns.ts'
import { float64At } from './floats.ts'
import { misread, noDefault, type ValueType } from './value-type.ts'

const optionalSrid = scalar('int32', { optional: true })

const pointSchema = struct(
  [
    ['x', scalar('float64')],
    ['y', scalar('float64')],
    ['wkb', scalar('bytes', { optional: true })],
    ['srid', optionalSrid],
  ],
  { name: 'io.debezium.data.geometry.Point', version: 1, doc: 'Geometry (POINT)' },
)

const geometrySchema = struct(
  [
    ['wkb', scalar('bytes')],
    ['srid', optionalSrid],
  ],
  { name: 'io.debezium.data.geometry.Geometry', version: 1, doc: 'Geometry' },
)

/** 0: none was given. */
function sridAt(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  )
}

const readPoint: CellReader = (bytes, from, to, writer) => {
  if (to - from !== 25 || bytes[from + 4] !== 1) throw misread('a point')
  const srid = sridAt(bytes, from)
  writer.beginStruct(pointSchema)
  writer.field(0)
  writer.float64(float64At(bytes, from + 9))
  writer.field(1)
  writer.float64(float64At(bytes, from + 17))
  writer.field(2)
  writer.bytes(bytes, from + 4, to)
  writer.field(3)
  if (srid === 0) writer.null()
  else writer.integer(srid)
  writer.endStruct()
}

const readGeometry: CellReader = (bytes, from, to, writer) => {
  if (to - from < 9) throw misread('a geometry')
  const srid = sridAt(bytes, from)
  writer.beginStruct(geometrySchema)
  writer.field(0)
  writer.bytes(bytes, from + 4, to)
  writer.field(1)
  if (srid === 0) writer.null()
  else writer.integer(srid)
  writer.endStruct()
}

const common = { unavailable: null, defaultOf: noDefault } as const

export const pointType: ValueType = {
  ...common,
  schema: pointSchema,
  readText: readPoint,
  readLog: (column) => (column.type === T.GEOMETRY ? readPoint : null),
  zero: new Struct(pointSchema, [0, 0, Buffer.concat([Buffer.of(1, 1), Buffer.alloc(19)]), null]),
}

export const geometryType: ValueType = {
  ...common,
  alwaysOptional: true,
  schema: geometrySchema,
  readText: readGeometry,
  readLog: (column) => (column.type === T.GEOMETRY ? readGeometry : null),
  // An empty collection of geometries.
  zero: new Struct(geometrySchema, [Buffer.of(1, 7, 0, 0, 0, 0, 0, 0, 0), null]),
}
