/** The converters of single numbers and booleans: big-endian, of fixed size, as Kafka's serializers write them. */
import type { ByteBuffer } from '#bytes'
import { type Datum, datum, nothing, scalar, type Schema } from '#data'
import { DataError } from '#errors'
import { type Converter, type ConverterPlugin, javaClassOf, version } from '#plugin'
import { converterType } from './converter-fields.ts'

interface Format {
  /** `Integer` of IntegerConverter, and the class of its values. */
  readonly title: string
  readonly alias: string
  readonly type: 'int16' | 'int32' | 'int64' | 'float32' | 'float64'
  readonly size: number
  write(bytes: Buffer, value: number | bigint, at: number): void
  read(bytes: Buffer): number | bigint
}

const formats: readonly Format[] = [
  {
    title: 'Short',
    alias: 'short',
    type: 'int16',
    size: 2,
    write: (bytes, value, at) => bytes.writeInt16BE(Number(value), at),
    read: (bytes) => bytes.readInt16BE(),
  },
  {
    title: 'Integer',
    alias: 'integer',
    type: 'int32',
    size: 4,
    write: (bytes, value, at) => bytes.writeInt32BE(Number(value), at),
    read: (bytes) => bytes.readInt32BE(),
  },
  {
    title: 'Long',
    alias: 'long',
    type: 'int64',
    size: 8,
    write: (bytes, value, at) => bytes.writeBigInt64BE(BigInt(value), at),
    read: (bytes) => bytes.readBigInt64BE(),
  },
  {
    title: 'Float',
    alias: 'float',
    type: 'float32',
    size: 4,
    write: (bytes, value, at) => bytes.writeFloatBE(Number(value), at),
    read: (bytes) => bytes.readFloatBE(),
  },
  {
    title: 'Double',
    alias: 'double',
    type: 'float64',
    size: 8,
    write: (bytes, value, at) => bytes.writeDoubleBE(Number(value), at),
    read: (bytes) => bytes.readDoubleBE(),
  },
]

function numberConverter(format: Format): ConverterPlugin {
  const { title, size } = format
  const schema = scalar(format.type, { optional: true })
  const name = title.toLowerCase()
  return {
    ...described(title, format.alias),
    create(): Converter {
      return {
        write(_topic, given, out) {
          const value = given.value()
          if (value === null) return false
          if (javaClassOf(value, given.schema) !== `java.lang.${title}`)
            throw new DataError(
              `Failed to serialize to ${name} (was class ${javaClassOf(value, given.schema)})`,
            )
          out.reserve(size)
          format.write(out.bytes, value as number | bigint, out.length)
          out.length += size
          return true
        },
        read(_topic, bytes) {
          if (bytes === null) return nothing
          if (bytes.length !== size)
            throw new DataError(
              `Failed to deserialize ${name}: Size of data received by ${title}Deserializer is not ${size}`,
            )
          return datum(schema, format.read(Buffer.from(bytes.buffer, bytes.byteOffset, size)))
        },
      }
    },
  }
}

function described(title: string, alias: string) {
  return {
    kind: 'converter',
    javaClass: `org.apache.kafka.connect.converters.${title}Converter`,
    aliases: [alias],
    version,
    config: converterType,
  } as const
}

const [short, integer, long, float, double] = formats.map(numberConverter) as [
  ConverterPlugin,
  ConverterPlugin,
  ConverterPlugin,
  ConverterPlugin,
  ConverterPlugin,
]
export { double, float, integer, long, short }

const optionalBoolean = scalar('boolean', { optional: true })

/** One byte, 0 or 1. */
export const bool: ConverterPlugin = {
  ...described('Boolean', 'boolean'),
  create(): Converter {
    return { write: (_topic, value, out) => writeBoolean(value, value.schema, out), read: readBoolean }
  },
}

function writeBoolean(given: Datum, schema: Schema | null, out: ByteBuffer): boolean {
  if (schema !== null && schema.type !== 'boolean')
    throw new DataError(`Invalid schema type for BooleanConverter: ${schema.type.toUpperCase()}`)
  const value = given.value()
  if (value === null) return false
  if (typeof value !== 'boolean')
    throw new DataError(
      `BooleanConverter is not compatible with objects of type class ${javaClassOf(value, schema)}`,
    )
  out.appendByte(value ? 1 : 0)
  return true
}

function readBoolean(_topic: string, bytes: Uint8Array | null): Datum {
  if (bytes === null) return nothing
  if (bytes.length !== 1)
    throw new DataError(
      'Failed to deserialize boolean: Size of data received by BooleanDeserializer is not 1',
    )
  const [byte] = bytes
  if (byte !== 0 && byte !== 1)
    throw new DataError(
      `Failed to deserialize boolean: Unexpected byte received by BooleanDeserializer: ${byte}`,
    )
  return datum(optionalBoolean, byte === 1)
}
