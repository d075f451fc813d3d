/** `StringConverter`: text in the encoding of one's choice; anything else as Java's `toString` prints it. */
import type { ByteBuffer } from '#bytes'
import { type Datum, datum, nothing, scalar } from '#data'
import { ConfigError } from '#errors'
import { type Converter, type ConverterPlugin, javaText, parseConfig, string, version } from '#plugin'
import { converterType } from './converter-fields.ts'

const fields = {
  ...converterType,
  'converter.encoding': string({
    default: 'UTF-8',
    doc: 'The character set of the bytes: UTF-8, UTF-16BE, UTF-16LE, ISO-8859-1 or US-ASCII.',
    importance: 'HIGH',
    width: 'MEDIUM',
    displayName: 'Encoding',
  }),
  'serializer.encoding': string({ default: null, doc: 'Older name of converter.encoding.', internal: true }),
}

interface Encoding {
  encode(text: string): Buffer
  decode(bytes: Buffer): string
}

/** ASCII has no more than seven bits: what does not fit is a question mark, as in Java. */
function narrow(bound: number): Encoding {
  return {
    encode: (text) =>
      Buffer.from(
        [...text].map((char) => ((char.codePointAt(0) ?? 0) < bound ? char : '?')).join(''),
        'latin1',
      ),
    decode: (bytes) =>
      bound === 128 ? bytes.toString('latin1').replace(/[\x80-\xff]/g, '\ufffd') : bytes.toString('latin1'),
  }
}

const encodings: Readonly<Record<string, Encoding>> = {
  'utf-8': { encode: (text) => Buffer.from(text, 'utf8'), decode: (bytes) => bytes.toString('utf8') },
  'utf-16le': {
    encode: (text) => Buffer.from(text, 'utf16le'),
    decode: (bytes) => bytes.toString('utf16le'),
  },
  'utf-16be': {
    encode: (text) => Buffer.from(text, 'utf16le').swap16(),
    decode: (bytes) =>
      Buffer.from(bytes.subarray(0, bytes.length & ~1))
        .swap16()
        .toString('utf16le'),
  },
  'iso-8859-1': narrow(256),
  'us-ascii': narrow(128),
}
const otherNames: Readonly<Record<string, string>> = {
  utf8: 'utf-8',
  latin1: 'iso-8859-1',
  'iso8859-1': 'iso-8859-1',
  iso8859_1: 'iso-8859-1',
  ascii: 'us-ascii',
}

const optionalString = scalar('string', { optional: true })

export const stringConverter: ConverterPlugin = {
  kind: 'converter',
  javaClass: 'org.apache.kafka.connect.storage.StringConverter',
  aliases: ['string'],
  version,
  config: fields,
  create(raw, use): Converter {
    const config = parseConfig(fields, { ...raw, 'converter.type': use })
    const given = raw['converter.encoding'] === undefined ? config['serializer.encoding'] : null
    const encoding = encodingOf(given ?? config['converter.encoding'])
    return {
      write: (_topic, value, out) => write(value, encoding, out),
      read: (_topic, bytes) =>
        bytes === null ? nothing : datum(optionalString, encoding.decode(bufferOf(bytes))),
    }
  },
}

function write(value: Datum, encoding: Encoding, out: ByteBuffer): boolean {
  const held = value.value()
  if (held === null) return false
  const text = javaText(held, value.schema)
  if (encoding === encodings['utf-8']) out.appendText(text)
  else out.append(encoding.encode(text))
  return true
}

function encodingOf(name: string): Encoding {
  const lower = name.toLowerCase()
  const encoding = encodings[otherNames[lower] ?? lower]
  if (encoding === undefined)
    throw new ConfigError(
      `Invalid value ${name} for configuration converter.encoding: Unsupported encoding`,
      {
        remedy: 'Known: UTF-8, UTF-16BE, UTF-16LE, ISO-8859-1, US-ASCII.',
      },
    )
  return encoding
}

function bufferOf(bytes: Uint8Array): Buffer {
  return bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
}
