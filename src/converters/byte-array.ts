/** `ByteArrayConverter`: bytes as they are. */
import { datum, nothing, scalar } from '#data'
import { DataError } from '#errors'
import { type Converter, type ConverterPlugin, javaClassOf, version } from '#plugin'
import { converterType } from './converter-fields.ts'

const optionalBytes = scalar('bytes', { optional: true })

export const byteArrayConverter: ConverterPlugin = {
  kind: 'converter',
  javaClass: 'org.apache.kafka.connect.converters.ByteArrayConverter',
  aliases: ['bytes'],
  version,
  config: converterType,
  create(): Converter {
    return {
      write(_topic, given, out) {
        const { schema } = given
        if (schema !== null && schema.type !== 'bytes')
          throw new DataError(`Invalid schema type for ByteArrayConverter: ${schema.type.toUpperCase()}`)
        const value = given.value()
        if (value === null) return false
        if (!(value instanceof Uint8Array))
          throw new DataError(
            `ByteArrayConverter is not compatible with objects of type class ${javaClassOf(value, schema)}`,
          )
        out.append(value)
        return true
      },
      read: (_topic, bytes) => (bytes === null ? nothing : datum(optionalBytes, Buffer.from(bytes))),
    }
  },
}
