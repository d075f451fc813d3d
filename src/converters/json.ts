/** `JsonConverter`: JSON with or without schemas, byte for byte as Kafka Connect writes it. */
import type { ByteBuffer } from '#bytes'
import type { Datum, Schema } from '#data'
import { ConfigError, DataError, messageOf } from '#errors'
import {
  boolean,
  type Converter,
  type ConverterPlugin,
  enumeration,
  int,
  parseConfig,
  string,
  version,
} from '#plugin'
import { converterType } from './converter-fields.ts'
import { JsonCursor } from './json-cursor.ts'
import { JsonReader } from './json-reader.ts'
import { readSchema } from './json-schema-reader.ts'
import { jsonFormat } from './json-format.ts'
import { JsonWriter } from './json-writer.ts'

const fields = {
  ...converterType,
  'schemas.enable': boolean({
    default: true,
    doc: 'Whether each record carries its schema: {"schema":…,"payload":…}.',
    importance: 'HIGH',
    group: 'Schemas',
    order: 0,
    width: 'MEDIUM',
    displayName: 'Enable Schemas',
  }),
  'schemas.cache.size': int({
    default: 1000,
    doc: 'How many schemas are kept ready.',
    importance: 'HIGH',
    group: 'Schemas',
    order: 1,
    width: 'MEDIUM',
    displayName: 'Schema Cache Size',
  }),
  'schema.content': string({
    default: null,
    doc: 'The schema of all records that are read, as JSON; the records then come without one.',
    importance: 'HIGH',
    group: 'Schemas',
    order: 2,
    width: 'MEDIUM',
    displayName: 'Schema Content',
  }),
  'decimal.format': enumeration({
    values: ['NUMERIC', 'BASE64'],
    ignoreCase: true,
    default: 'BASE64',
    doc: 'How decimals are written: as numbers, or as base64 of their unscaled bytes. Both can be read.',
    importance: 'LOW',
    group: 'Serialization',
    order: 0,
    width: 'MEDIUM',
    displayName: 'Decimal Format',
  }),
  'replace.null.with.default': boolean({
    default: true,
    doc: 'Whether a null in a field that has a default counts as the default.',
    importance: 'LOW',
    group: 'Serialization',
    order: 1,
    width: 'MEDIUM',
    displayName: 'Replace null with default',
  }),
}

export const jsonConverter: ConverterPlugin = {
  kind: 'converter',
  javaClass: 'org.apache.kafka.connect.json.JsonConverter',
  aliases: ['json'],
  version,
  config: fields,
  create(raw, use): Converter {
    const config = parseConfig(fields, { ...raw, 'converter.type': use })
    const defaultsForNull = config['replace.null.with.default']
    const reader = new JsonReader({
      schemas: config['schemas.enable'],
      fixed: fixedSchema(config['schema.content']),
      cacheSize: config['schemas.cache.size'],
      defaultsForNull,
    })
    const writer = new JsonWriter(jsonFormat(config['decimal.format'] === 'NUMERIC', defaultsForNull))
    const write = config['schemas.enable']
      ? (datum: Datum, out: ByteBuffer) => writer.enveloped(datum, out)
      : (datum: Datum, out: ByteBuffer) => writer.payload(datum, out)
    return {
      write: (_topic, datum, out) => writeWhole(write, datum, out),
      read: (topic, bytes) => reader.read(topic, bytes),
    }
  },
}

/** A value that fails half-way leaves nothing in the batch. */
function writeWhole(write: (datum: Datum, out: ByteBuffer) => void, datum: Datum, out: ByteBuffer): boolean {
  if (datum.schema === null && datum.value() === null) return false
  const start = out.length
  try {
    write(datum, out)
    return true
  } catch (error) {
    out.length = start
    if (error instanceof TypeError)
      throw new DataError(`Conversion error: ${messageOf(error)}`, { cause: error })
    throw error
  }
}

function fixedSchema(text: string | null): Schema | null {
  if (text === null || text === '') return null
  const cursor = new JsonCursor(Buffer.from(text))
  try {
    const schema = readSchema(cursor)
    if (cursor.peek() !== -1) throw cursor.wrong('the end')
    return schema
  } catch (error) {
    throw new ConfigError(`Invalid value for configuration schema.content: ${messageOf(error)}`, {
      cause: error,
    })
  }
}
