/**
 * point, as a struct with its well-known binary form; PostGIS' geometry and geography, whose text is the hexadecimal
 * EWKB; and the text of the other geometric types, for include.unknown.datatypes.
 *
 *   point := '(' float ',' float ')'
 *   ewkb  := order:1 type:4 srid:4? …        the srid stands there if type has the bit 0x20000000
 */
import { javaDouble, scalar, Struct, struct } from '#data'
import { decodeHex } from './binary.ts'
import { parseFloat64 } from './floats.ts'
import { misread, type ValueType } from './value-type.ts'

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

/** Little-endian, type 1, x, y. */
const pointBytes = Buffer.alloc(21)
pointBytes[0] = 1
pointBytes[1] = 1

export const pointType: ValueType = {
  schema: pointSchema,
  read: (bytes, from, to, writer) => {
    const comma = bytes.indexOf(0x2c, from)
    if (bytes[from] !== 0x28 || bytes[to - 1] !== 0x29 || comma < 0 || comma >= to) throw misread('a point')
    const x = parseFloat64(bytes, from + 1, comma)
    const y = parseFloat64(bytes, comma + 1, to - 1)
    pointBytes.writeDoubleLE(x, 5)
    pointBytes.writeDoubleLE(y, 13)
    writer.beginStruct(pointSchema)
    writer.field(0)
    writer.float64(x)
    writer.field(1)
    writer.float64(y)
    writer.field(2)
    writer.bytes(pointBytes, 0, 21)
    writer.field(3)
    writer.null()
    writer.endStruct()
  },
  zero: new Struct(pointSchema, [0, 0, Buffer.concat([Buffer.of(1, 1), Buffer.alloc(19)]), null]),
  unavailable: null,
  defaults: null,
}

const hasSrid = 0x20000000

/** geometry or geography: the EWKB as it is, and its srid once more. Announced as optional always, as by Debezium. */
function spatialType(name: 'Geometry' | 'Geography'): ValueType {
  const schema = struct(
    [
      ['wkb', scalar('bytes')],
      ['srid', optionalSrid],
    ],
    { name: `io.debezium.data.geometry.${name}`, version: 1, doc: name },
  )
  return {
    schema,
    read: (bytes, from, to, writer) => {
      const wkb = decodeHex(bytes, from, to)
      if (wkb.length < 9) throw misread('a geometry in EWKB')
      const little = wkb[0] === 1
      const type = little ? wkb.readUInt32LE(1) : wkb.readUInt32BE(1)
      writer.beginStruct(schema)
      writer.field(0)
      writer.bytes(wkb, 0, wkb.length)
      writer.field(1)
      if ((type & hasSrid) === 0) writer.null()
      else writer.integer(little ? wkb.readInt32LE(5) : wkb.readInt32BE(5))
      writer.endStruct()
    },
    // An empty collection of geometries.
    zero: new Struct(schema, [Buffer.of(1, 7, 0, 0, 0, 0, 0, 0, 0), null]),
    unavailable: null,
    defaults: null,
    alwaysOptional: true,
    optionalItem: true,
  }
}

export const geometryType = spatialType('Geometry')
export const geographyType = spatialType('Geography')

const geometricTypes = new Set(['line', 'lseg', 'box', 'path', 'polygon', 'circle'])

/** The text of these types with its numbers as Java prints them; null for all other types. */
export function geometricText(name: string): ((text: string) => string) | null {
  if (!geometricTypes.has(name)) return null
  return (text) =>
    text.replace(/-?(?:\d[\d.]*(?:e[+-]?\d+)?|Infinity)|NaN/g, (number) => javaDouble(Number(number)))
}
